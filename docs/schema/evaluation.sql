-- The evaluation service's schema, read from a migrated database; written by `make schema`.

CREATE TABLE assessed_certificates (
    certificate_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    basis text NOT NULL DEFAULT 'assessment'::text,
    candidate_status text NOT NULL DEFAULT 'passed'::text,
    session_status text NOT NULL DEFAULT 'confirmed'::text,
    occasion text NOT NULL DEFAULT 'first'::text,
    CONSTRAINT pk_assessed_certificates PRIMARY KEY (certificate_id),
    CONSTRAINT uq_assessed_certificates_candidate_id UNIQUE (candidate_id),
    CONSTRAINT fk_assessed_certificates_candidate FOREIGN KEY (candidate_id, session_id, person_id, skill_code, level, act, candidate_status) REFERENCES candidates(id, session_id, person_id, skill_code, level, act, status),
    CONSTRAINT fk_assessed_certificates_candidate_occasion FOREIGN KEY (candidate_id, occasion) REFERENCES candidates(id, occasion),
    CONSTRAINT fk_assessed_certificates_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level, act) REFERENCES certificates(id, basis, person_id, skill_code, level, act),
    CONSTRAINT fk_assessed_certificates_certificate_occasion FOREIGN KEY (certificate_id, occasion) REFERENCES certificates(id, occasion),
    CONSTRAINT fk_assessed_certificates_session FOREIGN KEY (session_id, session_status) REFERENCES assessment_sessions(id, status),
    CONSTRAINT ck_assessed_certificates_basis CHECK (basis = 'assessment'::text),
    CONSTRAINT ck_assessed_certificates_confirmed CHECK (session_status = 'confirmed'::text),
    CONSTRAINT ck_assessed_certificates_passed CHECK (candidate_status = 'passed'::text)
);
CREATE INDEX ix_assessed_certificates_session_id ON assessed_certificates USING btree (session_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON assessed_certificates FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON assessed_certificates TO evaluation_api;
GRANT SELECT ON assessed_certificates TO evaluation_worker;

CREATE TABLE assessment_sessions (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    body text NOT NULL,
    body_kind text NOT NULL,
    area text NOT NULL,
    province_code text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    held_on date NOT NULL,
    place text NOT NULL,
    site_code text NOT NULL,
    assessor_1_id uuid NOT NULL,
    assessor_2_id uuid NOT NULL,
    supervisor_id uuid NOT NULL,
    opened_at timestamp with time zone,
    confirmed_by uuid,
    confirmed_from text,
    confirmed_at timestamp with time zone,
    confirmed_on date,
    candidates integer,
    passed integer,
    flags text[],
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_assessment_sessions PRIMARY KEY (id),
    CONSTRAINT uq_assessment_sessions_plan UNIQUE (id, body, body_kind, skill_code, level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id),
    CONSTRAINT uq_assessment_sessions_status UNIQUE (id, status),
    CONSTRAINT fk_assessment_sessions_assessor_1_id FOREIGN KEY (assessor_1_id) REFERENCES assessors(id),
    CONSTRAINT fk_assessment_sessions_assessor_2_id FOREIGN KEY (assessor_2_id) REFERENCES assessors(id),
    CONSTRAINT fk_assessment_sessions_body FOREIGN KEY (body, body_kind, area, province_code) REFERENCES bodies(id, kind, area, province_code),
    CONSTRAINT fk_assessment_sessions_supervisor_id FOREIGN KEY (supervisor_id) REFERENCES persons(id),
    CONSTRAINT ck_assessment_sessions_act CHECK (act = ANY (ARRAY['first'::text, 'review'::text])),
    CONSTRAINT ck_assessment_sessions_cancelled CHECK ((status = 'cancelled'::text) = (reason_code IS NOT NULL)),
    CONSTRAINT ck_assessment_sessions_confirmed CHECK (status <> 'confirmed'::text OR NOT confirmed_by IS DISTINCT FROM supervisor_id AND confirmed_from IS NOT NULL AND confirmed_at IS NOT NULL AND confirmed_on IS NOT NULL),
    CONSTRAINT ck_assessment_sessions_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_assessment_sessions_panel CHECK (assessor_1_id <> assessor_2_id AND supervisor_id <> assessor_1_id AND supervisor_id <> assessor_2_id),
    CONSTRAINT ck_assessment_sessions_site_code CHECK (site_code ~ '^[0-9]{6}$'::text),
    CONSTRAINT ck_assessment_sessions_supervised_outside CHECK ((body_kind <> ALL (ARRAY['employer'::text, 'school'::text])) OR confirmed_from <> body)
);
CREATE INDEX ix_assessment_sessions_assessor_1_id ON assessment_sessions USING btree (assessor_1_id);
CREATE INDEX ix_assessment_sessions_assessor_2_id ON assessment_sessions USING btree (assessor_2_id);
CREATE INDEX ix_assessment_sessions_unopened ON assessment_sessions USING btree (held_on) WHERE (status = 'scheduled'::text);
CREATE TRIGGER candidates BEFORE UPDATE ON assessment_sessions FOR EACH ROW WHEN (old.status = 'scheduled'::text AND new.status = 'open'::text) EXECUTE FUNCTION assessment_sessions_candidates();
CREATE CONSTRAINT TRIGGER freed AFTER UPDATE ON assessment_sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = 'cancelled'::text) EXECUTE FUNCTION candidates_freed();
CREATE TRIGGER immutable BEFORE UPDATE ON assessment_sessions FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'body', 'body_kind', 'area', 'province_code', 'skill_code', 'level', 'act', 'held_on', 'place', 'site_code');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON assessment_sessions FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{scheduled}', '{scheduled>open,scheduled>cancelled,open>scored,scored>confirmed}');
CREATE TRIGGER panel_before_opening BEFORE UPDATE ON assessment_sessions FOR EACH ROW WHEN (old.status <> 'scheduled'::text OR new.status <> 'scheduled'::text OR new.version = old.version) EXECUTE FUNCTION guard_columns('assessor_1_id', 'assessor_2_id', 'supervisor_id');
CREATE TRIGGER worker BEFORE UPDATE ON assessment_sessions FOR EACH ROW WHEN (CURRENT_USER = 'evaluation_worker'::name AND (new.status <> 'cancelled'::text OR old.status <> 'scheduled'::text)) EXECUTE FUNCTION guard_worker();
GRANT INSERT, SELECT, UPDATE (status, version, assessor_1_id, assessor_2_id, supervisor_id, opened_at, confirmed_by, confirmed_from, confirmed_at, confirmed_on, candidates, passed, flags, reason_code) ON assessment_sessions TO evaluation_api;
GRANT SELECT, UPDATE (status, version, reason_code) ON assessment_sessions TO evaluation_worker;

CREATE TABLE assessor_skills (
    assessor_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    body text NOT NULL,
    CONSTRAINT pk_assessor_skills PRIMARY KEY (assessor_id, skill_code, level, body),
    CONSTRAINT fk_assessor_skills_assessor_id FOREIGN KEY (assessor_id) REFERENCES assessors(id),
    CONSTRAINT fk_assessor_skills_body FOREIGN KEY (body) REFERENCES bodies(id),
    CONSTRAINT ck_assessor_skills_level CHECK (level >= 0 AND level <= 5)
);
CREATE INDEX ix_assessor_skills_body ON assessor_skills USING btree (body);
GRANT INSERT, SELECT ON assessor_skills TO evaluation_api;

CREATE TABLE assessors (
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    body text NOT NULL,
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_assessors PRIMARY KEY (id),
    CONSTRAINT fk_assessors_body FOREIGN KEY (body) REFERENCES bodies(id),
    CONSTRAINT fk_assessors_id FOREIGN KEY (id) REFERENCES persons(id)
);
CREATE TRIGGER immutable BEFORE UPDATE ON assessors FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'body');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON assessors FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{registered}', '{registered>struck_off}');
GRANT INSERT, SELECT, UPDATE (status, version, reason_code) ON assessors TO evaluation_api;
GRANT SELECT ON assessors TO evaluation_worker;

CREATE TABLE bodies (
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    kind text NOT NULL,
    province_code text NOT NULL,
    listed_by uuid NOT NULL,
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_bodies PRIMARY KEY (id),
    CONSTRAINT uq_bodies_identity UNIQUE (id, kind, area, province_code),
    CONSTRAINT uq_bodies_province_code UNIQUE (province_code),
    CONSTRAINT ck_bodies_kind CHECK (kind = ANY (ARRAY['employer'::text, 'school'::text, 'social'::text, 'government'::text])),
    CONSTRAINT ck_bodies_province_code CHECK (province_code ~ '^[0-9A-Z]{4}$'::text)
);
CREATE TRIGGER immutable BEFORE UPDATE ON bodies FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'kind', 'area', 'province_code', 'listed_by');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON bodies FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{listed}', '{listed>suspended,suspended>listed,listed>removed,suspended>removed}');
GRANT INSERT, SELECT, UPDATE (status, version, reason_code) ON bodies TO evaluation_api;
GRANT SELECT ON bodies TO evaluation_worker;

CREATE TABLE body_scope_lines (
    id uuid NOT NULL,
    body_id text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    edition text NOT NULL,
    CONSTRAINT pk_body_scope_lines PRIMARY KEY (id),
    CONSTRAINT ex_body_scope_lines_days EXCLUDE USING gist (body_id WITH =, skill_code WITH =, level WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT fk_body_scope_lines_body_id FOREIGN KEY (body_id) REFERENCES bodies(id),
    CONSTRAINT ck_body_scope_lines_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_body_scope_lines_level CHECK (level >= 0 AND level <= 5)
);
CREATE INDEX ix_body_scope_lines_body_id ON body_scope_lines USING btree (body_id);
CREATE TRIGGER immutable BEFORE UPDATE ON body_scope_lines FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'body_id', 'skill_code', 'level', 'valid_from', 'edition');
GRANT INSERT, SELECT, UPDATE (valid_to) ON body_scope_lines TO evaluation_api;

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
GRANT SELECT ON business_clock TO evaluation_api;
GRANT SELECT ON business_clock TO evaluation_worker;

CREATE TABLE candidates (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    session_id uuid NOT NULL,
    body text NOT NULL,
    body_kind text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    held_on date NOT NULL,
    assessor_1_id uuid NOT NULL,
    assessor_2_id uuid NOT NULL,
    supervisor_id uuid NOT NULL,
    person_id uuid NOT NULL,
    enrolment_id uuid,
    voucher_id uuid,
    channel text NOT NULL,
    completed_on date,
    trained_by text[] NOT NULL DEFAULT '{}'::text[],
    taught_by uuid[] NOT NULL DEFAULT '{}'::uuid[],
    belongs_to text,
    affiliation text,
    series_id uuid NOT NULL,
    attempt smallint NOT NULL,
    entry_basis text NOT NULL,
    entry_evidence text,
    score_version smallint,
    appealed_version smallint,
    theory smallint,
    practice smallint,
    review smallint,
    reason_code text,
    series_number smallint NOT NULL DEFAULT 1,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    occasion text NOT NULL DEFAULT 'first'::text,
    CONSTRAINT pk_candidates PRIMARY KEY (id),
    CONSTRAINT uq_candidates_occasion UNIQUE (id, occasion),
    CONSTRAINT uq_candidates_result UNIQUE (id, session_id, person_id, skill_code, level, act, status),
    CONSTRAINT uq_candidates_session UNIQUE (session_id, person_id),
    CONSTRAINT fk_candidates_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolment_facts(id),
    CONSTRAINT fk_candidates_person_id FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT fk_candidates_session FOREIGN KEY (session_id, body, body_kind, skill_code, level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id) REFERENCES assessment_sessions(id, body, body_kind, skill_code, level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id) ON UPDATE CASCADE,
    CONSTRAINT ck_candidates_appealed_version CHECK (status <> 'appealed'::text OR appealed_version IS NOT NULL),
    CONSTRAINT ck_candidates_attempt CHECK (attempt >= 1 AND attempt <= 2),
    CONSTRAINT ck_candidates_completed_on CHECK (completed_on <= held_on),
    CONSTRAINT ck_candidates_occasion CHECK (act = split_part(occasion, ':'::text, 1)),
    CONSTRAINT ck_candidates_of_the_body CHECK ((body_kind <> ALL (ARRAY['employer'::text, 'school'::text])) OR NOT belongs_to IS DISTINCT FROM body),
    CONSTRAINT ck_candidates_on_panel CHECK (person_id <> assessor_1_id AND person_id <> assessor_2_id AND person_id <> supervisor_id),
    CONSTRAINT ck_candidates_reason CHECK ((status <> ALL (ARRAY['voided'::text, 'absent'::text, 'appealed'::text, 'cancelled'::text])) OR reason_code IS NOT NULL),
    CONSTRAINT ck_candidates_score CHECK ((status <> ALL (ARRAY['scored'::text, 'passed'::text, 'failed'::text, 'appealed'::text])) OR score_version IS NOT NULL),
    CONSTRAINT ck_candidates_series_number CHECK (series_number >= 1),
    CONSTRAINT ck_candidates_taught_by_an_assessor CHECK ((body_kind <> ALL (ARRAY['employer'::text, 'school'::text])) OR NOT taught_by && ARRAY[assessor_1_id, assessor_2_id]),
    CONSTRAINT ck_candidates_trained_by_the_body CHECK (body_kind <> 'social'::text OR (body <> ALL (trained_by)))
);
CREATE INDEX ix_candidates_enrolment_id ON candidates USING btree (enrolment_id);
CREATE INDEX ix_candidates_held_on ON candidates USING btree (held_on);
CREATE INDEX ix_candidates_overdue ON candidates USING btree (status, entered_at) WHERE (status = ANY (ARRAY['sat'::text, 'scored'::text, 'appealed'::text]));
CREATE INDEX ix_candidates_session_id ON candidates USING btree (session_id);
CREATE UNIQUE INDEX uq_candidates_attempt ON candidates USING btree (series_id, series_number, attempt) WHERE (status <> ALL (ARRAY['absent'::text, 'voided'::text, 'cancelled'::text]));
CREATE UNIQUE INDEX uq_candidates_current ON candidates USING btree (person_id, skill_code, level, act) WHERE (status = ANY (ARRAY['admitted'::text, 'sat'::text, 'scored'::text, 'appealed'::text]));
CREATE UNIQUE INDEX uq_candidates_passed ON candidates USING btree (series_id, series_number) WHERE (status = 'passed'::text);
CREATE TRIGGER agreement BEFORE UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_agreement();
CREATE CONSTRAINT TRIGGER freed AFTER UPDATE ON candidates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = 'cancelled'::text) EXECUTE FUNCTION candidates_freed();
CREATE TRIGGER immutable BEFORE UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'session_id', 'person_id', 'enrolment_id', 'voucher_id', 'channel', 'completed_on', 'trained_by', 'taught_by', 'belongs_to', 'affiliation', 'series_id', 'series_number', 'attempt', 'entry_basis', 'entry_evidence');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{admitted}', '{admitted>sat,admitted>absent,admitted>voided,admitted>cancelled,sat>scored,sat>voided,scored>passed,scored>failed,scored>voided,failed>appealed,appealed>passed,appealed>failed}');
CREATE TRIGGER occasion_as_admitted BEFORE UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion');
CREATE TRIGGER series BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_series();
CREATE TRIGGER training BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_training();
CREATE TRIGGER worker BEFORE UPDATE ON candidates FOR EACH ROW WHEN (CURRENT_USER = 'evaluation_worker'::name AND (new.status <> 'cancelled'::text OR old.status <> 'admitted'::text)) EXECUTE FUNCTION guard_worker();
GRANT INSERT, SELECT, UPDATE (status, version, score_version, appealed_version, theory, practice, review, reason_code) ON candidates TO evaluation_api;
GRANT SELECT, UPDATE (status, version, reason_code) ON candidates TO evaluation_worker;

CREATE TABLE certificate_serials (
    prefix text NOT NULL,
    last integer NOT NULL,
    most integer NOT NULL,
    CONSTRAINT pk_certificate_serials PRIMARY KEY (prefix),
    CONSTRAINT ck_certificate_serials_last CHECK (last >= 0 AND last <= most)
);
GRANT INSERT, SELECT, UPDATE (last) ON certificate_serials TO evaluation_api;

CREATE TABLE certificates (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    basis text NOT NULL,
    number text NOT NULL,
    number_encrypted bytea,
    number_index bytea,
    person_id uuid NOT NULL,
    subject_digest text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    body text NOT NULL,
    area text NOT NULL,
    channel text NOT NULL,
    voucher_id uuid,
    enrolment_id uuid,
    assessed_on date,
    completed_on date,
    issued_on date NOT NULL,
    valid_until date,
    jws text NOT NULL,
    since date,
    reason_code text,
    revocation_reason_code text,
    revocation_proposed_by uuid,
    revoked_by uuid,
    masked_name text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    occasion text NOT NULL DEFAULT 'first'::text,
    review_due_on date,
    CONSTRAINT pk_certificates PRIMARY KEY (id),
    CONSTRAINT uq_certificates_basis UNIQUE (id, basis, person_id, skill_code, level, act),
    CONSTRAINT uq_certificates_number UNIQUE (number),
    CONSTRAINT uq_certificates_occasion UNIQUE (id, occasion),
    CONSTRAINT ex_certificates_permit_holder EXCLUDE USING gist (number_index WITH =, person_id WITH <>),
    CONSTRAINT fk_certificates_person_id FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT ck_certificates_act CHECK (act = ANY (ARRAY['first'::text, 'review'::text])),
    CONSTRAINT ck_certificates_assessed_on CHECK (basis <> 'assessment'::text OR assessed_on IS NOT NULL),
    CONSTRAINT ck_certificates_basis CHECK (basis = ANY (ARRAY['assessment'::text, 'direct_recognition'::text, 'import'::text])),
    CONSTRAINT ck_certificates_dates CHECK (assessed_on <= issued_on AND completed_on <= assessed_on),
    CONSTRAINT ck_certificates_kind CHECK (kind = ANY (ARRAY['vocational_qualification'::text, 'skill_level'::text, 'special_operation'::text, 'special_equipment'::text, 'specific_competence'::text])),
    CONSTRAINT ck_certificates_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_certificates_number_encrypted CHECK ((kind = ANY (ARRAY['special_operation'::text, 'special_equipment'::text])) OR number_encrypted IS NULL),
    CONSTRAINT ck_certificates_number_index CHECK ((number_encrypted IS NULL) = (number_index IS NULL)),
    CONSTRAINT ck_certificates_occasion CHECK (act = split_part(occasion, ':'::text, 1)),
    CONSTRAINT ck_certificates_reason CHECK ((status = ANY (ARRAY['valid'::text, 'imported'::text])) OR since IS NOT NULL AND reason_code IS NOT NULL),
    CONSTRAINT ck_certificates_review_due_on CHECK (review_due_on <= valid_until),
    CONSTRAINT ck_certificates_reviewed CHECK ((kind = ANY (ARRAY['special_operation'::text, 'special_equipment'::text])) = (review_due_on IS NOT NULL)),
    CONSTRAINT ck_certificates_subject_digest CHECK (subject_digest ~ '^[0-9a-f]{64}$'::text),
    CONSTRAINT ck_certificates_two_officers CHECK (status <> 'revoked'::text OR revocation_proposed_by IS NOT NULL AND revoked_by IS NOT NULL AND revocation_proposed_by <> revoked_by),
    CONSTRAINT ck_certificates_valid_until CHECK ((kind = ANY (ARRAY['special_operation'::text, 'special_equipment'::text])) OR valid_until IS NULL)
);
CREATE INDEX ix_certificates_body ON certificates USING btree (body);
CREATE INDEX ix_certificates_number_index ON certificates USING btree (number_index);
CREATE INDEX ix_certificates_overdue ON certificates USING btree (status, entered_at) WHERE (status = ANY (ARRAY['imported'::text, 'suspended'::text]));
CREATE INDEX ix_certificates_person_id ON certificates USING btree (person_id);
CREATE INDEX ix_certificates_review_due_on ON certificates USING btree (review_due_on) WHERE ((status = ANY (ARRAY['valid'::text, 'suspended'::text])) AND (review_due_on IS NOT NULL));
CREATE UNIQUE INDEX uq_certificates_live ON certificates USING btree (person_id, skill_code, level) WHERE (status = ANY (ARRAY['valid'::text, 'suspended'::text]));
CREATE CONSTRAINT TRIGGER basis AFTER INSERT ON certificates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION certificates_basis();
CREATE TRIGGER immutable BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION guard_columns('id', 'kind', 'basis', 'number', 'number_encrypted', 'number_index', 'person_id', 'subject_digest', 'skill_code', 'level', 'act', 'body', 'area', 'channel', 'voucher_id', 'enrolment_id', 'assessed_on', 'completed_on', 'issued_on', 'valid_until', 'jws');
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{valid,imported}', '{imported>valid,valid>suspended,suspended>valid,valid>expired,suspended>expired,valid>superseded,imported>revoked,valid>revoked,suspended>revoked,expired>revoked,superseded>revoked}');
CREATE TRIGGER named_as_issued BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION guard_columns('masked_name');
CREATE TRIGGER occasion_as_issued BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION guard_columns('occasion', 'review_due_on');
CREATE TRIGGER recognition_checked BEFORE INSERT OR UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION certificates_recognition_checked();
GRANT INSERT, SELECT, UPDATE (status, version, since, reason_code, revocation_reason_code, revocation_proposed_by, revoked_by) ON certificates TO evaluation_api;
GRANT SELECT, UPDATE (status, version, since, reason_code) ON certificates TO evaluation_worker;

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
GRANT SELECT ON dated_rules TO evaluation_api;
GRANT SELECT ON dated_rules TO evaluation_worker;

CREATE TABLE enrolment_facts (
    id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    channel text NOT NULL,
    institution text NOT NULL,
    trainer_ids uuid[] NOT NULL,
    employer text,
    school text,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    completed_on date NOT NULL,
    CONSTRAINT pk_enrolment_facts PRIMARY KEY (id)
);
CREATE INDEX ix_enrolment_facts_person_id ON enrolment_facts USING btree (person_id);
GRANT SELECT ON enrolment_facts TO evaluation_api;
GRANT INSERT, SELECT ON enrolment_facts TO evaluation_worker;

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
GRANT INSERT, SELECT, UPDATE ON idempotency_keys TO evaluation_api;
GRANT DELETE, SELECT ON idempotency_keys TO evaluation_worker;

CREATE TABLE offsets (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
GRANT INSERT, SELECT, UPDATE ON offsets TO evaluation_worker;

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
GRANT INSERT ON outbox TO evaluation_api;
GRANT DELETE, INSERT, SELECT ON outbox TO evaluation_worker;

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
GRANT INSERT, SELECT ON parked_discards TO evaluation_worker;

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
GRANT SELECT ON parked_events TO evaluation_api;
GRANT DELETE, INSERT, SELECT ON parked_events TO evaluation_worker;

CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    area text NOT NULL,
    subject_digest text NOT NULL,
    real_name_level smallint NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    survivor_id uuid,
    masked_name text,
    merged_into uuid,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_merged CHECK (survivor_id IS NULL OR merged_into IS NOT NULL),
    CONSTRAINT ck_persons_merged_into CHECK (merged_into <> id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons USING btree (survivor_id);
GRANT SELECT ON persons TO evaluation_api;
GRANT INSERT, SELECT, UPDATE ON persons TO evaluation_worker;

CREATE TABLE positions (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
GRANT INSERT, SELECT, UPDATE ON positions TO evaluation_worker;

CREATE TABLE recognition_checks (
    id uuid NOT NULL,
    certificate_id uuid NOT NULL,
    answer text NOT NULL,
    source text NOT NULL,
    checked_by uuid NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_recognition_checks PRIMARY KEY (id),
    CONSTRAINT fk_recognition_checks_certificate_id FOREIGN KEY (certificate_id) REFERENCES recognitions(certificate_id),
    CONSTRAINT ck_recognition_checks_answer CHECK (answer = ANY (ARRAY['verified'::text, 'not_found_yet'::text, 'contradicted'::text]))
);
CREATE INDEX ix_recognition_checks_certificate_id ON recognition_checks USING btree (certificate_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON recognition_checks FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON recognition_checks TO evaluation_api;
GRANT SELECT ON recognition_checks TO evaluation_worker;

CREATE TABLE recognitions (
    certificate_id uuid NOT NULL,
    basis text NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    source text NOT NULL,
    evidence_digest text NOT NULL,
    decided_on date NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_recognitions PRIMARY KEY (certificate_id),
    CONSTRAINT fk_recognitions_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level, act) REFERENCES certificates(id, basis, person_id, skill_code, level, act),
    CONSTRAINT ck_recognitions_basis CHECK (basis = ANY (ARRAY['direct_recognition'::text, 'import'::text])),
    CONSTRAINT ck_recognitions_evidence_digest CHECK (evidence_digest ~ '^[0-9a-f]{64}$'::text)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON recognitions FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON recognitions TO evaluation_api;
GRANT SELECT ON recognitions TO evaluation_worker;

CREATE TABLE score_sheets (
    candidate_id uuid NOT NULL,
    score_version smallint NOT NULL,
    assessor_id uuid NOT NULL,
    theory smallint,
    practice smallint,
    review smallint,
    points text NOT NULL DEFAULT ((((COALESCE((theory)::text, '-'::text) || '/'::text) || COALESCE((practice)::text, '-'::text)) || '/'::text) || COALESCE((review)::text, '-'::text)),
    signed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_score_sheets PRIMARY KEY (candidate_id, score_version, assessor_id),
    CONSTRAINT ex_score_sheets_points EXCLUDE USING gist (candidate_id WITH =, score_version WITH =, points WITH <>),
    CONSTRAINT fk_score_sheets_assessor_id FOREIGN KEY (assessor_id) REFERENCES assessors(id),
    CONSTRAINT fk_score_sheets_candidate_id FOREIGN KEY (candidate_id) REFERENCES candidates(id),
    CONSTRAINT ck_score_sheets_practice CHECK (practice >= 0 AND practice <= 100),
    CONSTRAINT ck_score_sheets_review CHECK (review >= 0 AND review <= 100),
    CONSTRAINT ck_score_sheets_score_version CHECK (score_version >= 1),
    CONSTRAINT ck_score_sheets_theory CHECK (theory >= 0 AND theory <= 100)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON score_sheets FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER signature BEFORE INSERT ON score_sheets FOR EACH ROW EXECUTE FUNCTION score_sheets_signature();
GRANT INSERT, SELECT ON score_sheets TO evaluation_api;

CREATE TABLE timers (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    moved integer NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
GRANT SELECT ON timers TO evaluation_api;
GRANT INSERT, SELECT, UPDATE ON timers TO evaluation_worker;

CREATE OR REPLACE FUNCTION assessment_sessions_candidates()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM candidates c WHERE c.session_id = NEW.id AND c.status = 'admitted') THEN
        RAISE EXCEPTION 'a session opens with candidates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_assessment_sessions_candidates';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION candidates_agreement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.status IN ('passed', 'failed') AND NEW.status <> OLD.status AND NOT EXISTS (
        SELECT FROM assessment_sessions s WHERE s.id = NEW.session_id AND s.status = 'confirmed') THEN
        RAISE EXCEPTION 'results come with the supervisor''s confirmation'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_confirmed';
    END IF;
    IF ROW(NEW.score_version, NEW.theory, NEW.practice, NEW.review)
        IS DISTINCT FROM ROW(OLD.score_version, OLD.theory, OLD.practice, OLD.review) AND (
        SELECT count(*) FROM score_sheets s WHERE s.candidate_id = NEW.id AND s.score_version = NEW.score_version
            AND ROW(s.theory, s.practice, s.review) IS NOT DISTINCT FROM ROW(NEW.theory, NEW.practice, NEW.review)
            AND s.assessor_id IN (NEW.assessor_1_id, NEW.assessor_2_id)) <> 2 THEN
        RAISE EXCEPTION 'two assessors sign the scores of a candidate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_agreement';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION candidates_freed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM candidates AS candidate JOIN assessment_sessions AS held ON held.id = candidate.session_id
        WHERE held.id = CASE TG_TABLE_NAME WHEN 'candidates' THEN (to_jsonb(NEW) ->> 'session_id')::uuid ELSE NEW.id END
            AND (held.status = 'cancelled' AND candidate.status = 'admitted'
                OR held.status <> 'cancelled' AND candidate.status = 'cancelled')
    ) THEN
        RAISE EXCEPTION 'a session is cancelled with its candidates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_assessment_sessions_freed';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION candidates_series()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.series_number > 1 AND NOT EXISTS (
        SELECT FROM candidates AS earlier
        WHERE earlier.series_id = NEW.series_id AND earlier.series_number = NEW.series_number - 1
            AND earlier.held_on < NEW.held_on
            AND (earlier.status = 'passed' OR (earlier.status = 'failed' AND earlier.attempt = 2))
    ) THEN
        RAISE EXCEPTION 'a series of attempts follows one that is over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_series';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION candidates_training()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    natural_person uuid := (SELECT coalesce(p.survivor_id, p.id) FROM persons p WHERE p.id = NEW.person_id);
    records uuid[] := ARRAY(SELECT p.id FROM persons p WHERE natural_person IN (p.id, p.survivor_id));
    training enrolment_facts;
BEGIN
    IF NOT EXISTS (SELECT FROM assessment_sessions s WHERE s.id = NEW.session_id AND s.status = 'scheduled') THEN
        RAISE EXCEPTION 'candidates are admitted to a scheduled session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_scheduled';
    END IF;
    NEW.trained_by := ARRAY(SELECT DISTINCT f.institution
        FROM enrolment_facts f WHERE f.skill_code = NEW.skill_code AND f.person_id = ANY (records));
    NEW.taught_by := ARRAY(SELECT DISTINCT t
        FROM enrolment_facts f, unnest(f.trainer_ids) t
        WHERE f.skill_code = NEW.skill_code AND f.person_id = ANY (records));
    NEW.belongs_to := CASE WHEN NEW.affiliation IS NOT NULL THEN NEW.body END;
    IF NEW.enrolment_id IS NULL THEN
        IF NEW.voucher_id IS NOT NULL OR NEW.completed_on IS NOT NULL THEN
            RAISE EXCEPTION 'only an enrolment brings a voucher'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_enrolment';
        END IF;
        RETURN NEW;
    END IF;
    SELECT f.* INTO training FROM enrolment_facts f WHERE f.id = NEW.enrolment_id;
    IF ROW(training.person_id, training.voucher_id, training.skill_code, training.level, training.act,
           training.completed_on, training.channel) IS DISTINCT FROM
       ROW(NEW.person_id, NEW.voucher_id, NEW.skill_code, NEW.level, NEW.act, NEW.completed_on, NEW.channel) THEN
        RAISE EXCEPTION 'the candidate is not the one who completed the enrolment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_enrolment';
    END IF;
    IF NEW.affiliation IS NULL THEN
        NEW.belongs_to := CASE NEW.body_kind WHEN 'employer' THEN training.employer
                                             WHEN 'school' THEN training.school END;
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION certificates_basis()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM assessed_certificates b WHERE b.certificate_id = NEW.id)
        AND NOT EXISTS (SELECT FROM recognitions r WHERE r.certificate_id = NEW.id) THEN
        RAISE EXCEPTION 'a certificate rests on an assessment or on a recorded basis'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_certificates_basis';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION certificates_recognition_checked()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.basis = 'assessment') <> (NEW.status = 'valid') THEN
        RAISE EXCEPTION 'a certificate that was not assessed here is first imported'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_first_status';
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'imported' AND NEW.status = 'valid' AND NOT EXISTS (
        SELECT FROM recognition_checks c JOIN recognitions r ON r.certificate_id = c.certificate_id
        WHERE c.certificate_id = NEW.id AND c.answer = 'verified' AND c.checked_by <> r.recorded_by) THEN
        RAISE EXCEPTION 'another officer verifies what one has recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_recognition_checked';
    END IF;
    RETURN NEW;
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

CREATE OR REPLACE FUNCTION guard_worker()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'the clock cancels %, and nothing else', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wk_' || TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION own_service()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT 'evaluation' $function$;

CREATE OR REPLACE FUNCTION score_sheets_signature()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM candidates c JOIN assessment_sessions s ON s.id = c.session_id
        WHERE c.id = NEW.candidate_id AND NEW.assessor_id IN (c.assessor_1_id, c.assessor_2_id)
            AND ((s.status = 'open' AND c.status IN ('admitted', 'sat'))
                OR (s.status = 'confirmed' AND c.status = 'appealed'))) THEN
        RAISE EXCEPTION 'only the two assessors sign, while the candidate is being assessed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_score_sheets_signature';
    END IF;
    RETURN NEW;
END $function$;
