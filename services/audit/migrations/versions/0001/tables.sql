-- Every event of all services, as it was received.
CREATE TABLE log_entries (
    leaf_index bigint NOT NULL,
    hash bytea NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    envelope bytea NOT NULL,
    CONSTRAINT pk_log_entries PRIMARY KEY (leaf_index),
    CONSTRAINT uq_log_entries_change UNIQUE (aggregate_type, aggregate_id, version),
    CONSTRAINT ck_log_entries_hash_is_sha256 CHECK (octet_length(hash) = 32),
    CONSTRAINT ck_log_entries_index_from_zero CHECK (leaf_index >= 0),
    CONSTRAINT ck_log_entries_version_from_one CHECK (version >= 1)
);
CREATE INDEX ix_log_entries_aggregate_id_leaf_index ON log_entries (aggregate_id, leaf_index);

-- What the other services said of persons and of the five links of each case.
CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    subject_digest text NOT NULL,
    area text NOT NULL,
    real_name_level smallint NOT NULL,
    registered_at timestamptz NOT NULL,
    survivor_id uuid,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons (survivor_id);

CREATE TABLE voucher_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text,
    fund_source text,
    area text,
    skill_code text,
    level smallint,
    valid_until timestamptz,
    enrolment_id uuid,
    class_id uuid,
    class_area text,
    institution text,
    certificate_id uuid,
    certify_refusal text,
    offered_at timestamptz,
    claimed_at timestamptz,
    bound_at timestamptz,
    certified_at timestamptz,
    redeemed_at timestamptz,
    CONSTRAINT pk_voucher_facts PRIMARY KEY (id)
);
CREATE INDEX ix_voucher_facts_area ON voucher_facts (area);
CREATE INDEX ix_voucher_facts_person_id ON voucher_facts (person_id);

CREATE TABLE enrolment_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    class_id uuid NOT NULL,
    class_area text NOT NULL,
    channel text NOT NULL,
    institution text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    class_hours integer,
    completed_on date,
    completed_at timestamptz,
    CONSTRAINT pk_enrolment_facts PRIMARY KEY (id)
);
CREATE INDEX ix_enrolment_facts_person_id ON enrolment_facts (person_id);
CREATE INDEX ix_enrolment_facts_voucher_id ON enrolment_facts (voucher_id);

CREATE TABLE candidate_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    voucher_id uuid,
    enrolment_id uuid,
    CONSTRAINT pk_candidate_facts PRIMARY KEY (id)
);
CREATE INDEX ix_candidate_facts_person_id ON candidate_facts (person_id);
CREATE INDEX ix_candidate_facts_voucher_id ON candidate_facts (voucher_id);

CREATE TABLE certificate_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    person_id uuid NOT NULL,
    voucher_id uuid,
    enrolment_id uuid,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    body text NOT NULL,
    channel text NOT NULL,
    assessed_on date,
    issued_on date NOT NULL,
    since date,
    CONSTRAINT pk_certificate_facts PRIMARY KEY (id)
);
CREATE INDEX ix_certificate_facts_person_id ON certificate_facts (person_id);
CREATE INDEX ix_certificate_facts_voucher_id ON certificate_facts (voucher_id);

CREATE TABLE payout_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    voucher_id uuid,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    benefit text NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    institution text,
    amount_fen bigint NOT NULL,
    opened_at timestamptz,
    paid_at timestamptz,
    reversed_at timestamptz,
    CONSTRAINT pk_payout_facts PRIMARY KEY (id)
);
CREATE INDEX ix_payout_facts_person_id ON payout_facts (person_id);
CREATE INDEX ix_payout_facts_voucher_id ON payout_facts (voucher_id);

-- Who read a dossier, and who took data out.
CREATE TABLE dossier_readings (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_dossier_readings PRIMARY KEY (id)
);
CREATE INDEX ix_dossier_readings_person_id ON dossier_readings (person_id);

CREATE TABLE exports (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    account text NOT NULL,
    kind text NOT NULL,
    count integer NOT NULL,
    digest text NOT NULL,
    CONSTRAINT pk_exports PRIMARY KEY (id),
    CONSTRAINT ck_exports_count CHECK (count >= 0),
    CONSTRAINT ck_exports_digest CHECK (digest ~ '^[0-9a-f]{64}$')
);
