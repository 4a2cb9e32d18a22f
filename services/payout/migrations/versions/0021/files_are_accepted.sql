-- No batch is built to go in a file while nobody reads what the bank answers (R1): a dated switch.
CREATE FUNCTION payment_batches_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_on('payment_files_accepted') THEN
        RAISE EXCEPTION 'no batch goes in a file yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ac_payment_batches';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accepted BEFORE INSERT ON payment_batches
    FOR EACH ROW WHEN (NEW.channel <> 'http') EXECUTE FUNCTION payment_batches_accepted();
