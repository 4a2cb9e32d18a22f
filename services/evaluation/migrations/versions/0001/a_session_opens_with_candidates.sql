-- There is somebody to assess.
CREATE FUNCTION assessment_sessions_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM candidates c WHERE c.session_id = NEW.id AND c.status = 'admitted') THEN
        RAISE EXCEPTION 'a session opens with candidates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_assessment_sessions_candidates';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER candidates BEFORE UPDATE ON assessment_sessions
    FOR EACH ROW WHEN (OLD.status = 'scheduled' AND NEW.status = 'open')
    EXECUTE FUNCTION assessment_sessions_candidates();
