-- Who is one natural person, as received from the voucher service.
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

-- The figures that the policy leaves open, each with its days (DOMAIN §6).
CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- The assessment catalogue: bodies, what they may assess, and their assessors.
CREATE TABLE bodies (
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer DEFAULT 0 NOT NULL,
    created_at timestamptz NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    kind text NOT NULL,
    province_code text NOT NULL,
    listed_by uuid NOT NULL,
    reason_code text,
    CONSTRAINT pk_bodies PRIMARY KEY (id),
    CONSTRAINT ck_bodies_kind CHECK (kind IN ('employer', 'school', 'social', 'government')),
    CONSTRAINT ck_bodies_province_code CHECK (province_code ~ '^[0-9A-Z]{4}$'),
    CONSTRAINT uq_bodies_province_code UNIQUE (province_code),
    CONSTRAINT uq_bodies_identity UNIQUE (id, kind, area, province_code)
);

CREATE TABLE body_scope_lines (
    id uuid NOT NULL,
    body_id text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    edition text NOT NULL,
    CONSTRAINT pk_body_scope_lines PRIMARY KEY (id),
    CONSTRAINT ck_body_scope_lines_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_body_scope_lines_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_body_scope_lines_days EXCLUDE USING gist (body_id WITH =, skill_code WITH =, level WITH =,
        daterange(valid_from, valid_to, '[]') WITH &&),
    CONSTRAINT fk_body_scope_lines_body_id FOREIGN KEY (body_id) REFERENCES bodies (id)
);
CREATE INDEX ix_body_scope_lines_body_id ON body_scope_lines (body_id);

CREATE TABLE assessors (
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer DEFAULT 0 NOT NULL,
    created_at timestamptz NOT NULL,
    id uuid NOT NULL,
    body text NOT NULL,
    reason_code text,
    CONSTRAINT pk_assessors PRIMARY KEY (id),
    CONSTRAINT fk_assessors_id FOREIGN KEY (id) REFERENCES persons (id),
    CONSTRAINT fk_assessors_body FOREIGN KEY (body) REFERENCES bodies (id)
);

CREATE TABLE assessor_skills (
    assessor_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    body text NOT NULL,
    CONSTRAINT pk_assessor_skills PRIMARY KEY (assessor_id, skill_code, level, body),
    CONSTRAINT ck_assessor_skills_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT fk_assessor_skills_assessor_id FOREIGN KEY (assessor_id) REFERENCES assessors (id),
    CONSTRAINT fk_assessor_skills_body FOREIGN KEY (body) REFERENCES bodies (id)
);
CREATE INDEX ix_assessor_skills_body ON assessor_skills (body);

-- Sessions, candidates and score sheets, and the completed trainings that lead to them.
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
CREATE INDEX ix_enrolment_facts_person_id ON enrolment_facts (person_id);

CREATE TABLE assessment_sessions (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer DEFAULT 0 NOT NULL,
    created_at timestamptz NOT NULL,
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
    opened_at timestamptz,
    confirmed_by uuid,
    confirmed_from text,
    confirmed_at timestamptz,
    confirmed_on date,
    candidates integer,
    passed integer,
    flags text[],
    CONSTRAINT pk_assessment_sessions PRIMARY KEY (id),
    CONSTRAINT fk_assessment_sessions_body FOREIGN KEY (body, body_kind, area, province_code) REFERENCES bodies (id,
        kind, area, province_code),
    CONSTRAINT uq_assessment_sessions_plan UNIQUE (id, body, body_kind, skill_code, level, act, held_on,
        assessor_1_id, assessor_2_id, supervisor_id),
    CONSTRAINT uq_assessment_sessions_status UNIQUE (id, status),
    CONSTRAINT ck_assessment_sessions_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_assessment_sessions_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ck_assessment_sessions_site_code CHECK (site_code ~ '^[0-9]{6}$'),
    CONSTRAINT ck_assessment_sessions_panel CHECK (assessor_1_id <> assessor_2_id AND supervisor_id <> assessor_1_id
        AND supervisor_id <> assessor_2_id),
    CONSTRAINT ck_assessment_sessions_confirmed CHECK (status <> 'confirmed' OR (confirmed_by IS NOT DISTINCT FROM
        supervisor_id AND confirmed_from IS NOT NULL AND confirmed_at IS NOT NULL AND confirmed_on IS NOT NULL)),
    CONSTRAINT ck_assessment_sessions_supervised_outside CHECK (body_kind NOT IN ('employer', 'school') OR
        confirmed_from <> body),
    CONSTRAINT fk_assessment_sessions_assessor_1_id FOREIGN KEY (assessor_1_id) REFERENCES assessors (id),
    CONSTRAINT fk_assessment_sessions_assessor_2_id FOREIGN KEY (assessor_2_id) REFERENCES assessors (id),
    CONSTRAINT fk_assessment_sessions_supervisor_id FOREIGN KEY (supervisor_id) REFERENCES persons (id)
);
CREATE INDEX ix_assessment_sessions_assessor_1_id ON assessment_sessions (assessor_1_id);
CREATE INDEX ix_assessment_sessions_assessor_2_id ON assessment_sessions (assessor_2_id);

CREATE TABLE candidates (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer DEFAULT 0 NOT NULL,
    created_at timestamptz NOT NULL,
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
    trained_by text[] DEFAULT '{}' NOT NULL,
    taught_by uuid[] DEFAULT '{}' NOT NULL,
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
    CONSTRAINT pk_candidates PRIMARY KEY (id),
    CONSTRAINT fk_candidates_session FOREIGN KEY (session_id, body, body_kind, skill_code, level, act, held_on,
        assessor_1_id, assessor_2_id, supervisor_id) REFERENCES assessment_sessions (id, body, body_kind,
        skill_code, level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id),
    CONSTRAINT uq_candidates_session UNIQUE (session_id, person_id),
    CONSTRAINT uq_candidates_result UNIQUE (id, session_id, person_id, skill_code, level, act, status),
    CONSTRAINT ck_candidates_attempt CHECK (attempt BETWEEN 1 AND 2),
    CONSTRAINT ck_candidates_completed_on CHECK (completed_on <= held_on),
    CONSTRAINT ck_candidates_on_panel CHECK (person_id NOT IN (assessor_1_id, assessor_2_id, supervisor_id)),
    CONSTRAINT ck_candidates_trained_by_the_body CHECK (body_kind <> 'social' OR body <> ALL (trained_by)),
    CONSTRAINT ck_candidates_taught_by_an_assessor CHECK (body_kind NOT IN ('employer', 'school') OR NOT (taught_by
        && ARRAY[assessor_1_id, assessor_2_id])),
    CONSTRAINT ck_candidates_of_the_body CHECK (body_kind NOT IN ('employer', 'school') OR belongs_to IS NOT
        DISTINCT FROM body),
    CONSTRAINT ck_candidates_score CHECK (status NOT IN ('scored', 'passed', 'failed', 'appealed') OR score_version
        IS NOT NULL),
    CONSTRAINT ck_candidates_appealed_version CHECK (status <> 'appealed' OR appealed_version IS NOT NULL),
    CONSTRAINT ck_candidates_reason CHECK (status NOT IN ('voided', 'absent', 'appealed') OR reason_code IS NOT
        NULL),
    CONSTRAINT fk_candidates_person_id FOREIGN KEY (person_id) REFERENCES persons (id),
    CONSTRAINT fk_candidates_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolment_facts (id)
);
CREATE INDEX ix_candidates_enrolment_id ON candidates (enrolment_id);
CREATE INDEX ix_candidates_held_on ON candidates (held_on);
CREATE INDEX ix_candidates_session_id ON candidates (session_id);
CREATE UNIQUE INDEX uq_candidates_attempt ON candidates (series_id, attempt) WHERE status NOT IN ('absent',
    'voided');
CREATE UNIQUE INDEX uq_candidates_current ON candidates (person_id, skill_code, level, act) WHERE status IN
    ('admitted', 'sat', 'scored', 'appealed');
CREATE UNIQUE INDEX uq_candidates_passed ON candidates (series_id) WHERE status = 'passed';

CREATE TABLE score_sheets (
    candidate_id uuid NOT NULL,
    score_version smallint NOT NULL,
    assessor_id uuid NOT NULL,
    theory smallint,
    practice smallint,
    review smallint,
    points text GENERATED ALWAYS AS (coalesce(theory::text, '-') || '/' || coalesce(practice::text, '-') || '/' ||
        coalesce(review::text, '-')) STORED NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT pk_score_sheets PRIMARY KEY (candidate_id, score_version, assessor_id),
    CONSTRAINT ck_score_sheets_score_version CHECK (score_version >= 1),
    CONSTRAINT ck_score_sheets_theory CHECK (theory BETWEEN 0 AND 100),
    CONSTRAINT ck_score_sheets_practice CHECK (practice BETWEEN 0 AND 100),
    CONSTRAINT ck_score_sheets_review CHECK (review BETWEEN 0 AND 100),
    CONSTRAINT ex_score_sheets_points EXCLUDE USING gist (candidate_id WITH =, score_version WITH =, points WITH
        <>),
    CONSTRAINT fk_score_sheets_candidate_id FOREIGN KEY (candidate_id) REFERENCES candidates (id),
    CONSTRAINT fk_score_sheets_assessor_id FOREIGN KEY (assessor_id) REFERENCES assessors (id)
);

-- Certificates, each on exactly one basis.
CREATE TABLE certificates (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer DEFAULT 0 NOT NULL,
    created_at timestamptz NOT NULL,
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
    CONSTRAINT pk_certificates PRIMARY KEY (id),
    CONSTRAINT uq_certificates_number UNIQUE (number),
    CONSTRAINT uq_certificates_basis UNIQUE (id, basis, person_id, skill_code, level, act),
    CONSTRAINT ck_certificates_kind CHECK (kind IN ('vocational_qualification', 'skill_level', 'special_operation',
        'special_equipment', 'specific_competence')),
    CONSTRAINT ck_certificates_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_certificates_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ck_certificates_basis CHECK (basis IN ('assessment', 'direct_recognition', 'import')),
    CONSTRAINT ck_certificates_subject_digest CHECK (subject_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_certificates_dates CHECK (assessed_on <= issued_on AND completed_on <= assessed_on),
    CONSTRAINT ck_certificates_assessed_on CHECK (basis <> 'assessment' OR assessed_on IS NOT NULL),
    CONSTRAINT ck_certificates_number_index CHECK ((number_encrypted IS NULL) = (number_index IS NULL)),
    CONSTRAINT ck_certificates_number_encrypted CHECK (kind IN ('special_operation', 'special_equipment') OR
        number_encrypted IS NULL),
    CONSTRAINT ck_certificates_valid_until CHECK (kind IN ('special_operation', 'special_equipment') OR valid_until
        IS NULL),
    CONSTRAINT ck_certificates_two_officers CHECK (status <> 'revoked' OR (revocation_proposed_by IS NOT NULL AND
        revoked_by IS NOT NULL AND revocation_proposed_by <> revoked_by)),
    CONSTRAINT ck_certificates_reason CHECK (status IN ('valid', 'imported') OR (since IS NOT NULL AND reason_code
        IS NOT NULL)),
    CONSTRAINT ex_certificates_permit_holder EXCLUDE USING gist (number_index WITH =, person_id WITH <>),
    CONSTRAINT fk_certificates_person_id FOREIGN KEY (person_id) REFERENCES persons (id)
);
CREATE INDEX ix_certificates_body ON certificates (body);
CREATE INDEX ix_certificates_number_index ON certificates (number_index);
CREATE INDEX ix_certificates_person_id ON certificates (person_id);
CREATE INDEX ix_certificates_valid_until ON certificates (valid_until) WHERE status IN ('valid', 'suspended') AND
    valid_until IS NOT NULL;
CREATE UNIQUE INDEX uq_certificates_live ON certificates (person_id, skill_code, level) WHERE status IN ('valid',
    'suspended');

CREATE TABLE certificate_serials (
    prefix text NOT NULL,
    last integer NOT NULL,
    most integer NOT NULL,
    CONSTRAINT pk_certificate_serials PRIMARY KEY (prefix),
    CONSTRAINT ck_certificate_serials_last CHECK (last BETWEEN 0 AND most)
);

CREATE TABLE assessed_certificates (
    certificate_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    basis text DEFAULT 'assessment' NOT NULL,
    candidate_status text DEFAULT 'passed' NOT NULL,
    session_status text DEFAULT 'confirmed' NOT NULL,
    CONSTRAINT pk_assessed_certificates PRIMARY KEY (certificate_id),
    CONSTRAINT fk_assessed_certificates_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level,
        act) REFERENCES certificates (id, basis, person_id, skill_code, level, act),
    CONSTRAINT fk_assessed_certificates_candidate FOREIGN KEY (candidate_id, session_id, person_id, skill_code,
        level, act, candidate_status) REFERENCES candidates (id, session_id, person_id, skill_code, level, act,
        status),
    CONSTRAINT fk_assessed_certificates_session FOREIGN KEY (session_id, session_status) REFERENCES
        assessment_sessions (id, status),
    CONSTRAINT uq_assessed_certificates_candidate_id UNIQUE (candidate_id),
    CONSTRAINT ck_assessed_certificates_basis CHECK (basis = 'assessment'),
    CONSTRAINT ck_assessed_certificates_passed CHECK (candidate_status = 'passed'),
    CONSTRAINT ck_assessed_certificates_confirmed CHECK (session_status = 'confirmed')
);
CREATE INDEX ix_assessed_certificates_session_id ON assessed_certificates (session_id);

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
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_recognitions PRIMARY KEY (certificate_id),
    CONSTRAINT fk_recognitions_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level, act)
        REFERENCES certificates (id, basis, person_id, skill_code, level, act),
    CONSTRAINT ck_recognitions_basis CHECK (basis IN ('direct_recognition', 'import')),
    CONSTRAINT ck_recognitions_evidence_digest CHECK (evidence_digest ~ '^[0-9a-f]{64}$')
);

CREATE TABLE recognition_checks (
    id uuid NOT NULL,
    certificate_id uuid NOT NULL,
    answer text NOT NULL,
    source text NOT NULL,
    checked_by uuid NOT NULL,
    checked_at timestamptz NOT NULL,
    CONSTRAINT pk_recognition_checks PRIMARY KEY (id),
    CONSTRAINT ck_recognition_checks_answer CHECK (answer IN ('verified', 'not_found_yet', 'contradicted')),
    CONSTRAINT fk_recognition_checks_certificate_id FOREIGN KEY (certificate_id) REFERENCES recognitions
        (certificate_id)
);
CREATE INDEX ix_recognition_checks_certificate_id ON recognition_checks (certificate_id);
