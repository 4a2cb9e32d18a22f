CREATE SEQUENCE voucher_serials CACHE 1 MAXVALUE 99999999;
CREATE TABLE dated_rules (
    name TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    value BIGINT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE TABLE batches (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    programme TEXT NOT NULL,
    title TEXT NOT NULL,
    fund_source TEXT NOT NULL,
    rules_version TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    claimed INTEGER DEFAULT 0 NOT NULL,
    areas TEXT[] NOT NULL,
    audience_groups TEXT[] NOT NULL,
    claim_from TIMESTAMPTZ NOT NULL,
    claim_until TIMESTAMPTZ NOT NULL,
    validity_days INTEGER NOT NULL,
    proposed_by UUID NOT NULL,
    decided_by UUID,
    reject_reason TEXT,
    CONSTRAINT pk_batches PRIMARY KEY (id),
    CONSTRAINT uq_batches_terms UNIQUE (id, programme, fund_source, rules_version),
    CONSTRAINT ck_batches_kind CHECK (kind IN ('general', 'targeted')),
    CONSTRAINT ck_batches_quantity CHECK (quantity > 0),
    CONSTRAINT ck_batches_quota CHECK (claimed >= 0 AND claimed <= quantity),
    CONSTRAINT ck_batches_claim_window CHECK (claim_from < claim_until),
    CONSTRAINT ck_batches_validity CHECK (validity_days > 0),
    CONSTRAINT ck_batches_some_area CHECK (cardinality(areas) > 0),
    CONSTRAINT ck_batches_two_officers CHECK (decided_by <> proposed_by),
    CONSTRAINT ck_batches_decided CHECK ((status = 'proposed') = (decided_by IS NULL)),
    CONSTRAINT ck_batches_reject_reason CHECK ((status = 'rejected') = (reject_reason IS NOT NULL))
);
CREATE TABLE certificate_facts (
    certificate_id UUID NOT NULL,
    person_id UUID NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    revoked BOOLEAN NOT NULL,
    CONSTRAINT pk_certificate_facts PRIMARY KEY (certificate_id),
    CONSTRAINT ck_certificate_facts_level CHECK (level BETWEEN 0 AND 5)
);
CREATE INDEX ix_certificate_facts_person_id ON certificate_facts (person_id);
CREATE TABLE fund_rules (
    fund_source TEXT NOT NULL,
    programme TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source TEXT NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ck_fund_rules_dates CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE TABLE workers (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    id_number_index BYTEA NOT NULL,
    id_number_encrypted BYTEA NOT NULL,
    name_encrypted BYTEA NOT NULL,
    phone_encrypted BYTEA NOT NULL,
    salt_encrypted BYTEA NOT NULL,
    subject_digest TEXT NOT NULL,
    area TEXT NOT NULL,
    real_name_method TEXT NOT NULL,
    real_name_level SMALLINT NOT NULL,
    real_name_verified_at TIMESTAMPTZ NOT NULL,
    survivor_id UUID,
    CONSTRAINT pk_workers PRIMARY KEY (id),
    CONSTRAINT uq_workers_id_number_index UNIQUE (id_number_index),
    CONSTRAINT ck_workers_index_is_hmac CHECK (octet_length(id_number_index) = 32),
    CONSTRAINT ck_workers_digest_is_sha256 CHECK (subject_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_workers_real_name_level CHECK (real_name_level BETWEEN 1 AND 3),
    CONSTRAINT ck_workers_superseded_names_survivor CHECK ((status = 'superseded') = (survivor_id IS NOT NULL)),
    CONSTRAINT ck_workers_survivor_is_another CHECK (survivor_id <> id),
    CONSTRAINT fk_workers_survivor_id FOREIGN KEY (survivor_id) REFERENCES workers (id)
);
CREATE INDEX ix_workers_area_id ON workers (area, id);
CREATE INDEX ix_workers_survivor_id ON workers (survivor_id) WHERE survivor_id IS NOT NULL;
CREATE TABLE batch_holders (
    batch_id UUID NOT NULL,
    person_id UUID NOT NULL,
    CONSTRAINT pk_batch_holders PRIMARY KEY (batch_id, person_id),
    CONSTRAINT fk_batch_holders_batch_id FOREIGN KEY (batch_id) REFERENCES batches (id),
    CONSTRAINT fk_batch_holders_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE TABLE batch_skills (
    batch_id UUID NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    CONSTRAINT pk_batch_skills PRIMARY KEY (batch_id, skill_code, level),
    CONSTRAINT ck_batch_skills_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT fk_batch_skills_batch_id FOREIGN KEY (batch_id) REFERENCES batches (id)
);
CREATE TABLE group_evidence (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    group_code TEXT NOT NULL,
    evidence_encrypted BYTEA NOT NULL,
    source TEXT NOT NULL,
    as_of DATE NOT NULL,
    until DATE,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_group_evidence PRIMARY KEY (id),
    CONSTRAINT ck_group_evidence_dates CHECK (until IS NULL OR until >= as_of),
    CONSTRAINT fk_group_evidence_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE INDEX ix_group_evidence_person_id ON group_evidence (person_id);
CREATE TABLE mandates (
    id UUID NOT NULL,
    voucher_id UUID NOT NULL,
    person_id UUID NOT NULL,
    institution TEXT NOT NULL,
    payee_id TEXT NOT NULL,
    account TEXT NOT NULL,
    given_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_mandates PRIMARY KEY (id),
    CONSTRAINT uq_mandates_terms UNIQUE (id, voucher_id, person_id, payee_id),
    CONSTRAINT fk_mandates_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE INDEX ix_mandates_voucher_id ON mandates (voucher_id);
CREATE TABLE register_extracts (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    pension TEXT NOT NULL,
    fiscal_payroll TEXT NOT NULL,
    outside_benefits_known BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    as_of DATE NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_register_extracts PRIMARY KEY (id),
    CONSTRAINT ck_register_extracts_pension CHECK (pension IN ('drawn', 'not_drawn', 'unknown')),
    CONSTRAINT ck_register_extracts_fiscal_payroll CHECK (fiscal_payroll IN ('on', 'off', 'unknown')),
    CONSTRAINT fk_register_extracts_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE INDEX ix_register_extracts_person_id_as_of_id ON register_extracts (person_id, as_of, id);
CREATE TABLE unmaskings (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    person_id UUID NOT NULL,
    account TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    fields TEXT[] NOT NULL,
    CONSTRAINT pk_unmaskings PRIMARY KEY (id),
    CONSTRAINT ck_unmaskings_some_field CHECK (cardinality(fields) > 0),
    CONSTRAINT fk_unmaskings_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE TABLE name_proposals (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    name_encrypted BYTEA NOT NULL,
    reason_code TEXT NOT NULL,
    evidence_encrypted BYTEA NOT NULL,
    proposed_by UUID NOT NULL,
    proposed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_name_proposals PRIMARY KEY (id),
    CONSTRAINT fk_name_proposals_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE INDEX ix_name_proposals_person_id ON name_proposals (person_id);
CREATE TABLE worker_changes (
    person_id UUID NOT NULL,
    version INTEGER NOT NULL,
    field TEXT NOT NULL,
    previous_encrypted BYTEA,
    previous_area TEXT,
    previous_digest TEXT NOT NULL,
    proposal_id UUID,
    proposed_by UUID,
    changed_by UUID NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_worker_changes PRIMARY KEY (person_id, version),
    CONSTRAINT uq_worker_changes_proposal_id UNIQUE (proposal_id),
    CONSTRAINT ck_worker_changes_field CHECK (field IN ('name', 'phone', 'area')),
    CONSTRAINT ck_worker_changes_previous_area CHECK ((field = 'area') = (previous_area IS NOT NULL)),
    CONSTRAINT ck_worker_changes_previous_encrypted CHECK ((field <> 'area') = (previous_encrypted IS NOT NULL)),
    CONSTRAINT ck_worker_changes_name_was_proposed CHECK ((field = 'name') = (proposal_id IS NOT NULL)),
    CONSTRAINT ck_worker_changes_name_has_proposer CHECK ((field = 'name') = (proposed_by IS NOT NULL)),
    CONSTRAINT ck_worker_changes_two_people CHECK (proposed_by <> changed_by),
    CONSTRAINT fk_worker_changes_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT fk_worker_changes_proposal_id FOREIGN KEY (proposal_id) REFERENCES name_proposals (id)
);
CREATE TABLE outside_benefits (
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    extract_id UUID NOT NULL,
    programme TEXT NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    taken_on DATE NOT NULL,
    CONSTRAINT pk_outside_benefits PRIMARY KEY (id),
    CONSTRAINT ck_outside_benefits_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT uq_outside_benefits_person_id_programme_skill_code_level
        UNIQUE (person_id, programme, skill_code, level),
    CONSTRAINT fk_outside_benefits_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT fk_outside_benefits_extract_id FOREIGN KEY (extract_id) REFERENCES register_extracts (id)
);
CREATE TABLE vouchers (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    number TEXT NOT NULL,
    person_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    programme TEXT NOT NULL,
    fund_source TEXT NOT NULL,
    rules_version TEXT NOT NULL,
    area TEXT NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    skill_code TEXT,
    level SMALLINT,
    claimed_at TIMESTAMPTZ,
    eligibility_decided_on DATE,
    enrolment_id UUID,
    class_id UUID,
    class_area TEXT,
    channel TEXT,
    institution TEXT,
    payee_kind TEXT,
    payee_id TEXT,
    mandate_id UUID,
    act TEXT,
    starts_on DATE,
    ends_on DATE,
    payout_id UUID,
    cancel_proposed_by UUID,
    cancel_reason_code TEXT,
    cancelled_by UUID,
    CONSTRAINT pk_vouchers PRIMARY KEY (id),
    CONSTRAINT fk_vouchers_batch_terms FOREIGN KEY (batch_id, programme, fund_source, rules_version)
        REFERENCES batches (id, programme, fund_source, rules_version),
    CONSTRAINT fk_vouchers_mandate FOREIGN KEY (mandate_id, id, person_id, payee_id)
        REFERENCES mandates (id, voucher_id, person_id, payee_id),
    CONSTRAINT uq_vouchers_number UNIQUE (number),
    CONSTRAINT ck_vouchers_open_holds CHECK (open_holds >= 0),
    CONSTRAINT ck_vouchers_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_vouchers_claim CHECK (num_nonnulls(skill_code, level, claimed_at, eligibility_decided_on) IN (0, 4)),
    CONSTRAINT ck_vouchers_claimed CHECK (status IN ('offered', 'expired', 'cancelled') OR claimed_at IS NOT NULL),
    CONSTRAINT ck_vouchers_offered CHECK (status <> 'offered' OR claimed_at IS NULL),
    CONSTRAINT ck_vouchers_binding
        CHECK (num_nonnulls(enrolment_id, class_id, class_area, channel,
            institution, payee_kind, payee_id, act, starts_on, ends_on) IN (0, 10)),
    CONSTRAINT ck_vouchers_mandate
        CHECK (CASE WHEN enrolment_id IS NULL THEN mandate_id IS NULL
            ELSE (payee_kind = 'worker') = (mandate_id IS NULL) END),
    CONSTRAINT ck_vouchers_worker_paid CHECK (payee_kind <> 'worker' OR payee_id = person_id::text),
    CONSTRAINT ck_vouchers_bound
        CHECK (status = 'cancelled' OR (status IN ('offered', 'claimed', 'expired')) = (enrolment_id IS NULL)),
    CONSTRAINT ck_vouchers_payout CHECK ((status IN ('settling', 'redeemed', 'clawed_back')) = (payout_id IS NOT NULL)),
    CONSTRAINT ck_vouchers_cancel_proposal CHECK (num_nonnulls(cancel_proposed_by, cancel_reason_code) IN (0, 2)),
    CONSTRAINT ck_vouchers_cancelled
        CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)
            AND (cancelled_by IS NULL OR cancel_proposed_by IS NOT NULL)),
    CONSTRAINT ck_vouchers_two_officers CHECK (cancelled_by <> cancel_proposed_by),
    CONSTRAINT fk_vouchers_person_id FOREIGN KEY (person_id) REFERENCES workers (id)
);
CREATE INDEX ix_vouchers_area_id ON vouchers (area, id);
CREATE INDEX ix_vouchers_ends_on ON vouchers (ends_on) WHERE status = 'in_use';
CREATE INDEX ix_vouchers_institution_id ON vouchers (institution, id) WHERE institution IS NOT NULL;
CREATE INDEX ix_vouchers_person_id_id ON vouchers (person_id, id);
CREATE INDEX ix_vouchers_valid_until ON vouchers (valid_until) WHERE status IN ('claimed', 'offered');
CREATE UNIQUE INDEX uq_vouchers_live ON vouchers (person_id, programme)
    WHERE status IN ('certified', 'claimed', 'in_use', 'offered', 'settling');
CREATE TABLE counter_claims (
    voucher_id UUID NOT NULL,
    officer_id UUID NOT NULL,
    second_officer_id UUID NOT NULL,
    card_read_at TIMESTAMPTZ NOT NULL,
    photo_digest TEXT NOT NULL,
    site TEXT NOT NULL,
    area TEXT NOT NULL,
    sampled BOOLEAN NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_counter_claims PRIMARY KEY (voucher_id),
    CONSTRAINT ck_counter_claims_two_officers CHECK (officer_id <> second_officer_id),
    CONSTRAINT ck_counter_claims_photo_is_sha256 CHECK (photo_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_counter_claims_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id),
    CONSTRAINT fk_counter_claims_officer_id FOREIGN KEY (officer_id) REFERENCES workers (id),
    CONSTRAINT fk_counter_claims_second_officer_id FOREIGN KEY (second_officer_id) REFERENCES workers (id)
);
CREATE INDEX ix_counter_claims_area_voucher_id ON counter_claims (area, voucher_id);
CREATE TABLE eligibility_verdicts (
    voucher_id UUID NOT NULL,
    occasion TEXT NOT NULL,
    batch_id UUID NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    verdict TEXT NOT NULL,
    reasons TEXT[] NOT NULL,
    inputs JSONB NOT NULL,
    rules_version TEXT NOT NULL,
    decided_on DATE NOT NULL,
    CONSTRAINT pk_eligibility_verdicts PRIMARY KEY (voucher_id, occasion),
    CONSTRAINT fk_eligibility_verdicts_batch_skill FOREIGN KEY (batch_id, skill_code, level)
        REFERENCES batch_skills (batch_id, skill_code, level),
    CONSTRAINT ck_eligibility_verdicts_occasion CHECK (occasion IN ('claim', 'certification')),
    CONSTRAINT ck_eligibility_verdicts_verdict CHECK (verdict IN ('eligible', 'ineligible', 'unknown')),
    CONSTRAINT ck_eligibility_verdicts_unknown_never_passes CHECK (occasion <> 'claim' OR verdict = 'eligible'),
    CONSTRAINT ck_eligibility_verdicts_reasons_given CHECK ((verdict = 'eligible') = (cardinality(reasons) = 0)),
    CONSTRAINT fk_eligibility_verdicts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id)
);
CREATE TABLE payout_facts (
    payout_id UUID NOT NULL,
    voucher_id UUID NOT NULL,
    stage TEXT NOT NULL,
    code TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT pk_payout_facts PRIMARY KEY (payout_id),
    CONSTRAINT ck_payout_facts_stage CHECK (stage IN ('opened', 'returned', 'paid', 'reversed', 'debt_settled')),
    CONSTRAINT ck_payout_facts_returned_says_why CHECK (stage <> 'returned' OR code IS NOT NULL),
    CONSTRAINT fk_payout_facts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id)
);
CREATE INDEX ix_payout_facts_voucher_id ON payout_facts (voucher_id);
CREATE TABLE voucher_certificates (
    certificate_id UUID NOT NULL,
    voucher_id UUID NOT NULL,
    person_id UUID NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    assessed_on DATE NOT NULL,
    completed_on DATE NOT NULL,
    issued_on DATE NOT NULL,
    CONSTRAINT pk_voucher_certificates PRIMARY KEY (certificate_id),
    CONSTRAINT uq_voucher_certificates_voucher_id UNIQUE (voucher_id),
    CONSTRAINT ck_voucher_certificates_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT fk_voucher_certificates_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id)
);
CREATE TABLE voucher_holds (
    id UUID NOT NULL,
    voucher_id UUID NOT NULL,
    reason_code TEXT NOT NULL,
    placed_by UUID NOT NULL,
    placed_at TIMESTAMPTZ NOT NULL,
    lifted_by UUID,
    lifted_at TIMESTAMPTZ,
    CONSTRAINT pk_voucher_holds PRIMARY KEY (id),
    CONSTRAINT ck_voucher_holds_lifted CHECK (num_nonnulls(lifted_by, lifted_at) IN (0, 2)),
    CONSTRAINT fk_voucher_holds_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers (id)
);
CREATE INDEX ix_voucher_holds_voucher_id ON voucher_holds (voucher_id);
