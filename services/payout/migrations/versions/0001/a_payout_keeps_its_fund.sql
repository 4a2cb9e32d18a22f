-- The fund that reserved for a payout stays its fund.
CREATE FUNCTION payouts_keep_fund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the fund of a payout never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'im_payouts';
END $$;

CREATE TRIGGER keep_fund BEFORE UPDATE ON payouts
    FOR EACH ROW WHEN (OLD.fund_id IS NOT NULL AND NEW.fund_id IS DISTINCT FROM OLD.fund_id)
    EXECUTE FUNCTION payouts_keep_fund();
