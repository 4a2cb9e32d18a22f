-- What other services said of persons, institutions, vouchers and certificates.
CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    area text NOT NULL,
    subject_digest text NOT NULL,
    real_name_level smallint NOT NULL,
    registered_at timestamptz NOT NULL,
    survivor_id uuid,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons (survivor_id);

CREATE TABLE institution_facts (
    credit_code text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    row_lock boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_institution_facts PRIMARY KEY (credit_code),
    CONSTRAINT ck_institution_facts_status CHECK (status IN ('applied', 'listed', 'warned', 'suspended', 'removed')),
    CONSTRAINT ck_institution_facts_row_lock CHECK (NOT row_lock)
);

CREATE TABLE voucher_facts (
    voucher_id uuid NOT NULL,
    version integer NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    rules_version text NOT NULL,
    eligibility_decided_on date NOT NULL,
    cancelled boolean NOT NULL DEFAULT false,
    enrolment_id uuid,
    class_area text,
    institution text,
    payee_kind text,
    payee_id text,
    mandate_id uuid,
    certificate_id uuid,
    eligibility text,
    row_lock boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_voucher_facts PRIMARY KEY (voucher_id),
    CONSTRAINT ck_voucher_facts_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_voucher_facts_row_lock CHECK (NOT row_lock),
    CONSTRAINT ck_voucher_facts_certified
        CHECK (certificate_id IS NULL OR class_area IS NOT NULL AND institution IS NOT NULL AND payee_kind IS NOT NULL
            AND payee_id IS NOT NULL AND eligibility IS NOT NULL)
);

CREATE TABLE voucher_holds (
    hold_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    reason_code text NOT NULL,
    lifted boolean NOT NULL,
    CONSTRAINT pk_voucher_holds PRIMARY KEY (hold_id)
);
CREATE INDEX ix_voucher_holds_voucher_id ON voucher_holds (voucher_id);

CREATE TABLE certificate_copies (
    certificate_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    kind text NOT NULL,
    act text NOT NULL,
    assessed_on date,
    issued_on date NOT NULL,
    priced_on date NOT NULL,
    jws text NOT NULL,
    copied_at timestamptz NOT NULL,
    CONSTRAINT pk_certificate_copies PRIMARY KEY (certificate_id),
    CONSTRAINT uq_certificate_copies_payable UNIQUE (certificate_id, person_id, skill_code, level),
    CONSTRAINT ck_certificate_copies_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_certificate_copies_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ck_certificate_copies_priced_on CHECK (priced_on = coalesce(assessed_on, issued_on))
);

CREATE TABLE certificate_statuses (
    certificate_id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    row_lock boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_certificate_statuses PRIMARY KEY (certificate_id),
    CONSTRAINT ck_certificate_statuses_status
        CHECK (status IN ('imported', 'valid', 'suspended', 'revoked', 'expired', 'superseded')),
    CONSTRAINT ck_certificate_statuses_row_lock CHECK (NOT row_lock)
);
