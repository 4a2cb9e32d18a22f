-- What the bank finally answered stays.
CREATE FUNCTION deliveries_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL OR NEW.payout_id <> OLD.payout_id OR NEW.calls < OLD.calls THEN
        RAISE EXCEPTION 'the bank''s final answer stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_deliveries';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER final BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_final();
