-- The voucher service's schema, read from a migrated database; written by `make schema`.

CREATE TABLE batch_holders (
    batch_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_batch_holders PRIMARY KEY (batch_id, person_id),
    CONSTRAINT fk_batch_holders_batch_id FOREIGN KEY (batch_id) REFERENCES batches(id),
    CONSTRAINT fk_batch_holders_person_id FOREIGN KEY (person_id) REFERENCES workers(id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON batch_holders FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON batch_holders TO voucher_api;
GRANT SELECT ON batch_holders TO voucher_worker;

CREATE TABLE batch_skills (
    batch_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    CONSTRAINT pk_batch_skills PRIMARY KEY (batch_id, skill_code, level),
    CONSTRAINT fk_batch_skills_batch_id FOREIGN KEY (batch_id) REFERENCES batches(id),
    CONSTRAINT ck_batch_skills_level CHECK (level >= 0 AND level <= 5)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON batch_skills FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON batch_skills TO voucher_api;
GRANT SELECT ON batch_skills TO voucher_worker;

CREATE TABLE batches (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    programme text NOT NULL,
    title text NOT NULL,
    fund_source text NOT NULL,
    rules_version text NOT NULL,
    quantity integer NOT NULL,
    claimed integer NOT NULL DEFAULT 0,
    areas text[] NOT NULL,
    audience_groups text[] NOT NULL,
    claim_from timestamp with time zone NOT NULL,
    claim_until timestamp with time zone NOT NULL,
    validity_days integer NOT NULL,
    proposed_by uuid NOT NULL,
    decided_by uuid,
    reject_reason text,
    returned integer NOT NULL DEFAULT 0,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_batches PRIMARY KEY (id),
    CONSTRAINT uq_batches_terms UNIQUE (id, programme, fund_source, rules_version),
    CONSTRAINT ck_batches_claim_window CHECK (claim_from < claim_until),
    CONSTRAINT ck_batches_decided CHECK ((status = 'proposed'::text) = (decided_by IS NULL)),
    CONSTRAINT ck_batches_kind CHECK (kind = ANY (ARRAY['general'::text, 'targeted'::text])),
    CONSTRAINT ck_batches_quantity CHECK (quantity > 0),
    CONSTRAINT ck_batches_quota CHECK (returned >= 0 AND returned <= claimed AND (claimed - returned) <= quantity),
    CONSTRAINT ck_batches_reject_reason CHECK ((status = 'rejected'::text) = (reject_reason IS NOT NULL)),
    CONSTRAINT ck_batches_some_area CHECK (cardinality(areas) > 0),
    CONSTRAINT ck_batches_two_officers CHECK (decided_by <> proposed_by),
    CONSTRAINT ck_batches_validity CHECK (validity_days > 0)
);
CREATE TRIGGER immutable BEFORE UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'kind', 'programme', 'fund_source', 'rules_version', 'quantity', 'areas', 'audience_groups', 'claim_from', 'claim_until', 'validity_days', 'proposed_by', 'created_at');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>active,proposed>rejected,active>closed}');
GRANT INSERT, SELECT, UPDATE (status, version, decided_by, reject_reason) ON batches TO voucher_api;
GRANT SELECT ON batches TO voucher_worker;

CREATE TABLE business_clock (
    id smallint NOT NULL,
    offset interval NOT NULL,
    movable boolean NOT NULL,
    moved_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_business_clock PRIMARY KEY (id),
    CONSTRAINT ck_business_clock_immovable CHECK (movable OR "offset" = '00:00:00'::interval),
    CONSTRAINT ck_business_clock_never_back CHECK ("offset" >= '00:00:00'::interval),
    CONSTRAINT ck_business_clock_one_row CHECK (id = 1)
);
GRANT SELECT ON business_clock TO voucher_api;
GRANT SELECT ON business_clock TO voucher_worker;

CREATE TABLE certificate_facts (
    certificate_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    revoked boolean NOT NULL,
    review_due_on date,
    CONSTRAINT pk_certificate_facts PRIMARY KEY (certificate_id),
    CONSTRAINT ck_certificate_facts_level CHECK (level >= 0 AND level <= 5)
);
CREATE INDEX ix_certificate_facts_person_id ON certificate_facts USING btree (person_id);
GRANT SELECT ON certificate_facts TO voucher_api;
GRANT INSERT, SELECT, UPDATE ON certificate_facts TO voucher_worker;

CREATE TABLE counter_claims (
    voucher_id uuid NOT NULL,
    officer_id uuid NOT NULL,
    second_officer_id uuid NOT NULL,
    card_read_at timestamp with time zone NOT NULL,
    photo_digest text NOT NULL,
    site text NOT NULL,
    area text NOT NULL,
    sampled boolean NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_counter_claims PRIMARY KEY (voucher_id),
    CONSTRAINT fk_counter_claims_officer_id FOREIGN KEY (officer_id) REFERENCES workers(id),
    CONSTRAINT fk_counter_claims_second_officer_id FOREIGN KEY (second_officer_id) REFERENCES workers(id),
    CONSTRAINT fk_counter_claims_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT ck_counter_claims_photo_is_sha256 CHECK (photo_digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_counter_claims_two_officers CHECK (officer_id <> second_officer_id)
);
CREATE INDEX ix_counter_claims_area_voucher_id ON counter_claims USING btree (area, voucher_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON counter_claims FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON counter_claims TO voucher_api;
GRANT SELECT ON counter_claims TO voucher_worker;

CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0)
);
GRANT SELECT ON dated_rules TO voucher_api;
GRANT SELECT ON dated_rules TO voucher_worker;

CREATE TABLE eligibility_verdicts (
    voucher_id uuid NOT NULL,
    step text NOT NULL,
    batch_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    verdict text NOT NULL,
    reasons text[] NOT NULL,
    inputs jsonb NOT NULL,
    rules_version text NOT NULL,
    decided_on date NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT pk_eligibility_verdicts PRIMARY KEY (id),
    CONSTRAINT fk_eligibility_verdicts_batch_skill FOREIGN KEY (batch_id, skill_code, level) REFERENCES batch_skills(batch_id, skill_code, level),
    CONSTRAINT fk_eligibility_verdicts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT ck_eligibility_verdicts_reasons_given CHECK ((verdict = 'eligible'::text) = (cardinality(reasons) = 0)),
    CONSTRAINT ck_eligibility_verdicts_step CHECK (step = ANY (ARRAY['claim'::text, 'certification'::text, 'answer'::text])),
    CONSTRAINT ck_eligibility_verdicts_unknown_never_passes CHECK (step <> 'claim'::text OR verdict = 'eligible'::text),
    CONSTRAINT ck_eligibility_verdicts_verdict CHECK (verdict = ANY (ARRAY['eligible'::text, 'ineligible'::text, 'unknown'::text]))
);
CREATE INDEX ix_eligibility_verdicts_voucher_id ON eligibility_verdicts USING btree (voucher_id);
CREATE UNIQUE INDEX uq_eligibility_verdicts_claim ON eligibility_verdicts USING btree (voucher_id) WHERE (step = 'claim'::text);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON eligibility_verdicts FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON eligibility_verdicts TO voucher_api;
GRANT INSERT, SELECT ON eligibility_verdicts TO voucher_worker;

CREATE TABLE fund_rules (
    fund_source text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    CONSTRAINT pk_fund_rules PRIMARY KEY (fund_source, programme, valid_from),
    CONSTRAINT ck_fund_rules_dates CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
GRANT SELECT ON fund_rules TO voucher_api;
GRANT SELECT ON fund_rules TO voucher_worker;

CREATE TABLE group_evidence (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    group_code text NOT NULL,
    evidence_encrypted bytea NOT NULL,
    source text NOT NULL,
    as_of date NOT NULL,
    until date,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_group_evidence PRIMARY KEY (id),
    CONSTRAINT fk_group_evidence_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT ck_group_evidence_dates CHECK (until IS NULL OR until >= as_of)
);
CREATE INDEX ix_group_evidence_person_id ON group_evidence USING btree (person_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON group_evidence FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON group_evidence TO voucher_api;
GRANT SELECT ON group_evidence TO voucher_worker;

CREATE TABLE idempotency_keys (
    principal text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    response_status smallint,
    response_body text,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (principal, method, route, key)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON idempotency_keys TO voucher_api;
GRANT DELETE, SELECT ON idempotency_keys TO voucher_worker;

CREATE TABLE mandates (
    id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    institution text NOT NULL,
    payee_id text NOT NULL,
    account text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_mandates PRIMARY KEY (id),
    CONSTRAINT uq_mandates_terms UNIQUE (id, voucher_id, person_id, payee_id),
    CONSTRAINT fk_mandates_person_id FOREIGN KEY (person_id) REFERENCES workers(id)
);
CREATE INDEX ix_mandates_voucher_id ON mandates USING btree (voucher_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON mandates FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON mandates TO voucher_api;
GRANT SELECT ON mandates TO voucher_worker;

CREATE TABLE mergers (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    reason_code text NOT NULL,
    evidence_encrypted bytea NOT NULL,
    proposed_by uuid NOT NULL,
    decided_by uuid,
    merged_at timestamp with time zone,
    separation_reason_code text,
    separation_evidence_encrypted bytea,
    separation_proposed_by uuid,
    separated_by uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_mergers PRIMARY KEY (id),
    CONSTRAINT fk_mergers_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT fk_mergers_survivor_id FOREIGN KEY (survivor_id) REFERENCES workers(id),
    CONSTRAINT ck_mergers_approved_by_another CHECK (proposed_by <> decided_by),
    CONSTRAINT ck_mergers_decided CHECK ((status = ANY (ARRAY['proposed'::text, 'withdrawn'::text])) = (decided_by IS NULL)),
    CONSTRAINT ck_mergers_merged CHECK ((status = ANY (ARRAY['merged'::text, 'separation_proposed'::text, 'separated'::text])) = (merged_at IS NOT NULL)),
    CONSTRAINT ck_mergers_separated CHECK ((status = 'separated'::text) = (separated_by IS NOT NULL)),
    CONSTRAINT ck_mergers_separated_by_another CHECK (separation_proposed_by <> separated_by),
    CONSTRAINT ck_mergers_separation CHECK (num_nonnulls(separation_proposed_by, separation_reason_code, separation_evidence_encrypted) =
CASE
    WHEN status = ANY (ARRAY['separation_proposed'::text, 'separated'::text]) THEN 3
    ELSE 0
END),
    CONSTRAINT ck_mergers_two_records CHECK (person_id <> survivor_id)
);
CREATE INDEX ix_mergers_person_id ON mergers USING btree (person_id);
CREATE INDEX ix_mergers_survivor_id ON mergers USING btree (survivor_id);
CREATE UNIQUE INDEX uq_mergers_standing ON mergers USING btree (person_id) WHERE (status = ANY (ARRAY['proposed'::text, 'merged'::text, 'separation_proposed'::text]));
CREATE TRIGGER immutable BEFORE UPDATE ON mergers FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'person_id', 'survivor_id', 'reason_code', 'evidence_encrypted', 'proposed_by', 'created_at');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON mergers FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{proposed}', '{proposed>merged,proposed>refused,proposed>withdrawn,merged>separation_proposed,separation_proposed>separated,separation_proposed>merged}');
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON mergers FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE CONSTRAINT TRIGGER record AFTER INSERT OR UPDATE ON mergers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = ANY (ARRAY['merged'::text, 'separated'::text])) EXECUTE FUNCTION a_record_stands_as_its_merger_says('person_id');
CREATE TRIGGER two_officers BEFORE INSERT OR UPDATE ON mergers FOR EACH ROW EXECUTE FUNCTION mergers_by_two();
CREATE TRIGGER unused BEFORE UPDATE ON mergers FOR EACH ROW WHEN (new.status = 'separated'::text AND old.status <> 'separated'::text) EXECUTE FUNCTION mergers_unused();
GRANT INSERT, SELECT, UPDATE (status, version, decided_by, merged_at, separation_reason_code, separation_evidence_encrypted, separation_proposed_by, separated_by) ON mergers TO voucher_api;
GRANT SELECT ON mergers TO voucher_worker;

CREATE TABLE name_proposals (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    name_encrypted bytea NOT NULL,
    reason_code text NOT NULL,
    evidence_encrypted bytea NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_name_proposals PRIMARY KEY (id),
    CONSTRAINT fk_name_proposals_person_id FOREIGN KEY (person_id) REFERENCES workers(id)
);
CREATE INDEX ix_name_proposals_person_id ON name_proposals USING btree (person_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON name_proposals FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON name_proposals TO voucher_api;

CREATE TABLE offsets (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
GRANT INSERT, SELECT, UPDATE ON offsets TO voucher_worker;

CREATE TABLE outbox (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    partition smallint NOT NULL,
    envelope text NOT NULL,
    written_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT ck_outbox_carriable CHECK (octet_length(envelope) <= 262144 AND octet_length(aggregate_id) <= 200 AND partition >= 0 AND partition <= 11),
    CONSTRAINT ck_outbox_own_events CHECK (split_part(aggregate_type, '.'::text, 1) = own_service())
);
CREATE INDEX ix_outbox_partition_id ON outbox USING btree (partition, id);
CREATE UNIQUE INDEX uq_outbox_version ON outbox USING btree (aggregate_type, aggregate_id, version);
GRANT INSERT ON outbox TO voucher_api;
GRANT DELETE, INSERT, SELECT ON outbox TO voucher_worker;

CREATE TABLE outside_benefits (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    extract_id uuid NOT NULL,
    programme text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    taken_on date NOT NULL,
    CONSTRAINT pk_outside_benefits PRIMARY KEY (id),
    CONSTRAINT uq_outside_benefits_person_id_programme_skill_code_level UNIQUE (person_id, programme, skill_code, level),
    CONSTRAINT fk_outside_benefits_extract_id FOREIGN KEY (extract_id) REFERENCES register_extracts(id),
    CONSTRAINT fk_outside_benefits_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT ck_outside_benefits_level CHECK (level >= 0 AND level <= 5)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON outside_benefits FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON outside_benefits TO voucher_api;
GRANT SELECT ON outside_benefits TO voucher_worker;

CREATE TABLE parked_discards (
    id bigint NOT NULL,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    first_account text NOT NULL,
    first_person uuid NOT NULL,
    second_account text NOT NULL,
    second_person uuid NOT NULL,
    discarded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_discards PRIMARY KEY (id),
    CONSTRAINT ck_parked_discards_distinct_persons CHECK (first_person <> second_person),
    CONSTRAINT ck_parked_discards_reason CHECK (reason <> ''::text)
);
CREATE UNIQUE INDEX uq_parked_discards_place ON parked_discards USING btree (consumer, topic, partition, "position");
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON parked_discards FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON parked_discards TO voucher_worker;

CREATE TABLE parked_events (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_events PRIMARY KEY (id)
);
CREATE INDEX ix_parked_events_aggregate ON parked_events USING btree (aggregate_id, aggregate_type, consumer, version);
CREATE UNIQUE INDEX uq_parked_events_place ON parked_events USING btree (consumer, topic, partition, "position");
GRANT SELECT ON parked_events TO voucher_api;
GRANT DELETE, INSERT, SELECT ON parked_events TO voucher_worker;

CREATE TABLE payout_facts (
    payout_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    stage text NOT NULL,
    code text,
    version integer NOT NULL,
    final boolean NOT NULL DEFAULT false,
    moved_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payout_facts PRIMARY KEY (payout_id),
    CONSTRAINT fk_payout_facts_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT ck_payout_facts_final CHECK (stage = 'returned'::text OR NOT final),
    CONSTRAINT ck_payout_facts_returned_says_why CHECK (stage <> 'returned'::text OR code IS NOT NULL),
    CONSTRAINT ck_payout_facts_stage CHECK (stage = ANY (ARRAY['opened'::text, 'returned'::text, 'paid'::text, 'reversed'::text, 'debt_settled'::text]))
);
CREATE INDEX ix_payout_facts_voucher_id ON payout_facts USING btree (voucher_id);
GRANT SELECT ON payout_facts TO voucher_api;
GRANT INSERT, SELECT, UPDATE ON payout_facts TO voucher_worker;

CREATE TABLE positions (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
GRANT INSERT, SELECT, UPDATE ON positions TO voucher_worker;

CREATE TABLE register_extracts (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    pension text NOT NULL,
    fiscal_payroll text NOT NULL,
    outside_benefits_known boolean NOT NULL,
    source text NOT NULL,
    as_of date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    vital_status text NOT NULL DEFAULT 'unknown'::text,
    CONSTRAINT pk_register_extracts PRIMARY KEY (id),
    CONSTRAINT fk_register_extracts_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT ck_register_extracts_fiscal_payroll CHECK (fiscal_payroll = ANY (ARRAY['on'::text, 'off'::text, 'unknown'::text])),
    CONSTRAINT ck_register_extracts_pension CHECK (pension = ANY (ARRAY['drawn'::text, 'not_drawn'::text, 'unknown'::text])),
    CONSTRAINT ck_register_extracts_vital_status CHECK (vital_status = ANY (ARRAY['alive'::text, 'deceased'::text, 'unknown'::text]))
);
CREATE INDEX ix_register_extracts_person_id_as_of_id ON register_extracts USING btree (person_id, as_of, id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON register_extracts FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER vital_status AFTER INSERT ON register_extracts FOR EACH ROW WHEN (new.vital_status <> 'unknown'::text) EXECUTE FUNCTION note_vital_change();
GRANT INSERT, SELECT ON register_extracts TO voucher_api;
GRANT SELECT ON register_extracts TO voucher_worker;

CREATE TABLE timers (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    moved integer NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
GRANT SELECT ON timers TO voucher_api;
GRANT INSERT, SELECT, UPDATE ON timers TO voucher_worker;

CREATE TABLE unmaskings (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    account text NOT NULL,
    reason_code text NOT NULL,
    fields text[] NOT NULL,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_unmaskings PRIMARY KEY (id),
    CONSTRAINT fk_unmaskings_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT ck_unmaskings_some_field CHECK (cardinality(fields) > 0)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON unmaskings FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON unmaskings FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
GRANT INSERT, SELECT ON unmaskings TO voucher_api;
GRANT SELECT ON unmaskings TO voucher_worker;

CREATE TABLE vital_changes (
    person_id uuid NOT NULL,
    CONSTRAINT pk_vital_changes PRIMARY KEY (person_id),
    CONSTRAINT fk_vital_changes_person_id FOREIGN KEY (person_id) REFERENCES workers(id)
);
GRANT INSERT ON vital_changes TO voucher_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON vital_changes TO voucher_worker;

CREATE TABLE voucher_certificates (
    certificate_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    assessed_on date NOT NULL,
    completed_on date NOT NULL,
    issued_on date NOT NULL,
    occasion text NOT NULL DEFAULT 'first'::text,
    CONSTRAINT pk_voucher_certificates PRIMARY KEY (certificate_id),
    CONSTRAINT uq_voucher_certificates_certificate_id_voucher_id UNIQUE (certificate_id, voucher_id),
    CONSTRAINT fk_voucher_certificates_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT ck_voucher_certificates_level CHECK (level >= 0 AND level <= 5)
);
CREATE INDEX ix_voucher_certificates_voucher_id ON voucher_certificates USING btree (voucher_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON voucher_certificates FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER match BEFORE INSERT ON voucher_certificates FOR EACH ROW EXECUTE FUNCTION voucher_certificates_match();
GRANT SELECT ON voucher_certificates TO voucher_api;
GRANT INSERT, SELECT ON voucher_certificates TO voucher_worker;

CREATE TABLE voucher_holds (
    id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    reason_code text NOT NULL,
    placed_by uuid,
    placed_at timestamp with time zone NOT NULL,
    lifted_by uuid,
    lifted_at timestamp with time zone,
    CONSTRAINT pk_voucher_holds PRIMARY KEY (id),
    CONSTRAINT fk_voucher_holds_voucher_id FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT ck_voucher_holds_lifted CHECK (
CASE
    WHEN lifted_at IS NULL OR placed_by IS NULL THEN lifted_by IS NULL
    ELSE lifted_by IS NOT NULL
END),
    CONSTRAINT ck_voucher_holds_placed CHECK ((placed_by IS NULL) = (reason_code = 'holder_deceased'::text))
);
CREATE INDEX ix_voucher_holds_voucher_id ON voucher_holds USING btree (voucher_id);
CREATE UNIQUE INDEX uq_voucher_holds_register ON voucher_holds USING btree (voucher_id) WHERE ((placed_by IS NULL) AND (lifted_at IS NULL));
CREATE TRIGGER by_whom BEFORE INSERT OR UPDATE ON voucher_holds FOR EACH ROW EXECUTE FUNCTION voucher_holds_of_register();
CREATE CONSTRAINT TRIGGER holds_counted AFTER INSERT OR UPDATE ON voucher_holds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
GRANT INSERT, SELECT, UPDATE (lifted_by, lifted_at) ON voucher_holds TO voucher_api;
GRANT INSERT, SELECT, UPDATE (lifted_at) ON voucher_holds TO voucher_worker;

CREATE TABLE vouchers (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    number text NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    rules_version text NOT NULL,
    area text NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    skill_code text,
    level smallint,
    claimed_at timestamp with time zone,
    eligibility_decided_on date,
    enrolment_id uuid,
    class_id uuid,
    class_area text,
    channel text,
    institution text,
    payee_kind text,
    payee_id text,
    mandate_id uuid,
    act text,
    starts_on date,
    ends_on date,
    payout_id uuid,
    cancel_proposed_by uuid,
    cancel_reason_code text,
    cancelled_by uuid,
    certificate_id uuid,
    certified_on date,
    certify_by date,
    failed_trainings smallint NOT NULL DEFAULT 0,
    cancellation_lapses_at timestamp with time zone,
    held_since timestamp with time zone,
    warned_days smallint,
    in_quota boolean NOT NULL DEFAULT true,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    occasion text,
    CONSTRAINT pk_vouchers PRIMARY KEY (id),
    CONSTRAINT uq_vouchers_number UNIQUE (number),
    CONSTRAINT fk_vouchers_batch_terms FOREIGN KEY (batch_id, programme, fund_source, rules_version) REFERENCES batches(id, programme, fund_source, rules_version),
    CONSTRAINT fk_vouchers_certificate FOREIGN KEY (certificate_id, id) REFERENCES voucher_certificates(certificate_id, voucher_id),
    CONSTRAINT fk_vouchers_mandate FOREIGN KEY (mandate_id, id, person_id, payee_id) REFERENCES mandates(id, voucher_id, person_id, payee_id),
    CONSTRAINT fk_vouchers_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT ck_vouchers_binding CHECK (num_nonnulls(enrolment_id, class_id, class_area, channel, institution, payee_kind, payee_id, act, starts_on, ends_on) = ANY (ARRAY[0, 10])),
    CONSTRAINT ck_vouchers_bound CHECK (status = 'cancelled'::text OR (status = ANY (ARRAY['offered'::text, 'claimed'::text, 'expired'::text, 'given_back'::text])) = (enrolment_id IS NULL)),
    CONSTRAINT ck_vouchers_cancel_proposal CHECK (num_nonnulls(cancel_proposed_by, cancel_reason_code, cancellation_lapses_at) = ANY (ARRAY[0, 3])),
    CONSTRAINT ck_vouchers_cancelled CHECK ((status = 'cancelled'::text) = (cancelled_by IS NOT NULL) AND (cancelled_by IS NULL OR cancel_proposed_by IS NOT NULL)),
    CONSTRAINT ck_vouchers_certified CHECK (
CASE
    WHEN status = ANY (ARRAY['certified'::text, 'settling'::text]) THEN certificate_id IS NOT NULL
    ELSE certificate_id IS NULL OR (status = ANY (ARRAY['redeemed'::text, 'lapsed'::text, 'clawed_back'::text]))
END),
    CONSTRAINT ck_vouchers_certified_by CHECK ((certificate_id IS NULL) = (certified_on IS NULL)),
    CONSTRAINT ck_vouchers_certify_by CHECK (enrolment_id IS NOT NULL OR certify_by IS NULL),
    CONSTRAINT ck_vouchers_claim CHECK (num_nonnulls(skill_code, level, occasion, claimed_at, eligibility_decided_on) = ANY (ARRAY[0, 5])),
    CONSTRAINT ck_vouchers_claimed CHECK ((status = ANY (ARRAY['offered'::text, 'expired'::text, 'cancelled'::text])) OR claimed_at IS NOT NULL),
    CONSTRAINT ck_vouchers_failed_trainings CHECK (failed_trainings >= 0 AND failed_trainings <= 1),
    CONSTRAINT ck_vouchers_held_since CHECK ((held_since IS NULL) = (open_holds = 0)),
    CONSTRAINT ck_vouchers_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_vouchers_mandate CHECK (
CASE
    WHEN enrolment_id IS NULL THEN mandate_id IS NULL
    ELSE (payee_kind = 'worker'::text) = (mandate_id IS NULL)
END),
    CONSTRAINT ck_vouchers_offered CHECK (status <> 'offered'::text OR claimed_at IS NULL),
    CONSTRAINT ck_vouchers_open_holds CHECK (open_holds >= 0),
    CONSTRAINT ck_vouchers_payout CHECK ((status = ANY (ARRAY['settling'::text, 'redeemed'::text, 'clawed_back'::text])) = (payout_id IS NOT NULL)),
    CONSTRAINT ck_vouchers_two_officers CHECK (cancelled_by <> cancel_proposed_by),
    CONSTRAINT ck_vouchers_worker_paid CHECK (payee_kind <> 'worker'::text OR payee_id = person_id::text)
);
CREATE INDEX ix_vouchers_area_id ON vouchers USING btree (area, id);
CREATE INDEX ix_vouchers_cancellation_lapses_at ON vouchers USING btree (cancellation_lapses_at) WHERE (cancellation_lapses_at IS NOT NULL);
CREATE INDEX ix_vouchers_certificate_id ON vouchers USING btree (certificate_id) WHERE (certificate_id IS NOT NULL);
CREATE INDEX ix_vouchers_certified_on ON vouchers USING btree (certified_on) WHERE (status = 'certified'::text);
CREATE INDEX ix_vouchers_ends_on ON vouchers USING btree (ends_on) WHERE (status = 'in_use'::text);
CREATE INDEX ix_vouchers_institution_id ON vouchers USING btree (institution, id) WHERE (institution IS NOT NULL);
CREATE INDEX ix_vouchers_person_id_id ON vouchers USING btree (person_id, id);
CREATE INDEX ix_vouchers_valid_until ON vouchers USING btree (valid_until) WHERE (status = ANY (ARRAY['claimed'::text, 'offered'::text]));
CREATE UNIQUE INDEX uq_vouchers_live ON vouchers USING btree (person_id, programme) WHERE (status = ANY (ARRAY['certified'::text, 'claimed'::text, 'in_use'::text, 'offered'::text, 'settling'::text]));
CREATE TRIGGER chosen_once BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_chosen_once();
CREATE TRIGGER count_created AFTER INSERT ON vouchers REFERENCING NEW TABLE AS created FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_created();
CREATE TRIGGER count_failures BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_count_failures();
CREATE TRIGGER count_returned AFTER UPDATE ON vouchers REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_returned();
CREATE TRIGGER count_taken_up AFTER UPDATE ON vouchers REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_taken_up();
CREATE CONSTRAINT TRIGGER holds_counted AFTER UPDATE OF open_holds ON vouchers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION voucher_holds_counted();
CREATE TRIGGER immutable BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'number', 'person_id', 'batch_id', 'programme', 'fund_source', 'rules_version', 'area', 'created_at');
CREATE TRIGGER leave_quota BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION vouchers_leave_quota();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{offered,claimed}', '{offered>claimed,claimed>in_use,expired>in_use,in_use>claimed,in_use>certified,void_uncertified>certified,certified>in_use,settling>in_use,certified>lapsed,settling>lapsed,certified>settling,settling>redeemed,lapsed>redeemed,in_use>redeemed,void_uncertified>redeemed,settling>certified,redeemed>clawed_back,claimed>given_back,offered>expired,claimed>expired,in_use>void_uncertified,offered>cancelled,claimed>cancelled,in_use>cancelled}');
CREATE CONSTRAINT TRIGGER needs_certificate AFTER INSERT OR UPDATE OF status ON vouchers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = ANY (ARRAY['certified'::text, 'settling'::text, 'redeemed'::text, 'clawed_back'::text])) EXECUTE FUNCTION vouchers_needs_certificate();
CREATE CONSTRAINT TRIGGER needs_verdict AFTER INSERT OR UPDATE OF claimed_at ON vouchers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.claimed_at IS NOT NULL) EXECUTE FUNCTION vouchers_needs_verdict();
GRANT INSERT, SELECT, UPDATE (status, version, open_holds, valid_until, skill_code, level, claimed_at, eligibility_decided_on, cancel_proposed_by, cancel_reason_code, cancelled_by, cancellation_lapses_at, held_since, warned_days, occasion) ON vouchers TO voucher_api;
GRANT SELECT, UPDATE (status, version, open_holds, valid_until, eligibility_decided_on, enrolment_id, class_id, class_area, channel, institution, payee_kind, payee_id, mandate_id, act, starts_on, ends_on, payout_id, cancel_proposed_by, cancel_reason_code, certificate_id, certified_on, certify_by, failed_trainings, cancellation_lapses_at, held_since, warned_days) ON vouchers TO voucher_worker;

CREATE TABLE worker_changes (
    person_id uuid NOT NULL,
    version integer NOT NULL,
    field text NOT NULL,
    previous_encrypted bytea,
    previous_area text,
    previous_digest text NOT NULL,
    proposal_id uuid,
    proposed_by uuid,
    changed_by uuid NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_worker_changes PRIMARY KEY (person_id, version),
    CONSTRAINT uq_worker_changes_proposal_id UNIQUE (proposal_id),
    CONSTRAINT fk_worker_changes_person_id FOREIGN KEY (person_id) REFERENCES workers(id),
    CONSTRAINT fk_worker_changes_proposal_id FOREIGN KEY (proposal_id) REFERENCES name_proposals(id),
    CONSTRAINT ck_worker_changes_field CHECK (field = ANY (ARRAY['name'::text, 'phone'::text, 'area'::text])),
    CONSTRAINT ck_worker_changes_name_has_proposer CHECK ((field = 'name'::text) = (proposed_by IS NOT NULL)),
    CONSTRAINT ck_worker_changes_name_was_proposed CHECK ((field = 'name'::text) = (proposal_id IS NOT NULL)),
    CONSTRAINT ck_worker_changes_previous_area CHECK ((field = 'area'::text) = (previous_area IS NOT NULL)),
    CONSTRAINT ck_worker_changes_previous_encrypted CHECK ((field <> 'area'::text) = (previous_encrypted IS NOT NULL)),
    CONSTRAINT ck_worker_changes_two_people CHECK (proposed_by <> changed_by)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON worker_changes FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON worker_changes TO voucher_api;

CREATE TABLE workers (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    id_number_index bytea NOT NULL,
    id_number_encrypted bytea NOT NULL,
    name_encrypted bytea NOT NULL,
    phone_encrypted bytea NOT NULL,
    salt_encrypted bytea NOT NULL,
    subject_digest text NOT NULL,
    area text NOT NULL,
    real_name_method text NOT NULL,
    real_name_level smallint NOT NULL,
    real_name_verified_at timestamp with time zone NOT NULL,
    survivor_id uuid,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_workers PRIMARY KEY (id),
    CONSTRAINT uq_workers_id_number_index UNIQUE (id_number_index),
    CONSTRAINT fk_workers_survivor_id FOREIGN KEY (survivor_id) REFERENCES workers(id),
    CONSTRAINT ck_workers_digest_is_sha256 CHECK (subject_digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_workers_index_is_hmac CHECK (octet_length(id_number_index) = 32),
    CONSTRAINT ck_workers_real_name_level CHECK (real_name_level >= 1 AND real_name_level <= 3),
    CONSTRAINT ck_workers_superseded_names_survivor CHECK ((status = 'superseded'::text) = (survivor_id IS NOT NULL)),
    CONSTRAINT ck_workers_survivor_is_another CHECK (survivor_id <> id)
);
CREATE INDEX ix_workers_area_id ON workers USING btree (area, id);
CREATE INDEX ix_workers_survivor_id ON workers USING btree (survivor_id) WHERE (survivor_id IS NOT NULL);
CREATE CONSTRAINT TRIGGER history AFTER UPDATE ON workers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION a_person_changes_with_history();
CREATE TRIGGER immutable BEFORE UPDATE ON workers FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'id_number_index', 'id_number_encrypted', 'salt_encrypted', 'created_at');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON workers FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{registered}', '{registered>superseded,superseded>registered}');
CREATE CONSTRAINT TRIGGER merger AFTER UPDATE ON workers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.survivor_id IS DISTINCT FROM old.survivor_id) EXECUTE FUNCTION a_record_stands_as_its_merger_says('id');
CREATE CONSTRAINT TRIGGER registered AFTER INSERT ON workers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.survivor_id IS NOT NULL) EXECUTE FUNCTION a_record_stands_as_its_merger_says('id');
CREATE TRIGGER vital_status AFTER UPDATE ON workers FOR EACH ROW WHEN (new.survivor_id IS DISTINCT FROM old.survivor_id) EXECUTE FUNCTION note_vital_change();
GRANT INSERT, SELECT, UPDATE (status, version, name_encrypted, phone_encrypted, subject_digest, area, survivor_id) ON workers TO voucher_api;
GRANT SELECT, UPDATE (version) ON workers TO voucher_worker;

CREATE OR REPLACE FUNCTION a_person_changes_with_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    changed TEXT;
BEGIN
    FOREACH changed IN ARRAY array_remove(ARRAY[
        CASE WHEN NEW.phone_encrypted <> OLD.phone_encrypted THEN 'phone' END,
        CASE WHEN NEW.area <> OLD.area THEN 'area' END,
        CASE WHEN (NEW.name_encrypted, NEW.subject_digest) <> (OLD.name_encrypted, OLD.subject_digest) THEN 'name' END
    ], NULL) LOOP
        IF NOT EXISTS (
            SELECT FROM worker_changes AS change LEFT JOIN name_proposals AS proposal ON proposal.id = change.proposal_id
            WHERE change.person_id = NEW.id AND change.version = NEW.version AND change.field = changed
                AND change.previous_digest = OLD.subject_digest
                AND (change.field <> 'area' OR change.previous_area = OLD.area)
                AND (change.field <> 'name'
                    OR (proposal.person_id, proposal.proposed_by) = (NEW.id, change.proposed_by))
        ) THEN
            RAISE EXCEPTION 'the % of a person changes with its history', changed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_workers_history';
        END IF;
    END LOOP;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION a_record_stands_as_its_merger_says()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    record uuid := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF (SELECT survivor_id FROM workers WHERE id = record) IS DISTINCT FROM
        (SELECT survivor_id FROM mergers WHERE person_id = record AND status IN ('merged', 'separation_proposed'))
    THEN
        RAISE EXCEPTION 'a record is merged, and parted again, by two officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_workers_merger';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION guard_columns()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    FOR place IN 0 .. TG_NARGS - 1 LOOP
        IF before -> TG_ARGV[place] IS DISTINCT FROM after -> TG_ARGV[place] THEN
            RAISE EXCEPTION '% of % never changes', TG_ARGV[place], TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION guard_lifecycle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> ALL (TG_ARGV[0]::text[]) THEN
            RAISE EXCEPTION 'a row of % is not created like this', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
        END IF;
        NEW.entered_at := NEW.created_at;
        RETURN NEW;
    END IF;
    IF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version OR OLD.status || '>' || NEW.status <> ALL (TG_ARGV[1]::text[])))
    THEN
        RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
    END IF;
    NEW.entered_at := CASE
        WHEN NEW.status = OLD.status THEN OLD.entered_at
        ELSE now() + (SELECT "offset" FROM business_clock)
    END;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION mergers_by_two()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    deciding uuid;
    proposing uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.merged_at) IS DISTINCT FROM (OLD.decided_by, OLD.merged_at)
        THEN
            RAISE EXCEPTION 'who decided a merger, and when, never changes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_mergers';
        END IF;
        IF NEW.decided_by IS DISTINCT FROM OLD.decided_by THEN
            deciding := NEW.decided_by;
            proposing := NEW.proposed_by;
        ELSIF NEW.separated_by IS DISTINCT FROM OLD.separated_by THEN
            deciding := NEW.separated_by;
            proposing := OLD.separation_proposed_by;
        ELSIF NEW.separation_proposed_by IS DISTINCT FROM OLD.separation_proposed_by THEN
            proposing := NEW.separation_proposed_by;
        END IF;
        IF NEW.separation_proposed_by IS DISTINCT FROM OLD.separation_proposed_by
            AND (NEW.separated_by IS NOT NULL
                OR OLD.separation_proposed_by IS NOT NULL AND NEW.separation_proposed_by IS NOT NULL)
        THEN
            RAISE EXCEPTION 'who proposed to undo a merger stays who proposed it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_mergers';
        END IF;
    ELSE
        proposing := NEW.proposed_by;
    END IF;
    IF deciding IN (SELECT records_of(proposing))
        OR EXISTS (
            SELECT FROM unnest(ARRAY[NEW.person_id, NEW.survivor_id]) AS of (record), records_of(of.record) AS own (id)
            WHERE own.id IN (deciding, proposing)
        )
    THEN
        RAISE EXCEPTION 'two officers who are not that person merge records, and undo it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mergers_two_officers';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION mergers_unused()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM payout_facts AS payout JOIN vouchers ON vouchers.id = payout.voucher_id
        WHERE payout.stage <> 'returned' AND payout.moved_at >= NEW.merged_at
            AND (vouchers.person_id IN (SELECT records_of(NEW.person_id))
                OR vouchers.person_id IN (SELECT records_of(NEW.survivor_id)))
    ) THEN
        RAISE EXCEPTION 'money has moved since the merger'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mergers_unused';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION note_vital_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_TABLE_NAME = 'register_extracts' THEN
        INSERT INTO vital_changes VALUES (NEW.person_id) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO vital_changes
            SELECT id FROM unnest(ARRAY[NEW.id, OLD.survivor_id]) AS changed (id) WHERE id IS NOT NULL
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION own_service()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT 'voucher' $function$;

CREATE OR REPLACE FUNCTION records_of(record uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE
AS $function$
    WITH RECURSIVE records (id) AS (
        SELECT record
        UNION
        SELECT near.id FROM records, LATERAL (
            SELECT survivor_id AS id FROM workers WHERE workers.id = records.id AND survivor_id IS NOT NULL
            UNION ALL
            SELECT workers.id FROM workers WHERE workers.survivor_id = records.id
        ) AS near
    )
    SELECT id FROM records
$function$;

CREATE OR REPLACE FUNCTION voucher_certificates_match()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM vouchers
        WHERE id = NEW.voucher_id AND person_id = NEW.person_id AND skill_code = NEW.skill_code AND level = NEW.level
            AND occasion = NEW.occasion
    ) THEN
        RAISE EXCEPTION 'a certificate serves the voucher of the same person, skill, level and occasion'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_voucher_certificates_match';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION voucher_holds_counted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    held uuid := CASE WHEN TG_TABLE_NAME = 'vouchers' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'voucher_id')::uuid END;
BEGIN
    IF (SELECT open_holds FROM vouchers WHERE id = held)
        <> (SELECT count(*) FROM voucher_holds WHERE voucher_id = held AND lifted_at IS NULL)
    THEN
        RAISE EXCEPTION 'open_holds does not count the open holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_holds_counted';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION voucher_holds_of_register()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.placed_by IS NULL) <> (current_user = 'voucher_worker') AND current_user IN ('voucher_api', 'voucher_worker')
        OR TG_OP = 'UPDATE' AND NEW.placed_by IS DISTINCT FROM OLD.placed_by
    THEN
        RAISE EXCEPTION 'the register of deaths places and lifts its holds, and officers theirs'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'wo_voucher_holds';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_chosen_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.claimed_at IS NOT NULL
        AND (NEW.skill_code, NEW.level, NEW.occasion, NEW.claimed_at)
            IS DISTINCT FROM (OLD.skill_code, OLD.level, OLD.occasion, OLD.claimed_at)
    THEN
        RAISE EXCEPTION 'skill, level, occasion and time of a claim never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_vouchers_claim';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_count_created()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (SELECT batch_id, count(*) AS vouchers FROM created WHERE claimed_at IS NOT NULL GROUP BY batch_id) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_count_failures()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.failed_trainings <> OLD.failed_trainings
        AND (NEW.failed_trainings < OLD.failed_trainings OR OLD.status <> 'in_use' OR NEW.status <> 'claimed')
    THEN
        RAISE EXCEPTION 'a failed training is counted once, as the voucher comes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_failures';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_count_returned()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
    UPDATE batches SET returned = returned + left_it.vouchers
    FROM (
        SELECT later.batch_id, count(*) AS vouchers
        FROM later JOIN earlier USING (id)
        WHERE earlier.in_quota AND NOT later.in_quota
        GROUP BY later.batch_id
    ) AS left_it
    WHERE batches.id = left_it.batch_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_count_taken_up()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
BEGIN
    UPDATE batches SET claimed = claimed + added.vouchers
    FROM (
        SELECT later.batch_id, count(*) AS vouchers
        FROM later JOIN earlier USING (id)
        WHERE earlier.claimed_at IS NULL AND later.claimed_at IS NOT NULL
        GROUP BY later.batch_id
    ) AS added
    WHERE batches.id = added.batch_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_leave_quota()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.in_quota := OLD.in_quota
        AND NOT (NEW.claimed_at IS NOT NULL AND NEW.status IN ('expired', 'cancelled', 'given_back'));
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_needs_certificate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM voucher_certificates WHERE voucher_id = NEW.id)
        OR NOT EXISTS (
            SELECT FROM eligibility_verdicts WHERE voucher_id = NEW.id AND step = 'certification'
        )
    THEN
        RAISE EXCEPTION 'no voucher is certified without its certificate and a fresh verdict'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_certificate';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION vouchers_needs_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM eligibility_verdicts AS given
        WHERE given.voucher_id = NEW.id AND given.step = 'claim' AND given.batch_id = NEW.batch_id
            AND given.skill_code = NEW.skill_code AND given.level = NEW.level
    ) THEN
        RAISE EXCEPTION 'no voucher is claimed without a verdict on its skill and level'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_vouchers_verdict';
    END IF;
    RETURN NULL;
END $function$;
