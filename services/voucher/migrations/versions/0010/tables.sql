ALTER TABLE register_extracts
    ADD COLUMN vital_status TEXT DEFAULT 'unknown' NOT NULL,
    ADD CONSTRAINT ck_register_extracts_vital_status CHECK (vital_status IN ('alive', 'deceased', 'unknown'));

CREATE TABLE vital_changes (
    person_id UUID NOT NULL CONSTRAINT fk_vital_changes_person_id REFERENCES workers (id),
    CONSTRAINT pk_vital_changes PRIMARY KEY (person_id)
);

ALTER TABLE voucher_holds
    ALTER COLUMN placed_by DROP NOT NULL,
    DROP CONSTRAINT ck_voucher_holds_lifted,
    ADD CONSTRAINT ck_voucher_holds_lifted CHECK (
        CASE WHEN lifted_at IS NULL OR placed_by IS NULL THEN lifted_by IS NULL ELSE lifted_by IS NOT NULL END),
    ADD CONSTRAINT ck_voucher_holds_placed CHECK ((placed_by IS NULL) = (reason_code = 'holder_deceased'));
CREATE UNIQUE INDEX uq_voucher_holds_register ON voucher_holds (voucher_id)
    WHERE placed_by IS NULL AND lifted_at IS NULL;
