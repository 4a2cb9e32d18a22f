-- The amount is that of the rate in force on the day of assessment, and the limit of second approval that of the day of
-- opening; neither is anybody's input (DOMAIN §4, 5).
CREATE FUNCTION payouts_priced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rate_id IS NULL THEN
        IF NEW.amount_fen <> 0 THEN
            RAISE EXCEPTION 'an amount without a rate' USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM rates JOIN certificate_copies AS copy ON copy.certificate_id = NEW.certificate_id
        WHERE rates.id = NEW.rate_id AND rates.programme = NEW.programme AND rates.certificate_kind = copy.kind
            AND rates.level = NEW.level AND rates.act = copy.act AND rates.amount_fen = NEW.amount_fen
            AND copy.priced_on BETWEEN rates.valid_from AND coalesce(rates.valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'the amount is not that of the rate in force on the day of assessment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    IF NOT EXISTS (
        SELECT FROM dated_rules
        WHERE name = 'second_approval_above_fen' AND value = NEW.second_approval_above_fen
            AND NEW.opened_on BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) THEN
        RAISE EXCEPTION 'not the limit of second approval in force on the day of opening'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pr_payouts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER priced BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_priced();
