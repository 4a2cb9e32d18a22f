-- The certificate that makes a voucher payable stands on the voucher, so that another one may follow a revoked one (R3).
ALTER TABLE voucher_certificates DROP CONSTRAINT uq_voucher_certificates_voucher_id;
ALTER TABLE voucher_certificates
    ADD CONSTRAINT uq_voucher_certificates_certificate_id_voucher_id UNIQUE (certificate_id, voucher_id);
CREATE INDEX ix_voucher_certificates_voucher_id ON voucher_certificates (voucher_id);

-- Each certification has a fresh verdict of its own.
ALTER TABLE eligibility_verdicts ADD COLUMN id UUID DEFAULT gen_random_uuid() NOT NULL;
ALTER TABLE eligibility_verdicts ALTER COLUMN id DROP DEFAULT;
ALTER TABLE eligibility_verdicts DROP CONSTRAINT pk_eligibility_verdicts;
ALTER TABLE eligibility_verdicts ADD CONSTRAINT pk_eligibility_verdicts PRIMARY KEY (id);
CREATE INDEX ix_eligibility_verdicts_voucher_id ON eligibility_verdicts (voucher_id);
CREATE UNIQUE INDEX uq_eligibility_verdicts_claim ON eligibility_verdicts (voucher_id) WHERE occasion = 'claim';

ALTER TABLE vouchers
    ADD COLUMN certificate_id UUID,
    ADD COLUMN certified_on DATE,
    ADD COLUMN certify_by DATE,
    ADD COLUMN failed_trainings SMALLINT DEFAULT 0 NOT NULL;
UPDATE vouchers SET certificate_id = given.certificate_id, certified_on = vouchers.eligibility_decided_on
FROM voucher_certificates AS given
WHERE given.voucher_id = vouchers.id AND vouchers.status IN ('certified', 'settling', 'redeemed', 'clawed_back');
ALTER TABLE vouchers
    ADD CONSTRAINT fk_vouchers_certificate FOREIGN KEY (certificate_id, id)
        REFERENCES voucher_certificates (certificate_id, voucher_id),
    ADD CONSTRAINT ck_vouchers_certified_by CHECK ((certificate_id IS NULL) = (certified_on IS NULL)),
    ADD CONSTRAINT ck_vouchers_certified
        CHECK (CASE WHEN status IN ('certified', 'settling') THEN certificate_id IS NOT NULL
            ELSE certificate_id IS NULL OR status IN ('redeemed', 'lapsed', 'clawed_back') END),
    ADD CONSTRAINT ck_vouchers_certify_by CHECK (enrolment_id IS NOT NULL OR certify_by IS NULL),
    ADD CONSTRAINT ck_vouchers_failed_trainings CHECK (failed_trainings BETWEEN 0 AND 1);
CREATE INDEX ix_vouchers_certified_on ON vouchers (certified_on) WHERE status = 'certified';
CREATE INDEX ix_vouchers_certificate_id ON vouchers (certificate_id) WHERE certificate_id IS NOT NULL;

ALTER TABLE payout_facts
    ADD COLUMN final BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_payout_facts_final CHECK (stage = 'returned' OR NOT final);

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('lapse_after_days', '2021-12-31', 365, 'D26'),
    ('recertify_days', '2021-12-31', 60, 'R3: so long at least for another certificate after a revocation'),
    ('returned_valid_days', '2021-12-31', 30, 'R5, D28: so long at least a voucher that comes back is valid');
