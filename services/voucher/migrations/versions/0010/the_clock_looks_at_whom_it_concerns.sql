-- What the register of deaths says of a person, and whose record is whose, is followed by the clock: nobody has to think of
-- it, and it looks at nobody else.
CREATE FUNCTION note_vital_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'register_extracts' THEN
        INSERT INTO vital_changes VALUES (NEW.person_id) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO vital_changes
            SELECT id FROM unnest(ARRAY[NEW.id, OLD.survivor_id]) AS changed (id) WHERE id IS NOT NULL
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER vital_status AFTER INSERT ON register_extracts
    FOR EACH ROW WHEN (NEW.vital_status <> 'unknown') EXECUTE FUNCTION note_vital_change();
CREATE TRIGGER vital_status AFTER UPDATE ON workers
    FOR EACH ROW WHEN (NEW.survivor_id IS DISTINCT FROM OLD.survivor_id) EXECUTE FUNCTION note_vital_change();
