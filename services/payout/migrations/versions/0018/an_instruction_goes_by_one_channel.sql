-- An instruction goes by the channel of the batch that it is on: either it is called for, or it stands in one file of that
-- batch. Neither channel ever changes.
DROP TRIGGER immutable ON payment_batches;
CREATE TRIGGER immutable BEFORE UPDATE ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION guard_columns(
        'fund_id', 'area', 'count', 'amount_fen', 'built_by', 'second_release_above_fen', 'channel'
    );
CREATE TRIGGER immutable BEFORE UPDATE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION guard_columns('channel');

CREATE FUNCTION deliveries_by_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM instructions
            JOIN payment_batch_items AS item USING (payout_id, attempt)
            JOIN payment_batches AS batch ON batch.id = item.batch_id
        WHERE instructions.id = NEW.instruction_id AND batch.channel = NEW.channel
    ) THEN
        RAISE EXCEPTION 'an instruction goes by the channel of its batch'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ch_deliveries';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER by_channel BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION deliveries_by_channel();

CREATE FUNCTION deliveries_in_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_file_items WHERE instruction_id = NEW.instruction_id) THEN
        RAISE EXCEPTION 'an instruction that goes by a file stands in one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fl_deliveries';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER in_file BEFORE UPDATE ON deliveries
    FOR EACH ROW WHEN (NEW.channel <> 'http' AND NEW.given_at IS DISTINCT FROM OLD.given_at)
    EXECUTE FUNCTION deliveries_in_file();
