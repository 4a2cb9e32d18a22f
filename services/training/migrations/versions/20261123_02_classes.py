"""Classes, the editions of their filed content, and their sessions."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

SERVICE = "training"

FILED_COLUMNS = (
    "area",
    "department",
    "channel",
    "form",
    "act",
    "skill_code",
    "level",
    "payee_kind",
    "payee_id",
    "seats",
    "starts_on",
    "ends_on",
)
"""What no amendment changes."""
AMENDED_COLUMNS = ("trainer_ids", "starts_at", "ends_at", "planned_minutes", "class_hours", "content_digest")
"""What changes only with a new edition of the content."""

TABLES = (
    """
    CREATE TABLE classes (
        id uuid CONSTRAINT pk_classes PRIMARY KEY,
        institution text NOT NULL CONSTRAINT fk_classes_institution REFERENCES institutions (id),
        area text NOT NULL,
        department text NOT NULL,
        channel text NOT NULL,
        form text NOT NULL,
        act text NOT NULL,
        skill_code text NOT NULL,
        level smallint NOT NULL,
        payee_kind text NOT NULL,
        payee_id text,
        seats integer NOT NULL,
        trainer_ids uuid[] NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        planned_minutes integer NOT NULL,
        class_hours integer NOT NULL,
        edition integer NOT NULL,
        content_digest text NOT NULL,
        filed_by uuid,
        filed_at timestamptz,
        approved_by uuid,
        approved_at timestamptz,
        status text NOT NULL,
        version integer NOT NULL,
        open_holds integer DEFAULT 0 NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT uq_classes_id_institution UNIQUE (id, institution),
        CONSTRAINT uq_classes_id_institution_skill_code_level UNIQUE (id, institution, skill_code, level),
        CONSTRAINT ck_classes_level CHECK (level BETWEEN 0 AND 5),
        CONSTRAINT ck_classes_seats CHECK (seats BETWEEN 1 AND 1000),
        CONSTRAINT ck_classes_times CHECK (starts_at < ends_at AND starts_on <= ends_on),
        CONSTRAINT ck_classes_two_people CHECK (approved_by <> filed_by),
        CONSTRAINT ck_classes_hours CHECK (planned_minutes > 0 AND class_hours >= 0),
        CONSTRAINT ck_classes_channel CHECK (channel IN ('enterprise', 'school', 'social')),
        CONSTRAINT ck_classes_act CHECK (act IN ('first', 'review')),
        CONSTRAINT ck_classes_payee CHECK (CASE payee_kind
            WHEN 'institution' THEN payee_id IS NOT DISTINCT FROM institution
            WHEN 'enterprise' THEN payee_id IS NOT NULL AND channel = 'enterprise'
            WHEN 'worker' THEN payee_id IS NULL ELSE false END),
        CONSTRAINT ck_classes_approved CHECK (status IN ('draft', 'filed', 'returned', 'cancelled')
            OR (filed_at IS NOT NULL AND approved_by IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_classes_institution ON classes (institution)",
    "CREATE INDEX ix_classes_area ON classes (area)",
    "CREATE INDEX ix_classes_starting ON classes (starts_at) WHERE status = 'approved'",
    "CREATE INDEX ix_classes_ending ON classes (ends_at) WHERE status = 'running'",
    """
    CREATE TABLE class_contents (
        class_id uuid NOT NULL CONSTRAINT fk_class_contents_class_id REFERENCES classes (id),
        edition integer NOT NULL,
        content jsonb NOT NULL,
        digest text NOT NULL,
        proposed_by uuid,
        account text NOT NULL,
        proposed_at timestamptz NOT NULL,
        CONSTRAINT pk_class_contents PRIMARY KEY (class_id, edition),
        CONSTRAINT ck_class_contents_digest CHECK (digest ~ '^[0-9a-f]{64}$')
    )
    """,
    """
    CREATE TABLE class_acts (
        class_id uuid NOT NULL CONSTRAINT fk_class_acts_class_id REFERENCES classes (id),
        version integer NOT NULL,
        action text NOT NULL,
        reason text NOT NULL,
        person_id uuid,
        account text NOT NULL,
        acted_at timestamptz NOT NULL,
        CONSTRAINT pk_class_acts PRIMARY KEY (class_id, version)
    )
    """,
    """
    CREATE TABLE class_sessions (
        id uuid CONSTRAINT pk_class_sessions PRIMARY KEY,
        class_id uuid NOT NULL,
        institution text NOT NULL,
        trainer_id uuid NOT NULL,
        room text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        code_key bytea NOT NULL,
        attendance_count integer,
        attendance_digest text,
        status text NOT NULL,
        version integer NOT NULL,
        open_holds integer DEFAULT 0 NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT fk_class_sessions_class_id_institution
            FOREIGN KEY (class_id, institution) REFERENCES classes (id, institution),
        CONSTRAINT uq_class_sessions_id_class_id UNIQUE (id, class_id),
        CONSTRAINT ck_class_sessions_times CHECK (starts_at < ends_at),
        CONSTRAINT ck_class_sessions_code_key CHECK (octet_length(code_key) = 32),
        CONSTRAINT ck_class_sessions_attendance CHECK (CASE WHEN status = 'closed'
            THEN attendance_count IS NOT NULL AND attendance_count >= 0
            AND attendance_digest IS NOT NULL AND attendance_digest ~ '^[0-9a-f]{64}$'
            ELSE attendance_count IS NULL AND attendance_digest IS NULL END),
        CONSTRAINT ex_class_sessions_trainer EXCLUDE USING gist
            (trainer_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
            WHERE (status <> 'dropped') DEFERRABLE INITIALLY IMMEDIATE,
        CONSTRAINT ex_class_sessions_room EXCLUDE USING gist
            (institution WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&)
            WHERE (status <> 'dropped') DEFERRABLE INITIALLY IMMEDIATE
    )
    """,
    "CREATE INDEX ix_class_sessions_class_id ON class_sessions (class_id, starts_at)",
    "CREATE INDEX ix_class_sessions_due ON class_sessions (ends_at) WHERE status IN ('planned', 'open')",
)

CLASS_TRANSITIONS = (
    ("draft", "filed"),
    ("returned", "draft"),
    ("returned", "filed"),
    ("filed", "approved"),
    ("filed", "returned"),
    ("approved", "running"),
    ("running", "finished"),
    ("finished", "verified"),
    ("draft", "cancelled"),
    ("filed", "cancelled"),
    ("returned", "cancelled"),
    ("approved", "cancelled"),
    ("running", "stopped"),
)
SESSION_TRANSITIONS = (
    ("planned", "open"),
    ("planned", "closed"),
    ("open", "closed"),
    ("planned", "dropped"),
    ("open", "dropped"),
)


def fix_filed_content() -> None:
    """What is filed is fixed until it is returned; what an amendment may change, changes with its edition only."""
    filed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FILED_COLUMNS)
    amended = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in AMENDED_COLUMNS)
    op.execute(
        f"""
        CREATE FUNCTION classes_filed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.institution <> OLD.institution
                OR (OLD.status NOT IN ('draft', 'returned') AND ({filed}))
                OR (OLD.status NOT IN ('draft', 'returned') AND NEW.edition = OLD.edition AND ({amended}))
                OR (OLD.status NOT IN ('draft', 'returned', 'approved', 'running') AND NEW.edition <> OLD.edition)
            THEN
                RAISE EXCEPTION 'the filed content of a class is fixed'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute("CREATE TRIGGER filed BEFORE UPDATE ON classes FOR EACH ROW EXECUTE FUNCTION classes_filed()")


def upgrade() -> None:
    """Create them."""
    for statement in TABLES:
        op.execute(statement)
    plumbing_v1.guard_lifecycle("classes", births=["draft"], transitions=CLASS_TRANSITIONS)
    plumbing_v1.guard_lifecycle("class_sessions", births=["planned"], transitions=SESSION_TRANSITIONS)
    plumbing_v1.immutable("class_sessions", ["id", "class_id", "institution", "code_key"])
    fix_filed_content()
    for table in ("class_contents", "class_acts"):
        plumbing_v1.append_only(table)
    for table in ("classes", "class_sessions"):
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")
    plumbing_v1.grant(SERVICE, "class_contents", api="SELECT, INSERT")
    plumbing_v1.grant(SERVICE, "class_acts", api="SELECT, INSERT", worker="INSERT")


def downgrade() -> None:
    """Drop them."""
    for table in ("class_sessions", "class_acts", "class_contents", "classes"):
        op.execute(f"DROP TABLE {table}")
    for function in (
        "classes_lifecycle",
        "classes_filed",
        "class_sessions_lifecycle",
        "class_sessions_immutable",
        "class_contents_append_only",
        "class_acts_append_only",
    ):
        op.execute(f"DROP FUNCTION {function}()")
