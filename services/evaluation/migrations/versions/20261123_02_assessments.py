"""Assessment sessions, candidates and score sheets, with independence held row by row (DOMAIN §3, §4 13)."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

SERVICE = "evaluation"

SESSIONS = """
CREATE TABLE assessment_sessions (
    id uuid CONSTRAINT pk_assessment_sessions PRIMARY KEY,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
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
    assessor_1_id uuid NOT NULL CONSTRAINT fk_assessment_sessions_assessor_1_id REFERENCES assessors (id),
    assessor_2_id uuid NOT NULL CONSTRAINT fk_assessment_sessions_assessor_2_id REFERENCES assessors (id),
    supervisor_id uuid NOT NULL CONSTRAINT fk_assessment_sessions_supervisor_id REFERENCES person_facts (person_id),
    opened_at timestamptz,
    confirmed_by uuid,
    confirmed_from text,
    confirmed_at timestamptz,
    confirmed_on date,
    candidates integer,
    passed integer,
    flags text[],
    CONSTRAINT fk_assessment_sessions_body FOREIGN KEY (body, body_kind, area, province_code)
        REFERENCES bodies (id, kind, area, province_code),
    CONSTRAINT uq_assessment_sessions_plan UNIQUE (id, body, body_kind, skill_code, level, act, held_on,
        assessor_1_id, assessor_2_id, supervisor_id),
    CONSTRAINT uq_assessment_sessions_status UNIQUE (id, status),
    CONSTRAINT ck_assessment_sessions_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_assessment_sessions_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ck_assessment_sessions_site_code CHECK (site_code ~ '^[0-9]{6}$'),
    CONSTRAINT ck_assessment_sessions_panel CHECK (assessor_1_id <> assessor_2_id
        AND supervisor_id <> assessor_1_id AND supervisor_id <> assessor_2_id),
    CONSTRAINT ck_assessment_sessions_confirmed CHECK (status <> 'confirmed'
        OR (confirmed_by IS NOT DISTINCT FROM supervisor_id AND confirmed_from IS NOT NULL
            AND confirmed_at IS NOT NULL AND confirmed_on IS NOT NULL)),
    CONSTRAINT ck_assessment_sessions_supervised_outside CHECK (
        body_kind NOT IN ('employer', 'school') OR confirmed_from <> body)
);
CREATE INDEX ix_assessment_sessions_assessor_1_id ON assessment_sessions (assessor_1_id);
CREATE INDEX ix_assessment_sessions_assessor_2_id ON assessment_sessions (assessor_2_id)
"""

CANDIDATES = """
CREATE TABLE candidates (
    id uuid CONSTRAINT pk_candidates PRIMARY KEY,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
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
    person_id uuid NOT NULL CONSTRAINT fk_candidates_person_id REFERENCES person_facts (person_id),
    enrolment_id uuid CONSTRAINT fk_candidates_enrolment_id REFERENCES enrolment_facts (id),
    voucher_id uuid,
    channel text NOT NULL,
    completed_on date,
    trained_by text[] NOT NULL DEFAULT '{}',
    taught_by uuid[] NOT NULL DEFAULT '{}',
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
    CONSTRAINT fk_candidates_session FOREIGN KEY (session_id, body, body_kind, skill_code, level, act, held_on,
        assessor_1_id, assessor_2_id, supervisor_id) REFERENCES assessment_sessions (id, body, body_kind, skill_code,
        level, act, held_on, assessor_1_id, assessor_2_id, supervisor_id),
    CONSTRAINT uq_candidates_session UNIQUE (session_id, person_id),
    CONSTRAINT uq_candidates_result UNIQUE (id, session_id, person_id, skill_code, level, act, status),
    CONSTRAINT ck_candidates_attempt CHECK (attempt BETWEEN 1 AND 2),
    CONSTRAINT ck_candidates_completed_on CHECK (completed_on <= held_on),
    CONSTRAINT ck_candidates_on_panel CHECK (person_id NOT IN (assessor_1_id, assessor_2_id, supervisor_id)),
    CONSTRAINT ck_candidates_trained_by_the_body CHECK (body_kind <> 'social' OR body <> ALL (trained_by)),
    CONSTRAINT ck_candidates_taught_by_an_assessor CHECK (body_kind NOT IN ('employer', 'school')
        OR NOT (taught_by && ARRAY[assessor_1_id, assessor_2_id])),
    CONSTRAINT ck_candidates_of_the_body CHECK (body_kind NOT IN ('employer', 'school')
        OR belongs_to IS NOT DISTINCT FROM body),
    CONSTRAINT ck_candidates_score CHECK (status NOT IN ('scored', 'passed', 'failed', 'appealed')
        OR score_version IS NOT NULL),
    CONSTRAINT ck_candidates_appealed_version CHECK (status <> 'appealed' OR appealed_version IS NOT NULL),
    CONSTRAINT ck_candidates_reason CHECK (status NOT IN ('voided', 'absent', 'appealed') OR reason_code IS NOT NULL)
);
CREATE INDEX ix_candidates_session_id ON candidates (session_id);
CREATE INDEX ix_candidates_enrolment_id ON candidates (enrolment_id);
CREATE UNIQUE INDEX uq_candidates_attempt ON candidates (series_id, attempt)
    WHERE status NOT IN ('absent', 'voided');
CREATE UNIQUE INDEX uq_candidates_passed ON candidates (series_id) WHERE status = 'passed';
CREATE UNIQUE INDEX uq_candidates_current ON candidates (person_id, skill_code, level, act)
    WHERE status IN ('admitted', 'sat', 'scored', 'appealed')
"""

SHEETS = """
CREATE TABLE score_sheets (
    candidate_id uuid NOT NULL CONSTRAINT fk_score_sheets_candidate_id REFERENCES candidates (id),
    score_version smallint NOT NULL,
    assessor_id uuid NOT NULL CONSTRAINT fk_score_sheets_assessor_id REFERENCES assessors (id),
    theory smallint,
    practice smallint,
    review smallint,
    marks text NOT NULL GENERATED ALWAYS AS (coalesce(theory::text, '-') || '/' || coalesce(practice::text, '-')
        || '/' || coalesce(review::text, '-')) STORED,
    signed_at timestamptz NOT NULL,
    CONSTRAINT pk_score_sheets PRIMARY KEY (candidate_id, score_version, assessor_id),
    CONSTRAINT ck_score_sheets_score_version CHECK (score_version >= 1),
    CONSTRAINT ck_score_sheets_theory CHECK (theory BETWEEN 0 AND 100),
    CONSTRAINT ck_score_sheets_practice CHECK (practice BETWEEN 0 AND 100),
    CONSTRAINT ck_score_sheets_review CHECK (review BETWEEN 0 AND 100),
    CONSTRAINT ex_score_sheets_marks EXCLUDE USING gist
        (candidate_id WITH =, score_version WITH =, marks WITH <>)
)
"""

ADMISSION = """
CREATE FUNCTION candidates_training() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    training enrolment_facts;
BEGIN
    IF NOT EXISTS (SELECT FROM assessment_sessions s WHERE s.id = NEW.session_id AND s.status = 'scheduled') THEN
        RAISE EXCEPTION 'candidates are admitted to a scheduled session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_scheduled';
    END IF;
    SELECT coalesce(array_agg(DISTINCT f.institution), '{}') INTO NEW.trained_by
        FROM enrolment_facts f WHERE f.skill_code = NEW.skill_code AND f.person_id IN (
            SELECT records_of_person(NEW.person_id));
    SELECT coalesce(array_agg(DISTINCT t), '{}') INTO NEW.taught_by
        FROM enrolment_facts f, unnest(f.trainer_ids) t WHERE f.skill_code = NEW.skill_code AND f.person_id IN (
            SELECT records_of_person(NEW.person_id));
    NEW.belongs_to := CASE WHEN NEW.affiliation IS NULL THEN NULL ELSE NEW.body END;
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
END $$
"""

AGREEMENT = """
CREATE FUNCTION candidates_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
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
        RAISE EXCEPTION 'two assessors sign the marks of a candidate'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_candidates_agreement';
    END IF;
    RETURN NEW;
END $$
"""

SIGNATURE = """
CREATE FUNCTION score_sheets_signature() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
"""

TRIGGERS = """
CREATE TRIGGER training BEFORE INSERT ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_training();
CREATE TRIGGER agreement BEFORE UPDATE ON candidates FOR EACH ROW EXECUTE FUNCTION candidates_agreement();
CREATE TRIGGER signature BEFORE INSERT ON score_sheets FOR EACH ROW EXECUTE FUNCTION score_sheets_signature()
"""

SESSION_PLAN = [
    "id", "body", "body_kind", "area", "province_code", "skill_code", "level", "act", "held_on", "place", "site_code",
    "assessor_1_id", "assessor_2_id", "supervisor_id",
]  # fmt: skip
CANDIDATE_PLAN = [
    "id", "session_id", "person_id", "enrolment_id", "voucher_id", "channel", "completed_on", "trained_by", "taught_by",
    "belongs_to", "affiliation", "series_id", "attempt", "entry_basis", "entry_evidence",
]  # fmt: skip


def upgrade() -> None:
    """Create the tables with their guards and rights."""
    for statements in (SESSIONS, CANDIDATES, SHEETS):
        for statement in statements.split(";\n"):
            op.execute(statement)
    for function in (ADMISSION, AGREEMENT, SIGNATURE):
        op.execute(function)
    for statement in TRIGGERS.split(";\n"):
        op.execute(statement)
    plumbing_v1.guard_lifecycle(
        "assessment_sessions",
        births=["scheduled"],
        transitions=[("scheduled", "open"), ("open", "scored"), ("scored", "confirmed")],
    )
    plumbing_v1.immutable("assessment_sessions", SESSION_PLAN)
    plumbing_v1.guard_lifecycle(
        "candidates",
        births=["admitted"],
        transitions=[
            ("admitted", "sat"), ("admitted", "absent"), ("admitted", "voided"), ("sat", "scored"), ("sat", "voided"),
            ("scored", "passed"), ("scored", "failed"), ("scored", "voided"), ("failed", "appealed"),
            ("appealed", "passed"), ("appealed", "failed"),
        ],
    )  # fmt: skip
    plumbing_v1.immutable("candidates", CANDIDATE_PLAN)
    plumbing_v1.append_only("score_sheets")
    plumbing_v1.grant(SERVICE, "assessment_sessions", api="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "candidates", api="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "score_sheets", api="SELECT, INSERT")


def downgrade() -> None:
    """Undo `upgrade`."""
    for table in ("score_sheets", "candidates", "assessment_sessions"):
        op.execute(f"DROP TABLE {table}")
    for function in ("score_sheets_append_only", "score_sheets_signature", "candidates_training",
                     "candidates_agreement", "candidates_lifecycle", "candidates_immutable",
                     "assessment_sessions_lifecycle", "assessment_sessions_immutable"):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}()")
