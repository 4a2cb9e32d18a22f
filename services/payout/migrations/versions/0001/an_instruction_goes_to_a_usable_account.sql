-- Only a confirmed account whose cool-off is over is pinned.
CREATE FUNCTION instructions_usable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts, business_clock
        WHERE accounts.id = NEW.account_id AND accounts.status = 'confirmed'
            AND accounts.usable_from <= clock_timestamp() + business_clock."offset"
    ) THEN
        RAISE EXCEPTION 'only a confirmed account whose cool-off is over is paid to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'us_instructions';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER usable AFTER INSERT ON instructions FOR EACH ROW EXECUTE FUNCTION instructions_usable();
