-- Whoever writes a claim, the batch counts it, and `ck_batches_quota` stops the one too many.
CREATE FUNCTION vouchers_count_created() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (SELECT batch_id, count(*) AS vouchers FROM created WHERE claimed_at IS NOT NULL GROUP BY batch_id) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_created AFTER INSERT ON vouchers REFERENCING NEW TABLE AS created
    FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_created();

CREATE FUNCTION vouchers_count_taken_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (
        SELECT later.batch_id, count(*) AS vouchers
        FROM later JOIN earlier USING (id)
        WHERE earlier.claimed_at IS NULL AND later.claimed_at IS NOT NULL
        GROUP BY later.batch_id
    ) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_taken_up AFTER UPDATE ON vouchers REFERENCING OLD TABLE AS earlier NEW TABLE AS later
    FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_taken_up();
