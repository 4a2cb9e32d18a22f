-- No money is reserved for a training that no officer has verified (验收, R20): a dated switch, on.
CREATE FUNCTION awaits_class(about payouts) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM dated_rules, business_clock
        WHERE name = 'class_verification_awaited' AND value = 1
            AND ((now() + "offset") AT TIME ZONE 'Asia/Shanghai')::date
                BETWEEN valid_from AND coalesce(valid_to, 'infinity')
    ) AND NOT EXISTS (
        SELECT FROM voucher_facts AS said JOIN class_facts AS verified USING (class_id)
        WHERE said.voucher_id = about.voucher_id
    )
$$;

CREATE FUNCTION payouts_class_verified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF awaits_class(NEW) THEN
        RAISE EXCEPTION 'a payout is checked once its class is verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cv_payouts';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER class_verified BEFORE UPDATE ON payouts
    FOR EACH ROW WHEN (NEW.status = 'checked' AND OLD.status <> 'checked') EXECUTE FUNCTION payouts_class_verified();
