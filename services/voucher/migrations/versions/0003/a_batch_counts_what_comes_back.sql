-- A claimed voucher that expires, is cancelled or given back returns to its batch's quota, once (R6). One that expired and is
-- bound late, having been presented in time, is not taken back from whoever has claimed in its place.
CREATE FUNCTION vouchers_leave_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.in_quota := OLD.in_quota
        AND NOT (NEW.claimed_at IS NOT NULL AND NEW.status IN ('expired', 'cancelled', 'given_back'));
    RETURN NEW;
END $$;
CREATE TRIGGER leave_quota BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_leave_quota();

CREATE FUNCTION vouchers_count_returned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE batches SET returned = returned + left_it.vouchers
    FROM (
        SELECT later.batch_id, count(*) AS vouchers
        FROM later JOIN earlier USING (id)
        WHERE earlier.in_quota AND NOT later.in_quota
        GROUP BY later.batch_id
    ) AS left_it
    WHERE batches.id = left_it.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_returned AFTER UPDATE ON vouchers REFERENCING OLD TABLE AS earlier NEW TABLE AS later
    FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_returned();
