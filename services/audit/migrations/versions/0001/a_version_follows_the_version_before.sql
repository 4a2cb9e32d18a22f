-- Of each aggregate every version is in the log, each behind the one before.
CREATE FUNCTION log_entries_version_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        WHERE added.version > 1 AND NOT EXISTS (
            SELECT FROM log_entries AS earlier
            WHERE earlier.aggregate_type = added.aggregate_type
                AND earlier.aggregate_id = added.aggregate_id
                AND earlier.version = added.version - 1
                AND earlier.leaf_index < added.leaf_index)
    ) THEN
        RAISE EXCEPTION 'log_entries would have a gap'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_version_follows';
    END IF;
    RETURN NULL;
END $$;

-- By name it comes after `chain`: a broken chain is named first.
CREATE TRIGGER version_follows AFTER INSERT ON log_entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION log_entries_version_follows();
