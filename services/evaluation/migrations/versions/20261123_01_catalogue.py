"""The plumbing, the dated rules, what is heard from elsewhere, and the catalogue of bodies and assessors."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "evaluation"
HEARD = {"api": "SELECT", "worker": "SELECT, INSERT, UPDATE"}

RULES = """
CREATE TABLE rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value integer NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
INSERT INTO rules (name, valid_from, value, source) VALUES
    ('pass_mark_theory_points', '2021-12-31', 60, 'D17'),
    ('pass_mark_practice_points', '2021-12-31', 60, 'D17'),
    ('pass_mark_review_points', '2021-12-31', 60, 'D17'),
    ('resits_count', '2021-12-31', 1, 'DOMAIN §3: 补考, once'),
    ('opening_grace_days', '2021-12-31', 3, 'default: a session that could not be reported on its day'),
    ('appeal_period_days', '2021-12-31', 15, 'default'),
    ('special_operation_validity_years', '2021-12-31', 6, 'DOMAIN §2'),
    ('special_equipment_validity_years', '2021-12-31', 4, 'DOMAIN §2'),
    ('direct_recognition_allowed', '2021-12-31', 1, 'D9'),
    ('flag_pass_rate_percent', '2021-12-31', 98, 'DOMAIN §5'),
    ('flag_pass_rate_from_candidates', '2021-12-31', 20, 'default: below it a rate says nothing'),
    ('flag_assessor_day_candidates', '2021-12-31', 120, 'default: volume per assessor and day')
"""

FACTS = """
CREATE TABLE person_facts (
    person_id uuid CONSTRAINT pk_person_facts PRIMARY KEY,
    subject_digest text NOT NULL,
    area text NOT NULL,
    survivor_id uuid,
    source_version integer NOT NULL
);
CREATE INDEX ix_person_facts_survivor_id ON person_facts (survivor_id);
CREATE TABLE enrolment_facts (
    id uuid CONSTRAINT pk_enrolment_facts PRIMARY KEY,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    class_id uuid NOT NULL,
    channel text NOT NULL,
    institution text NOT NULL,
    trainer_ids uuid[] NOT NULL,
    employer text,
    school text,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    class_hours integer NOT NULL,
    completed_on date NOT NULL,
    source_version integer NOT NULL
);
CREATE INDEX ix_enrolment_facts_person_id ON enrolment_facts (person_id)
"""

RECORDS = """
CREATE FUNCTION records_of_person(one uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE survivors (id) AS (
        SELECT one
        UNION SELECT p.survivor_id FROM survivors s JOIN person_facts p ON p.person_id = s.id
        WHERE p.survivor_id IS NOT NULL
    ), records (id) AS (
        SELECT id FROM survivors
        UNION SELECT p.person_id FROM records r JOIN person_facts p ON p.survivor_id = r.id
    )
    SELECT id FROM records
$$
"""

BODIES = """
CREATE TABLE bodies (
    id text CONSTRAINT pk_bodies PRIMARY KEY,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    kind text NOT NULL,
    province_code text NOT NULL,
    listed_by uuid NOT NULL,
    reason_code text,
    CONSTRAINT uq_bodies_province_code UNIQUE (province_code),
    CONSTRAINT uq_bodies_identity UNIQUE (id, kind, area, province_code),
    CONSTRAINT ck_bodies_kind CHECK (kind IN ('employer', 'school', 'social', 'government')),
    CONSTRAINT ck_bodies_province_code CHECK (province_code ~ '^[0-9A-Z]{4}$')
);
CREATE TABLE body_scope_lines (
    id uuid CONSTRAINT pk_body_scope_lines PRIMARY KEY,
    body_id text NOT NULL CONSTRAINT fk_body_scope_lines_body_id REFERENCES bodies (id),
    skill_code text NOT NULL,
    level smallint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    edition text NOT NULL,
    CONSTRAINT ck_body_scope_lines_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_body_scope_lines_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_body_scope_lines_days EXCLUDE USING gist
        (body_id WITH =, skill_code WITH =, level WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE INDEX ix_body_scope_lines_body_id ON body_scope_lines (body_id)
"""

ASSESSORS = """
CREATE TABLE assessors (
    id uuid CONSTRAINT pk_assessors PRIMARY KEY CONSTRAINT fk_assessors_id REFERENCES person_facts (person_id),
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    body text NOT NULL CONSTRAINT fk_assessors_body REFERENCES bodies (id),
    reason_code text
);
CREATE TABLE assessor_skills (
    assessor_id uuid NOT NULL CONSTRAINT fk_assessor_skills_assessor_id REFERENCES assessors (id),
    skill_code text NOT NULL,
    level smallint NOT NULL,
    body text NOT NULL CONSTRAINT fk_assessor_skills_body REFERENCES bodies (id),
    CONSTRAINT pk_assessor_skills PRIMARY KEY (assessor_id, skill_code, level, body),
    CONSTRAINT ck_assessor_skills_level CHECK (level BETWEEN 0 AND 5)
);
CREATE INDEX ix_assessor_skills_body ON assessor_skills (body)
"""

TABLES = ("assessor_skills", "assessors", "body_scope_lines", "bodies", "enrolment_facts", "person_facts", "rules")


def upgrade() -> None:
    """Create the tables with their guards and rights."""
    plumbing_v1.create(SERVICE)
    for statements in (RULES, FACTS, BODIES, ASSESSORS):
        for statement in statements.split(";\n"):
            op.execute(statement)
    op.execute(RECORDS)
    plumbing_v1.guard_lifecycle(
        "bodies",
        births=["listed"],
        transitions=[
            ("listed", "suspended"),
            ("suspended", "listed"),
            ("listed", "removed"),
            ("suspended", "removed"),
        ],
    )
    plumbing_v1.immutable("bodies", ["id", "kind", "area", "province_code", "listed_by"])
    plumbing_v1.immutable("body_scope_lines", ["id", "body_id", "skill_code", "level", "valid_from", "edition"])
    plumbing_v1.guard_lifecycle("assessors", births=["registered"], transitions=[("registered", "struck_off")])
    plumbing_v1.immutable("assessors", ["id", "body"])
    plumbing_v1.grant(SERVICE, "rules", api="SELECT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "person_facts", **HEARD)
    plumbing_v1.grant(SERVICE, "enrolment_facts", **HEARD)
    plumbing_v1.grant(SERVICE, "bodies", api="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "body_scope_lines", api="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "assessors", api="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "assessor_skills", api="SELECT, INSERT")


def downgrade() -> None:
    """Undo `upgrade`."""
    op.execute("DROP FUNCTION records_of_person(uuid)")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    for guard in ("bodies_lifecycle", "bodies_immutable", "body_scope_lines_immutable", "assessors_lifecycle",
                  "assessors_immutable"):  # fmt: skip
        op.execute(f"DROP FUNCTION {guard}()")
    plumbing_v1.drop()
