-- What the register of deaths holds its answer lifts, which the worker process follows; no officer does (R10).
CREATE FUNCTION voucher_holds_of_register() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.placed_by IS NULL) <> (current_user = 'voucher_worker') AND current_user IN ('voucher_api', 'voucher_worker')
        OR TG_OP = 'UPDATE' AND NEW.placed_by IS DISTINCT FROM OLD.placed_by
    THEN
        RAISE EXCEPTION 'the register of deaths places and lifts its holds, and officers theirs'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_voucher_holds';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER by_whom BEFORE INSERT OR UPDATE ON voucher_holds
    FOR EACH ROW EXECUTE FUNCTION voucher_holds_of_register();
