-- A verdict is given at a step of its voucher; what a voucher is for is its occasion.
ALTER TABLE eligibility_verdicts RENAME COLUMN occasion TO step;
ALTER TABLE eligibility_verdicts RENAME CONSTRAINT ck_eligibility_verdicts_occasion TO ck_eligibility_verdicts_step;

CREATE OR REPLACE FUNCTION vouchers_needs_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM eligibility_verdicts AS given
        WHERE given.voucher_id = NEW.id AND given.step = 'claim' AND given.batch_id = NEW.batch_id
            AND given.skill_code = NEW.skill_code AND given.level = NEW.level
    ) THEN
        RAISE EXCEPTION 'no voucher is claimed without a verdict on its skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_verdict';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION vouchers_needs_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM voucher_certificates WHERE voucher_id = NEW.id)
        OR NOT EXISTS (
            SELECT FROM eligibility_verdicts WHERE voucher_id = NEW.id AND step = 'certification'
        )
    THEN
        RAISE EXCEPTION 'no voucher is certified without its certificate and a fresh verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_certificate';
    END IF;
    RETURN NULL;
END $$;
