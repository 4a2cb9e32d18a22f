-- For a voucher that two officers refused for good no payout is opened any more (R2).
CREATE FUNCTION payouts_after_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payouts AS earlier WHERE earlier.voucher_id = NEW.voucher_id AND earlier.final) THEN
        RAISE EXCEPTION 'nothing is paid for a voucher that was refused for good'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'fi_payouts';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER after_final BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_after_final();
