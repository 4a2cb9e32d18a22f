-- Another series begins only after the one before it is over: passed, or failed to its last attempt (R8).
CREATE FUNCTION candidates_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.series_number > 1 AND NOT EXISTS (
        SELECT FROM candidates AS earlier
        WHERE earlier.series_id = NEW.series_id AND earlier.series_number = NEW.series_number - 1
            AND earlier.held_on < NEW.held_on
            AND (earlier.status = 'passed' OR (earlier.status = 'failed' AND earlier.attempt = 2))
    ) THEN
        RAISE EXCEPTION 'a series of attempts follows one that is over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_series';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER series BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_series();
