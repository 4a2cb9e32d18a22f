-- A file has what is under way of its batch, by its channel, all of it written down by one statement; it says how many
-- instructions those are, and their sum.
CREATE FUNCTION payment_file_items_of_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM added) <> (
        SELECT count(*) FROM added
            JOIN payment_files AS file ON file.id = added.file_id
            JOIN instructions ON instructions.id = added.instruction_id
            JOIN payment_batch_items AS item USING (payout_id, attempt)
            JOIN deliveries ON deliveries.instruction_id = instructions.id
        WHERE item.batch_id = file.batch_id AND deliveries.channel = file.channel
            AND deliveries.outcome IS NULL AND deliveries.given_at IS NULL
    ) OR EXISTS (
        SELECT FROM payment_files AS file
        WHERE file.id IN (SELECT file_id FROM added) AND (file.count, file.amount_fen) NOT IN (
            SELECT count(*), sum(deliveries.amount_fen) FROM payment_file_items AS item
                JOIN deliveries USING (instruction_id) WHERE item.file_id = file.id)
    ) THEN
        RAISE EXCEPTION 'not what goes to the bank by this file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'of_payment_file_items';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER of_batch AFTER INSERT ON payment_file_items REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION payment_file_items_of_batch();

CREATE FUNCTION payment_files_filled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_file_items WHERE file_id = NEW.id) THEN
        RAISE EXCEPTION 'nothing is in this file'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payment_files';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER filled AFTER INSERT ON payment_files
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_files_filled();
