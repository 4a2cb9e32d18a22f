-- Candidate and session are cancelled together: nobody waits for an assessment that is not held.
CREATE FUNCTION candidates_freed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM candidates AS candidate JOIN assessment_sessions AS held ON held.id = candidate.session_id
        WHERE held.id = CASE TG_TABLE_NAME WHEN 'candidates' THEN (to_jsonb(NEW) ->> 'session_id')::uuid ELSE NEW.id END
            AND (held.status = 'cancelled' AND candidate.status = 'admitted'
                OR held.status <> 'cancelled' AND candidate.status = 'cancelled')
    ) THEN
        RAISE EXCEPTION 'a session is cancelled with its candidates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_assessment_sessions_freed';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER freed AFTER UPDATE ON assessment_sessions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'cancelled') EXECUTE FUNCTION candidates_freed();
CREATE CONSTRAINT TRIGGER freed AFTER UPDATE ON candidates
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'cancelled') EXECUTE FUNCTION candidates_freed();
