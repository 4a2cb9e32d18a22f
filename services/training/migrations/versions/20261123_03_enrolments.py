"""Enrolments, seats and completion tests."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

SERVICE = "training"

TABLES = (
    """
    CREATE TABLE enrolments (
        id uuid CONSTRAINT pk_enrolments PRIMARY KEY,
        voucher_id uuid NOT NULL,
        person_id uuid NOT NULL,
        class_id uuid NOT NULL,
        institution text NOT NULL,
        class_area text NOT NULL,
        channel text NOT NULL,
        payee_kind text NOT NULL,
        payee_id text NOT NULL,
        mandate_id uuid,
        skill_code text NOT NULL,
        level smallint NOT NULL,
        act text NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        employer text,
        school text,
        jti uuid NOT NULL,
        presented_at timestamptz NOT NULL,
        reason_code text,
        status text NOT NULL,
        version integer NOT NULL,
        open_holds integer DEFAULT 0 NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT fk_enrolments_class_id_institution_skill_code_level
            FOREIGN KEY (class_id, institution, skill_code, level)
            REFERENCES classes (id, institution, skill_code, level),
        CONSTRAINT uq_enrolments_jti UNIQUE (jti),
        CONSTRAINT uq_enrolments_id_class_id_person_id UNIQUE (id, class_id, person_id),
        CONSTRAINT ck_enrolments_level CHECK (level BETWEEN 0 AND 5),
        CONSTRAINT ck_enrolments_days CHECK (starts_on <= ends_on),
        CONSTRAINT ck_enrolments_reason_code CHECK
            ((status IN ('refused', 'withdrawn')) = (reason_code IS NOT NULL)),
        CONSTRAINT ck_enrolments_payee_kind CHECK (payee_kind IN ('institution', 'enterprise', 'worker')),
        CONSTRAINT ck_enrolments_mandate CHECK ((payee_kind = 'worker') = (mandate_id IS NULL)),
        CONSTRAINT ex_enrolments_person_days EXCLUDE USING gist
            (person_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&)
            WHERE (status IN ('requested', 'registered', 'attending'))
    )
    """,
    """
    CREATE UNIQUE INDEX uq_enrolments_voucher_id ON enrolments (voucher_id)
        WHERE status NOT IN ('refused', 'withdrawn')
    """,
    "CREATE INDEX ix_enrolments_person_id ON enrolments (person_id)",
    "CREATE INDEX ix_enrolments_class_id ON enrolments (class_id, id)",
    """
    CREATE TABLE class_seats (
        class_id uuid CONSTRAINT pk_class_seats PRIMARY KEY
            CONSTRAINT fk_class_seats_class_id REFERENCES classes (id),
        seats integer NOT NULL,
        taken integer NOT NULL,
        CONSTRAINT ck_class_seats_taken CHECK (taken BETWEEN 0 AND seats)
    )
    """,
    """
    CREATE TABLE completion_tests (
        enrolment_id uuid CONSTRAINT pk_completion_tests PRIMARY KEY
            CONSTRAINT fk_completion_tests_enrolment_id REFERENCES enrolments (id),
        score smallint NOT NULL,
        entered_by uuid,
        account text NOT NULL,
        entered_at timestamptz NOT NULL,
        CONSTRAINT ck_completion_tests_score CHECK (score BETWEEN 0 AND 100)
    )
    """,
)

TRANSITIONS = (
    ("requested", "registered"),
    ("requested", "refused"),
    ("requested", "withdrawn"),
    ("registered", "withdrawn"),
    ("attending", "withdrawn"),
    ("registered", "attending"),
    ("attending", "completed"),
    ("registered", "failed_attendance"),
    ("attending", "failed_attendance"),
    ("attending", "failed_test"),
    ("registered", "expelled"),
    ("attending", "expelled"),
)
FIXED = (
    "id",
    "voucher_id",
    "person_id",
    "class_id",
    "institution",
    "class_area",
    "channel",
    "payee_kind",
    "payee_id",
    "mandate_id",
    "skill_code",
    "level",
    "act",
    "starts_on",
    "ends_on",
    "employer",
    "school",
    "jti",
    "presented_at",
)


def upgrade() -> None:
    """Create them."""
    for statement in TABLES:
        op.execute(statement)
    plumbing_v1.guard_lifecycle("enrolments", births=["requested"], transitions=TRANSITIONS)
    plumbing_v1.immutable("enrolments", FIXED)
    plumbing_v1.immutable("class_seats", ["class_id", "seats"])
    plumbing_v1.append_only("completion_tests")
    plumbing_v1.grant(SERVICE, "enrolments", api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")
    plumbing_v1.grant(SERVICE, "class_seats", api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")
    plumbing_v1.grant(SERVICE, "completion_tests", api="SELECT, INSERT")


def downgrade() -> None:
    """Drop them."""
    for table in ("completion_tests", "class_seats", "enrolments"):
        op.execute(f"DROP TABLE {table}")
    for function in (
        "enrolments_lifecycle",
        "enrolments_immutable",
        "class_seats_immutable",
        "completion_tests_append_only",
    ):
        op.execute(f"DROP FUNCTION {function}()")
