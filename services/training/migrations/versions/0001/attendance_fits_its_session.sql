-- Records of the day go into an open session, corrections into a closed one; minutes are never more than the times
-- share with the session (D4).
CREATE FUNCTION attendance_fits_its_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    session class_sessions%ROWTYPE;
BEGIN
    SELECT * INTO session FROM class_sessions WHERE id = NEW.class_session_id;
    IF (NEW.kind IN ('code', 'roster') AND session.status <> 'open')
        OR (NEW.kind NOT IN ('code', 'roster') AND session.status <> 'closed')
    THEN
        RAISE EXCEPTION 'a % record does not belong in a session that is %', NEW.kind, session.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_session';
    END IF;
    IF NEW.minutes > 0 AND NEW.minutes > floor(extract(epoch FROM
        least(NEW.checked_out_at, session.ends_at) - greatest(NEW.checked_in_at, session.starts_at)) / 60)
    THEN
        RAISE EXCEPTION 'more minutes than the times share with the session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_minutes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER checked BEFORE INSERT ON attendance
    FOR EACH ROW EXECUTE FUNCTION attendance_fits_its_session();
