-- Each head that is signed is of more entries than those before, and of entries that there are.
CREATE FUNCTION checkpoints_larger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM checkpoints WHERE tree_size >= NEW.tree_size)
        OR NOT EXISTS (SELECT FROM log_entries WHERE leaf_index = NEW.tree_size - 1)
    THEN
        RAISE EXCEPTION 'a signed head is of a larger log than those before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_checkpoints_larger';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER larger BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION checkpoints_larger();
