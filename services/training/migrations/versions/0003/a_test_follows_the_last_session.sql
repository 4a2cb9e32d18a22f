-- A completion test is held once the class is over: not before the day of its last session (R17).
CREATE FUNCTION completion_tests_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM enrolments AS enrolment JOIN classes AS taught ON taught.id = enrolment.class_id
        WHERE enrolment.id = NEW.enrolment_id AND NEW.held_on < (taught.ends_at AT TIME ZONE 'Asia/Shanghai')::date
    ) THEN
        RAISE EXCEPTION 'a completion test follows the last session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_completion_tests_follow';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER follow BEFORE INSERT ON completion_tests
    FOR EACH ROW EXECUTE FUNCTION completion_tests_follow();
