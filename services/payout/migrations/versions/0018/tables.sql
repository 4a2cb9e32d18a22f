-- By which way a batch reaches the bank, and the files that carry it there.
ALTER TABLE payment_batches
    ADD COLUMN channel text NOT NULL DEFAULT 'http',
    ADD CONSTRAINT ck_payment_batches_channel CHECK (channel IN ('http', 'iso20022', 'csv'));

ALTER TABLE deliveries
    ADD COLUMN channel text NOT NULL DEFAULT 'http',
    ADD CONSTRAINT ck_deliveries_called CHECK (channel = 'http' OR calls = 0);
DROP INDEX ix_deliveries_due;
CREATE INDEX ix_deliveries_due ON deliveries (next_call_at) WHERE outcome IS NULL AND channel = 'http';
CREATE INDEX ix_deliveries_unwritten ON deliveries (instruction_id) WHERE given_at IS NULL AND channel <> 'http';

CREATE TABLE payment_files (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    version integer NOT NULL,
    channel text NOT NULL,
    count integer NOT NULL,
    amount_fen bigint NOT NULL,
    digest text NOT NULL,
    written_at timestamptz NOT NULL,
    CONSTRAINT pk_payment_files PRIMARY KEY (id),
    CONSTRAINT uq_payment_files_version UNIQUE (batch_id, version),
    CONSTRAINT uq_payment_files_digest UNIQUE (id, digest),
    CONSTRAINT ck_payment_files_version CHECK (version > 0),
    CONSTRAINT ck_payment_files_channel CHECK (channel IN ('iso20022', 'csv')),
    CONSTRAINT ck_payment_files_totals CHECK (count > 0 AND amount_fen > 0),
    CONSTRAINT ck_payment_files_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_payment_files_batch_id FOREIGN KEY (batch_id) REFERENCES payment_batches (id)
);

CREATE TABLE payment_file_items (
    instruction_id uuid NOT NULL,
    file_id uuid NOT NULL,
    CONSTRAINT pk_payment_file_items PRIMARY KEY (instruction_id),
    CONSTRAINT fk_payment_file_items_instruction_id
        FOREIGN KEY (instruction_id) REFERENCES deliveries (instruction_id),
    CONSTRAINT fk_payment_file_items_file_id FOREIGN KEY (file_id) REFERENCES payment_files (id)
);
CREATE INDEX ix_payment_file_items_file ON payment_file_items (file_id);

CREATE TABLE payment_file_downloads (
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    digest text NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    downloaded_at timestamptz NOT NULL,
    CONSTRAINT pk_payment_file_downloads PRIMARY KEY (id),
    CONSTRAINT fk_payment_file_downloads_file FOREIGN KEY (file_id, digest) REFERENCES payment_files (id, digest),
    CONSTRAINT fk_payment_file_downloads_person_id FOREIGN KEY (person_id) REFERENCES persons (id)
);
CREATE INDEX ix_payment_file_downloads_file ON payment_file_downloads (file_id);
