-- A voucher comes back once after a failed training (D28): what was counted never goes down, and counts no enrolment twice.
CREATE FUNCTION vouchers_count_failures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.failed_trainings <> OLD.failed_trainings
        AND (NEW.failed_trainings < OLD.failed_trainings OR OLD.status <> 'in_use' OR NEW.status <> 'claimed')
    THEN
        RAISE EXCEPTION 'a failed training is counted once, as the voucher comes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_failures';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER count_failures BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_count_failures();
