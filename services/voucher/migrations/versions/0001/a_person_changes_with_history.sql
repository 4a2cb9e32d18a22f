-- A person's name, phone and area change only together with the row that keeps what they were (R15, R27), and a name
-- only as it was proposed; the row has the version that the change gives the record.
CREATE FUNCTION a_person_changes_with_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed TEXT;
BEGIN
    FOREACH changed IN ARRAY array_remove(ARRAY[
        CASE WHEN NEW.phone_encrypted <> OLD.phone_encrypted THEN 'phone' END,
        CASE WHEN NEW.area <> OLD.area THEN 'area' END,
        CASE WHEN (NEW.name_encrypted, NEW.subject_digest) <> (OLD.name_encrypted, OLD.subject_digest) THEN 'name' END
    ], NULL) LOOP
        IF NOT EXISTS (
            SELECT FROM worker_changes AS change LEFT JOIN name_proposals AS proposal ON proposal.id = change.proposal_id
            WHERE change.person_id = NEW.id AND change.version = NEW.version AND change.field = changed
                AND change.previous_digest = OLD.subject_digest
                AND (change.field <> 'area' OR change.previous_area = OLD.area)
                AND (change.field <> 'name'
                    OR (proposal.person_id, proposal.proposed_by) = (NEW.id, change.proposed_by))
        ) THEN
            RAISE EXCEPTION 'the % of a person changes with its history', changed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_workers_history';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER history AFTER UPDATE ON workers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION a_person_changes_with_history();
