-- The worker process moves assessments by the clock alone: what nobody opened is cancelled. Results are people's.
CREATE FUNCTION guard_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the clock cancels %, and nothing else', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wk_' || TG_TABLE_NAME;
END $$;
CREATE TRIGGER worker BEFORE UPDATE ON assessment_sessions
    FOR EACH ROW WHEN (current_user = 'evaluation_worker' AND (NEW.status <> 'cancelled' OR OLD.status <> 'scheduled'))
    EXECUTE FUNCTION guard_worker();
CREATE TRIGGER worker BEFORE UPDATE ON candidates
    FOR EACH ROW WHEN (current_user = 'evaluation_worker' AND (NEW.status <> 'cancelled' OR OLD.status <> 'admitted'))
    EXECUTE FUNCTION guard_worker();
