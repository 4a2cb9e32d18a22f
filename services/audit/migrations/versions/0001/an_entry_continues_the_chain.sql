-- The hash of an entry is SHA-256 over the hash before it, 32 zero bytes before the first, and its envelope; the entry
-- before it is there.
CREATE FUNCTION log_entries_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN log_entries AS previous ON previous.leaf_index = added.leaf_index - 1
        WHERE (previous.leaf_index IS NULL AND added.leaf_index <> 0)
            OR added.hash <> sha256(coalesce(previous.hash, decode(repeat('00', 32), 'hex')) || added.envelope)
    ) THEN
        RAISE EXCEPTION 'the chain of log_entries does not continue like this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_chain';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER chain AFTER INSERT ON log_entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION log_entries_chain();
