"""The plumbing, people with what is stated of them, and the dated figures of DOMAIN §6."""

import re

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "voucher"

TABLES = """
CREATE TABLE workers (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    id_number_index bytea NOT NULL,
    id_number_encrypted bytea NOT NULL,
    name_encrypted bytea NOT NULL,
    phone_encrypted bytea NOT NULL,
    salt_encrypted bytea NOT NULL,
    subject_digest text NOT NULL,
    area text NOT NULL,
    real_name_method text NOT NULL,
    real_name_level smallint NOT NULL,
    real_name_verified_at timestamptz NOT NULL,
    superseded_by uuid,
    CONSTRAINT pk_workers PRIMARY KEY (id),
    CONSTRAINT uq_workers_id_number_index UNIQUE (id_number_index),
    CONSTRAINT fk_workers_superseded_by FOREIGN KEY (superseded_by) REFERENCES workers (id),
    CONSTRAINT ck_workers_index_is_hmac CHECK (octet_length(id_number_index) = 32),
    CONSTRAINT ck_workers_digest_is_sha256 CHECK (subject_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_workers_real_name_level CHECK (real_name_level BETWEEN 1 AND 3),
    CONSTRAINT ck_workers_superseded_names_survivor CHECK ((status = 'superseded') = (superseded_by IS NOT NULL)),
    CONSTRAINT ck_workers_survivor_is_another CHECK (superseded_by <> id)
);
CREATE INDEX ix_workers_area_id ON workers (area, id);
CREATE INDEX ix_workers_superseded_by ON workers (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE TABLE register_extracts (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    pension text NOT NULL,
    fiscal_payroll text NOT NULL,
    outside_benefits_known boolean NOT NULL,
    source text NOT NULL,
    as_of date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_register_extracts PRIMARY KEY (id),
    CONSTRAINT fk_register_extracts_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT ck_register_extracts_pension CHECK (pension IN ('drawn', 'not_drawn', 'unknown')),
    CONSTRAINT ck_register_extracts_fiscal_payroll CHECK (fiscal_payroll IN ('on', 'off', 'unknown'))
);
CREATE INDEX ix_register_extracts_person_id_as_of_id ON register_extracts (person_id, as_of, id);
CREATE TABLE outside_benefits (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    extract_id uuid NOT NULL,
    programme text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    taken_on date NOT NULL,
    CONSTRAINT pk_outside_benefits PRIMARY KEY (id),
    CONSTRAINT uq_outside_benefits_person_id_programme_skill_code_level
        UNIQUE (person_id, programme, skill_code, level),
    CONSTRAINT fk_outside_benefits_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT fk_outside_benefits_extract_id FOREIGN KEY (extract_id) REFERENCES register_extracts (id),
    CONSTRAINT ck_outside_benefits_level CHECK (level BETWEEN 0 AND 5)
);
CREATE TABLE group_evidence (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    group_code text NOT NULL,
    evidence_encrypted bytea NOT NULL,
    source text NOT NULL,
    as_of date NOT NULL,
    until date,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_group_evidence PRIMARY KEY (id),
    CONSTRAINT fk_group_evidence_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT ck_group_evidence_dates CHECK (until IS NULL OR until >= as_of)
);
CREATE INDEX ix_group_evidence_person_id ON group_evidence (person_id);
CREATE TABLE unmaskings (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    person_id uuid NOT NULL,
    account text NOT NULL,
    reason_code text NOT NULL,
    fields text[] NOT NULL,
    CONSTRAINT pk_unmaskings PRIMARY KEY (id),
    CONSTRAINT fk_unmaskings_person_id FOREIGN KEY (person_id) REFERENCES workers (id),
    CONSTRAINT ck_unmaskings_some_field CHECK (cardinality(fields) > 0)
);
"""

RULES = """
CREATE TABLE rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value integer NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_rules_not_negative CHECK (value >= 0),
    CONSTRAINT ck_rules_dates CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CONSTRAINT ex_rules_one_at_a_time EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
INSERT INTO rules (name, valid_from, value, source) VALUES
    ('min_age_years', '2021-12-31', 16, 'D16'),
    ('max_age_years', '2021-12-31', 59, 'D16: above it, only without a pension'),
    ('trainings_per_year', '2021-12-31', 3, 'D8'),
    ('void_after_days', '2021-12-31', 180, 'D21'),
    ('validity_days', '2021-12-31', 90, 'D3'),
    ('extract_valid_days', '2021-12-31', 365, 'default: an older extract of a register says nothing any more'),
    ('outside_benefits_asked', '2021-12-31', 0,
        'A13: 1 as soon as the unemployment-insurance office answers; then an unknown answer passes no claim'),
    ('counter_sample_percent', '2021-12-31', 10, 'A2: counter claims are sampled'),
    ('counter_card_read_minutes', '2021-12-31', 30, 'A2: the card is read for this very claim');
"""

RECORDS = ("register_extracts", "outside_benefits", "group_evidence", "unmaskings")


def _execute(statements: str) -> None:
    """One by one: the driver takes a single statement at a time."""
    for statement in re.split(r";\n(?=CREATE|INSERT)", statements):
        op.execute(statement)


def upgrade() -> None:
    """Create the plumbing and the tables."""
    plumbing_v1.create(SERVICE)
    _execute(TABLES)
    _execute(RULES)
    plumbing_v1.guard_lifecycle("workers", births=["registered"], transitions=[("registered", "superseded")])
    plumbing_v1.immutable("workers", ["id", "id_number_index", "subject_digest", "created_at"])
    plumbing_v1.guard_lifecycle("unmaskings", births=["recorded"], transitions=[])
    for table in RECORDS:
        plumbing_v1.append_only(table)
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.grant(
        SERVICE,
        "workers",
        api="SELECT, INSERT, UPDATE (status, version, superseded_by)",
        worker="SELECT, UPDATE (version)",
    )
    plumbing_v1.grant(SERVICE, "rules", api="SELECT", worker="SELECT")


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(RECORDS):
        plumbing_v1.drop_guards(table, "append_only")
    plumbing_v1.drop_guards("unmaskings", "lifecycle")
    plumbing_v1.drop_guards("workers", "lifecycle", "immutable")
    op.execute("DROP TABLE unmaskings, group_evidence, outside_benefits, register_extracts, workers, rules")
    plumbing_v1.drop()
