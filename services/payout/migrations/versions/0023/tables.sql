-- What the bank reports of files: a report, and a row for each thing that it says of an instruction.
ALTER TABLE payment_file_items ADD CONSTRAINT uq_payment_file_items_file UNIQUE (instruction_id, file_id);

CREATE TABLE bank_reports (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    file_id uuid NOT NULL,
    digest text NOT NULL,
    count integer NOT NULL,
    uploaded_by uuid NOT NULL,
    confirmed_by uuid,
    CONSTRAINT pk_bank_reports PRIMARY KEY (id),
    CONSTRAINT uq_bank_reports_file UNIQUE (id, file_id),
    CONSTRAINT ck_bank_reports_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_bank_reports_count CHECK (count > 0),
    CONSTRAINT ck_bank_reports_distinct_persons CHECK (uploaded_by <> confirmed_by),
    CONSTRAINT ck_bank_reports_confirmed CHECK (status NOT IN ('confirmed', 'applied') OR confirmed_by IS NOT NULL),
    CONSTRAINT fk_bank_reports_file_id FOREIGN KEY (file_id) REFERENCES payment_files (id),
    CONSTRAINT fk_bank_reports_uploaded_by FOREIGN KEY (uploaded_by) REFERENCES persons (id),
    CONSTRAINT fk_bank_reports_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES persons (id)
);
CREATE UNIQUE INDEX uq_bank_reports_digest ON bank_reports (digest) WHERE status <> 'rejected';
CREATE INDEX ix_bank_reports_overdue ON bank_reports (status, entered_at) WHERE status = 'uploaded';

CREATE TABLE bank_report_rows (
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    number integer NOT NULL,
    file_id uuid NOT NULL,
    named_id uuid,
    instruction_id uuid,
    answer text NOT NULL,
    amount_fen bigint,
    number_index bytea,
    reason text,
    outcome text,
    judged_at timestamptz,
    proposed_by uuid,
    dismissed_by uuid,
    dismissed_at timestamptz,
    CONSTRAINT pk_bank_report_rows PRIMARY KEY (id),
    CONSTRAINT uq_bank_report_rows_number UNIQUE (report_id, number),
    CONSTRAINT fk_bank_report_rows_report FOREIGN KEY (report_id, file_id) REFERENCES bank_reports (id, file_id),
    CONSTRAINT fk_bank_report_rows_item
        FOREIGN KEY (instruction_id, file_id) REFERENCES payment_file_items (instruction_id, file_id),
    CONSTRAINT ck_bank_report_rows_number CHECK (number > 0),
    CONSTRAINT ck_bank_report_rows_answer CHECK (answer IN ('paid', 'failed', 'accepted')),
    CONSTRAINT ck_bank_report_rows_amount CHECK (amount_fen > 0),
    CONSTRAINT ck_bank_report_rows_reason CHECK (reason ~ '^[a-z][a-z0-9_]{0,47}$'),
    CONSTRAINT ck_bank_report_rows_outcome
        CHECK (outcome IN ('applied', 'known', 'contradictory', 'mismatched', 'unmatched')),
    CONSTRAINT ck_bank_report_rows_judged CHECK ((outcome IS NULL) = (judged_at IS NULL)),
    CONSTRAINT ck_bank_report_rows_matched
        CHECK (outcome IS NULL OR (outcome = 'unmatched') = (instruction_id IS NULL)),
    CONSTRAINT ck_bank_report_rows_held
        CHECK (proposed_by IS NULL OR coalesce(outcome IN ('contradictory', 'mismatched', 'unmatched'), false)),
    CONSTRAINT ck_bank_report_rows_distinct_persons CHECK (proposed_by <> dismissed_by),
    CONSTRAINT ck_bank_report_rows_dismissed CHECK ((dismissed_by IS NULL) = (dismissed_at IS NULL)),
    CONSTRAINT ck_bank_report_rows_proposed CHECK (dismissed_by IS NULL OR proposed_by IS NOT NULL),
    CONSTRAINT fk_bank_report_rows_proposed_by FOREIGN KEY (proposed_by) REFERENCES persons (id),
    CONSTRAINT fk_bank_report_rows_dismissed_by FOREIGN KEY (dismissed_by) REFERENCES persons (id)
);
CREATE UNIQUE INDEX uq_bank_report_rows_applied ON bank_report_rows (instruction_id) WHERE outcome = 'applied';
CREATE INDEX ix_bank_report_rows_waiting ON bank_report_rows (report_id, number) WHERE outcome IS NULL;
CREATE INDEX ix_bank_report_rows_held ON bank_report_rows (id)
    WHERE outcome IN ('contradictory', 'mismatched', 'unmatched') AND dismissed_at IS NULL;
