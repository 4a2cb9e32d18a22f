-- Kept beside the records: those that no other supersedes, whose exclusion constraint holds DOMAIN §4, 12. As the
-- owner, so that no role of the service writes what stands, and none can make a person be in two places at once.
CREATE FUNCTION keep_standing_attendance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM standing_attendance WHERE attendance_id = NEW.supersedes;
    IF NEW.checked_in_at IS NOT NULL THEN
        INSERT INTO standing_attendance (attendance_id, class_session_id, enrolment_id, person_id, kind,
                                         checked_in_at, checked_out_at, minutes)
        VALUES (NEW.id, NEW.class_session_id, NEW.enrolment_id, NEW.person_id, NEW.kind,
                NEW.checked_in_at, NEW.checked_out_at, NEW.minutes);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER standing AFTER INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION keep_standing_attendance();
