-- A certificate serves the voucher of the same person, skill and level (A3, D6).
CREATE FUNCTION voucher_certificates_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM vouchers
        WHERE id = NEW.voucher_id AND person_id = NEW.person_id AND skill_code = NEW.skill_code AND level = NEW.level
    ) THEN
        RAISE EXCEPTION 'a certificate serves the voucher of the same person, skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_voucher_certificates_match';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER match BEFORE INSERT ON voucher_certificates
    FOR EACH ROW EXECUTE FUNCTION voucher_certificates_match();
