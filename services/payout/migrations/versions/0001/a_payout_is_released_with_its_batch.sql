-- The releaser of a payout is the one who released the batch that this attempt is on, built by who put it there.
CREATE FUNCTION payouts_released() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payment_batch_items AS item JOIN payment_batches AS batch ON batch.id = item.batch_id
        WHERE item.payout_id = NEW.id AND item.attempt = NEW.attempt AND batch.status = 'released'
            AND batch.built_by = NEW.batched_by AND batch.released_by = NEW.released_by
    ) THEN
        RAISE EXCEPTION 'a payout is released with its batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rl_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER released AFTER UPDATE ON payouts
    FOR EACH ROW WHEN (NEW.released_by IS NOT NULL AND NEW.released_by IS DISTINCT FROM OLD.released_by)
    EXECUTE FUNCTION payouts_released();
