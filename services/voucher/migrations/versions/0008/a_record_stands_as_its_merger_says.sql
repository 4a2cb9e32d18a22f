-- A record stands, or names its survivor, as the merger that two officers decided says (R16).
CREATE FUNCTION a_record_stands_as_its_merger_says() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    record uuid := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF (SELECT survivor_id FROM workers WHERE id = record) IS DISTINCT FROM
        (SELECT survivor_id FROM mergers WHERE person_id = record AND status IN ('merged', 'separation_proposed'))
    THEN
        RAISE EXCEPTION 'a record is merged, and parted again, by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_workers_merger';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER merger AFTER UPDATE ON workers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.survivor_id IS DISTINCT FROM OLD.survivor_id)
    EXECUTE FUNCTION a_record_stands_as_its_merger_says('id');
CREATE CONSTRAINT TRIGGER record AFTER INSERT OR UPDATE ON mergers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('merged', 'separated'))
    EXECUTE FUNCTION a_record_stands_as_its_merger_says('person_id');

-- No record is registered as merged already.
CREATE CONSTRAINT TRIGGER registered AFTER INSERT ON workers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.survivor_id IS NOT NULL)
    EXECUTE FUNCTION a_record_stands_as_its_merger_says('id');
