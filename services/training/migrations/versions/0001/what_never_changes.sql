-- Whose enrolment it is and what it was made from, which class a session is of, how many seats were approved.
CREATE FUNCTION refuse_change_of_fixed_columns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fixed column of % never changes', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
END $$;

CREATE TRIGGER immutable BEFORE UPDATE ON class_sessions FOR EACH ROW
    WHEN ((NEW.id, NEW.class_id, NEW.institution, NEW.code_key)
        IS DISTINCT FROM (OLD.id, OLD.class_id, OLD.institution, OLD.code_key))
    EXECUTE FUNCTION refuse_change_of_fixed_columns();
CREATE TRIGGER immutable BEFORE UPDATE ON class_seats FOR EACH ROW
    WHEN ((NEW.class_id, NEW.seats) IS DISTINCT FROM (OLD.class_id, OLD.seats))
    EXECUTE FUNCTION refuse_change_of_fixed_columns();
-- Everything but where the enrolment stands, and why it was refused or withdrawn.
CREATE TRIGGER immutable BEFORE UPDATE ON enrolments FOR EACH ROW
    WHEN ((to_jsonb(NEW) - '{status,version,open_holds,reason_code}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{status,version,open_holds,reason_code}'::text[]))
    EXECUTE FUNCTION refuse_change_of_fixed_columns();
