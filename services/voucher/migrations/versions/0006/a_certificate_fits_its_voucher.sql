-- A certificate serves the voucher of the same person, skill, level and occasion (A3, D6, R7).
CREATE OR REPLACE FUNCTION voucher_certificates_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM vouchers
        WHERE id = NEW.voucher_id AND person_id = NEW.person_id AND skill_code = NEW.skill_code AND level = NEW.level
            AND occasion = NEW.occasion
    ) THEN
        RAISE EXCEPTION 'a certificate serves the voucher of the same person, skill, level and occasion'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_voucher_certificates_match';
    END IF;
    RETURN NEW;
END $$;
