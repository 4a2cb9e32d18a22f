"""Plumbing, rules, people heard of, and the catalogue of institutions."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "training"

RULES = (
    ("class_seats_most", 50, "D18"),
    ("class_hours_least", 60, "D18"),
    ("class_hours_least_specific_competence", 40, "D18"),
    ("filing_lead_days", 7, "D18"),
    ("minutes_per_class_hour", 45, "DOMAIN 2"),
    ("day_cap_minutes", 540, "DOMAIN 5"),
    ("attendance_ratio_percent", 80, "D4"),
    ("make_up_percent", 10, "D4"),
    ("completion_pass_mark", 60, "D17"),
    ("session_grace_minutes", 30, "DOMAIN 5"),
    ("roster_deadline_days", 15, "DOMAIN 5"),
)
"""Defaults from the day of the policy on; a bureau changes one by ending its row and adding another."""

TABLES = (
    """
    CREATE TABLE rules (
        name text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        value integer NOT NULL,
        source text NOT NULL,
        CONSTRAINT pk_rules PRIMARY KEY (name, valid_from),
        CONSTRAINT ck_rules_days CHECK (valid_to >= valid_from),
        CONSTRAINT ck_rules_value CHECK (value >= 0),
        CONSTRAINT ex_rules_one_value EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
    )
    """,
    """
    CREATE TABLE person_facts (
        person_id uuid CONSTRAINT pk_person_facts PRIMARY KEY,
        area text NOT NULL,
        survivor_id uuid,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX ix_person_facts_survivor_id ON person_facts (survivor_id)",
    """
    CREATE TABLE institutions (
        id text CONSTRAINT pk_institutions PRIMARY KEY,
        name text NOT NULL,
        area text NOT NULL,
        kind text NOT NULL,
        applied_by uuid NOT NULL,
        listed_by uuid,
        status text NOT NULL,
        version integer NOT NULL,
        open_holds integer DEFAULT 0 NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT ck_institutions_two_officers CHECK (listed_by <> applied_by),
        CONSTRAINT ck_institutions_listed_by CHECK ((status = 'applied') = (listed_by IS NULL))
    )
    """,
    "CREATE INDEX ix_institutions_area ON institutions (area)",
    """
    CREATE TABLE institution_scopes (
        institution text NOT NULL CONSTRAINT fk_institution_scopes_institution REFERENCES institutions (id),
        skill_code text NOT NULL,
        level smallint NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        CONSTRAINT pk_institution_scopes PRIMARY KEY (institution, skill_code, level, valid_from),
        CONSTRAINT ck_institution_scopes_level CHECK (level BETWEEN 0 AND 5),
        CONSTRAINT ck_institution_scopes_days CHECK (valid_to >= valid_from),
        CONSTRAINT ex_institution_scopes_days EXCLUDE USING gist
            (institution WITH =, skill_code WITH =, level WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
    )
    """,
    """
    CREATE FUNCTION institution_scopes_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT status FROM institutions WHERE id = coalesce(NEW.institution, OLD.institution)) <> 'applied' THEN
            RAISE EXCEPTION 'the scope of a listed institution is fixed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'im_institution_scopes';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER fixed BEFORE INSERT OR UPDATE OR DELETE ON institution_scopes
        FOR EACH ROW EXECUTE FUNCTION institution_scopes_fixed()
    """,
    """
    CREATE TABLE institution_acts (
        institution text NOT NULL CONSTRAINT fk_institution_acts_institution REFERENCES institutions (id),
        version integer NOT NULL,
        action text NOT NULL,
        reason_code text NOT NULL,
        officer uuid NOT NULL,
        account text NOT NULL,
        acted_at timestamptz NOT NULL,
        CONSTRAINT pk_institution_acts PRIMARY KEY (institution, version)
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    plumbing_v1.create(SERVICE)
    for statement in TABLES:
        op.execute(statement)
    for name, value, source in RULES:
        op.execute(f"INSERT INTO rules VALUES ('{name}', '2021-12-31', NULL, {value}, '{source}')")  # noqa: S608  # ours
    plumbing_v1.guard_lifecycle(
        "institutions",
        births=["applied"],
        transitions=[
            ("applied", "listed"),
            ("listed", "warned"),
            ("listed", "suspended"),
            ("warned", "suspended"),
            ("warned", "listed"),
            ("suspended", "listed"),
            ("listed", "removed"),
            ("warned", "removed"),
            ("suspended", "removed"),
        ],
    )
    plumbing_v1.append_only("institution_acts")
    plumbing_v1.grant(SERVICE, "rules", api="SELECT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "person_facts", api="SELECT", worker="SELECT, INSERT, UPDATE")
    plumbing_v1.grant(SERVICE, "institutions", api="SELECT, INSERT, UPDATE", worker="SELECT")
    plumbing_v1.grant(SERVICE, "institution_scopes", api="SELECT, INSERT, UPDATE, DELETE", worker="SELECT")
    plumbing_v1.grant(SERVICE, "institution_acts", api="SELECT, INSERT")


def downgrade() -> None:
    """Drop them."""
    for table in ("institution_acts", "institution_scopes", "institutions", "person_facts", "rules"):
        op.execute(f"DROP TABLE {table}")
    for function in ("institution_acts_append_only", "institution_scopes_fixed", "institutions_lifecycle"):
        op.execute(f"DROP FUNCTION {function}()")
    plumbing_v1.drop()
