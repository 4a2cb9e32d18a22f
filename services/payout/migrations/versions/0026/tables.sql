ALTER TABLE voucher_holds ADD COLUMN held_at TIMESTAMPTZ, ADD COLUMN lifted_at TIMESTAMPTZ;
UPDATE voucher_holds SET held_at = now(), lifted_at = CASE WHEN lifted THEN now() END;
ALTER TABLE voucher_holds
    ALTER COLUMN held_at SET NOT NULL,
    ADD CONSTRAINT ck_voucher_holds_lifted CHECK (lifted = (lifted_at IS NOT NULL));
