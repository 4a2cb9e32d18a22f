DROP TRIGGER step ON payment_batches;
CREATE TRIGGER step AFTER INSERT OR UPDATE ON payment_batches FOR EACH ROW EXECUTE FUNCTION guard_step(
    '{"=": ["endorsed_by"], "released": ["released_by"]}', '{endorsed_by,released_by}'
);
DROP TRIGGER immutable ON payment_batches;
CREATE TRIGGER immutable BEFORE UPDATE ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'fund_id', 'area', 'count', 'amount_fen', 'built_by', 'second_release_above_fen'
    );

-- The limit is the rule's in force on the day of building, and nobody's input; whoever agreed stays named, and took no step
-- on any payout of the batch, nor is any of them theirs.
CREATE FUNCTION payment_batches_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM dated_rules
            WHERE name = 'second_release_above_fen' AND value = NEW.second_release_above_fen
                AND (NEW.created_at AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN valid_from AND coalesce(valid_to, 'infinity')
        ) THEN
            RAISE EXCEPTION 'not the limit in force on the day of building'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'by_payment_batches';
        END IF;
    ELSIF OLD.endorsed_by IS NOT NULL OR EXISTS (
        SELECT FROM payment_batch_items AS item JOIN payouts ON payouts.id = item.payout_id
        WHERE item.batch_id = NEW.id AND NEW.endorsed_by IN (
            payouts.person_id, payouts.key_person_id, payouts.reviewed_by, payouts.approved_by,
            payouts.second_approved_by, payouts.batched_by)
    ) THEN
        RAISE EXCEPTION 'another natural person agrees to a release, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'by_payment_batches';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER by_two BEFORE INSERT ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION payment_batches_by_two();
CREATE TRIGGER endorsed BEFORE UPDATE ON payment_batches
    FOR EACH ROW WHEN (NEW.endorsed_by IS DISTINCT FROM OLD.endorsed_by) EXECUTE FUNCTION payment_batches_by_two();
