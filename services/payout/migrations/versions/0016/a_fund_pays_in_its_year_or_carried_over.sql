-- What is not on a released batch by 31 December is paid once its fund is carried over.
CREATE FUNCTION payment_batches_in_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM funds WHERE id = NEW.fund_id AND status NOT IN ('carried_over', 'closed') AND year < business_year()
    ) THEN
        RAISE EXCEPTION 'the year of this fund is over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'yr_payment_batches';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER in_year BEFORE INSERT ON payment_batches
    FOR EACH ROW EXECUTE FUNCTION payment_batches_in_year();
CREATE TRIGGER released_in_year BEFORE UPDATE ON payment_batches
    FOR EACH ROW WHEN (OLD.status = 'built' AND NEW.status = 'released') EXECUTE FUNCTION payment_batches_in_year();
