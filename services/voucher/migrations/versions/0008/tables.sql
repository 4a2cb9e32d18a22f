CREATE TABLE mergers (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    person_id UUID NOT NULL,
    survivor_id UUID NOT NULL,
    reason_code TEXT NOT NULL,
    evidence_encrypted BYTEA NOT NULL,
    proposed_by UUID NOT NULL,
    decided_by UUID,
    merged_at TIMESTAMPTZ,
    separation_reason_code TEXT,
    separation_evidence_encrypted BYTEA,
    separation_proposed_by UUID,
    separated_by UUID,
    entered_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    CONSTRAINT pk_mergers PRIMARY KEY (id),
    CONSTRAINT ck_mergers_two_records CHECK (person_id <> survivor_id),
    CONSTRAINT ck_mergers_approved_by_another CHECK (proposed_by <> decided_by),
    CONSTRAINT ck_mergers_separated_by_another CHECK (separation_proposed_by <> separated_by),
    CONSTRAINT ck_mergers_decided CHECK ((status IN ('proposed', 'withdrawn')) = (decided_by IS NULL)),
    CONSTRAINT ck_mergers_merged CHECK (
        (status IN ('merged', 'separation_proposed', 'separated')) = (merged_at IS NOT NULL)),
    CONSTRAINT ck_mergers_separation CHECK (
        num_nonnulls(separation_proposed_by, separation_reason_code, separation_evidence_encrypted)
        = CASE WHEN status IN ('separation_proposed', 'separated') THEN 3 ELSE 0 END),
    CONSTRAINT ck_mergers_separated CHECK ((status = 'separated') = (separated_by IS NOT NULL)),
    CONSTRAINT fk_mergers_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT fk_mergers_survivor_id FOREIGN KEY (survivor_id) REFERENCES workers (id)
);
CREATE UNIQUE INDEX uq_mergers_standing ON mergers (person_id)
    WHERE status IN ('proposed', 'merged', 'separation_proposed');
CREATE INDEX ix_mergers_person_id ON mergers (person_id);
CREATE INDEX ix_mergers_survivor_id ON mergers (survivor_id);

-- Of what was received before nothing better is known: it counts as a money step since any merger.
ALTER TABLE payout_facts ADD COLUMN moved_at TIMESTAMPTZ DEFAULT now() NOT NULL;
ALTER TABLE payout_facts ALTER COLUMN moved_at DROP DEFAULT;

INSERT INTO dated_rules (name, valid_from, value, source) VALUES
    ('merger_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed'),
    ('merger_separation_proposed_working_days', '2021-12-31', 10, 'R1, to be confirmed');
