-- Who may be paid and whose voucher it is object to a final rejection (R2); an upheld one opens another payout in its place.
ALTER TABLE objections
    ADD COLUMN about text DEFAULT 'notice' NOT NULL,
    ADD COLUMN organisation text,
    DROP CONSTRAINT ck_objections_reason,
    DROP CONSTRAINT ck_objections_proposed,
    DROP CONSTRAINT ck_objections_decided,
    DROP CONSTRAINT ck_objections_as_proposed,
    ADD CONSTRAINT ck_objections_about CHECK (about IN ('notice', 'rejection')),
    ADD CONSTRAINT ck_objections_organisation CHECK (organisation IS NULL OR about = 'rejection'),
    ADD CONSTRAINT ck_objections_reason CHECK (
        num_nonnulls(outcome, reason_code, CASE about WHEN 'notice' THEN proposed_by ELSE decided_by END) IN (0, 3)
    ),
    ADD CONSTRAINT ck_objections_proposed CHECK (
        CASE about WHEN 'notice' THEN status <> 'lodged' AND (status = 'filed') = (proposed_by IS NULL)
            ELSE status NOT IN ('filed', 'proposed') AND proposed_by IS NULL END
    ),
    ADD CONSTRAINT ck_objections_decided CHECK ((status IN ('filed', 'proposed', 'lodged')) = (decided_by IS NULL)),
    ADD CONSTRAINT ck_objections_as_proposed CHECK (status IN ('filed', 'proposed', 'lodged') OR status = outcome);
CREATE UNIQUE INDEX uq_objections_rejection ON objections (payout_id) WHERE about = 'rejection';
DROP INDEX ix_objections_due;
CREATE INDEX ix_objections_due ON objections (due_on) WHERE status IN ('filed', 'proposed', 'lodged');

ALTER TABLE payouts
    ADD COLUMN reopens uuid,
    ADD CONSTRAINT uq_payouts_reopens UNIQUE (reopens),
    ADD CONSTRAINT fk_payouts_reopens FOREIGN KEY (reopens) REFERENCES payouts (id);

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('rejection_objection_working_days', '2021-12-31', 10, 'D27: within so many whole working days after it');
