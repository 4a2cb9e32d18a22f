-- Objections to what is on public notice; their text is encrypted.
CREATE TABLE objections (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    payout_id uuid NOT NULL,
    area text NOT NULL,
    objector_id uuid NOT NULL,
    filed_by uuid NOT NULL,
    channel text NOT NULL,
    statement bytea NOT NULL,
    evidence_digest text,
    due_on date NOT NULL,
    outcome text,
    reason_code text,
    proposed_by uuid,
    decided_by uuid,
    CONSTRAINT pk_objections PRIMARY KEY (id),
    CONSTRAINT fk_objections_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id),
    CONSTRAINT fk_objections_objector_id FOREIGN KEY (objector_id) REFERENCES persons (id),
    CONSTRAINT fk_objections_filed_by FOREIGN KEY (filed_by) REFERENCES persons (id),
    CONSTRAINT fk_objections_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons (id),
    CONSTRAINT fk_objections_decided_by FOREIGN KEY (decided_by) REFERENCES persons (id),
    CONSTRAINT ck_objections_channel CHECK (channel IN ('app', 'counter', 'officer')),
    CONSTRAINT ck_objections_own CHECK (channel <> 'app' OR filed_by = objector_id),
    CONSTRAINT ck_objections_evidence CHECK (evidence_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_objections_outcome CHECK (outcome IN ('upheld', 'dismissed')),
    CONSTRAINT ck_objections_reason CHECK (num_nonnulls(outcome, reason_code, proposed_by) IN (0, 3)),
    CONSTRAINT ck_objections_proposed CHECK ((status = 'filed') = (proposed_by IS NULL)),
    CONSTRAINT ck_objections_decided CHECK ((status IN ('filed', 'proposed')) = (decided_by IS NULL)),
    CONSTRAINT ck_objections_as_proposed CHECK (status IN ('filed', 'proposed') OR status = outcome),
    CONSTRAINT ck_objections_distinct_persons CHECK (
        proposed_by <> decided_by AND proposed_by <> objector_id AND decided_by <> objector_id
    )
);
CREATE UNIQUE INDEX uq_objections_open ON objections (payout_id, objector_id) WHERE status IN ('filed', 'proposed');
CREATE INDEX ix_objections_due ON objections (due_on) WHERE status IN ('filed', 'proposed');
CREATE INDEX ix_objections_objector ON objections (objector_id, id);
CREATE INDEX ix_objections_payout ON objections (payout_id);

ALTER TABLE payout_holds DROP CONSTRAINT ck_payout_holds_source;
ALTER TABLE payout_holds ADD CONSTRAINT ck_payout_holds_source CHECK (source IN (
    'officer', 'eligibility', 'voucher', 'institution', 'certificate', 'revocation', 'signature', 'duplicate_person',
    'bank', 'sending', 'objection'
));
INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('objection_working_days', '2021-12-31', 10, 'D19: within so many whole working days an objection is decided');
