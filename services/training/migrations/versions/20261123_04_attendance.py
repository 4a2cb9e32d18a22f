"""Check-ins, attendance records, and what of them stands."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

SERVICE = "training"

TABLES = (
    """
    CREATE TABLE check_ins (
        id uuid CONSTRAINT pk_check_ins PRIMARY KEY,
        class_session_id uuid NOT NULL,
        class_id uuid NOT NULL,
        enrolment_id uuid NOT NULL,
        person_id uuid NOT NULL,
        direction text NOT NULL,
        step bigint NOT NULL,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT fk_check_ins_class_session_id_class_id
            FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions (id, class_id),
        CONSTRAINT fk_check_ins_enrolment_id_class_id_person_id
            FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments (id, class_id, person_id),
        CONSTRAINT uq_check_ins_class_session_id_person_id_step UNIQUE (class_session_id, person_id, step),
        CONSTRAINT uq_check_ins_class_session_id_enrolment_id_direction
            UNIQUE (class_session_id, enrolment_id, direction),
        CONSTRAINT ck_check_ins_direction CHECK (direction IN ('in', 'out'))
    )
    """,
    """
    CREATE TABLE attendance (
        id uuid CONSTRAINT pk_attendance PRIMARY KEY,
        class_session_id uuid NOT NULL,
        class_id uuid NOT NULL,
        enrolment_id uuid NOT NULL,
        person_id uuid NOT NULL,
        kind text NOT NULL,
        checked_in_at timestamptz,
        checked_out_at timestamptz,
        minutes integer NOT NULL,
        supersedes uuid,
        reason_code text,
        entered_by uuid,
        account text NOT NULL,
        entered_at timestamptz NOT NULL,
        CONSTRAINT fk_attendance_class_session_id_class_id
            FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions (id, class_id),
        CONSTRAINT fk_attendance_enrolment_id_class_id_person_id
            FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments (id, class_id, person_id),
        CONSTRAINT uq_attendance_id_class_session_id_enrolment_id UNIQUE (id, class_session_id, enrolment_id),
        CONSTRAINT fk_attendance_supersedes_class_session_id_enrolment_id
            FOREIGN KEY (supersedes, class_session_id, enrolment_id)
            REFERENCES attendance (id, class_session_id, enrolment_id),
        CONSTRAINT uq_attendance_supersedes UNIQUE (supersedes),
        CONSTRAINT ck_attendance_kind CHECK (kind IN ('code', 'roster', 'correction', 'make_up')),
        CONSTRAINT ck_attendance_supersedes CHECK ((kind IN ('code', 'roster')) <= (supersedes IS NULL)),
        CONSTRAINT ck_attendance_correction CHECK ((kind = 'correction') <= (supersedes IS NOT NULL)),
        CONSTRAINT ck_attendance_reason_code CHECK ((kind IN ('code', 'roster')) = (reason_code IS NULL)),
        CONSTRAINT ck_attendance_officer CHECK ((kind IN ('code', 'roster')) OR (entered_by IS NOT NULL)),
        CONSTRAINT ck_attendance_times CHECK (CASE WHEN checked_in_at IS NULL OR checked_out_at IS NULL
            THEN kind = 'correction' AND minutes = 0 AND checked_in_at IS NULL AND checked_out_at IS NULL
            ELSE checked_in_at < checked_out_at AND checked_out_at <= entered_at AND minutes >= 0 END)
    )
    """,
    """
    CREATE UNIQUE INDEX uq_attendance_first ON attendance (class_session_id, enrolment_id) WHERE supersedes IS NULL
    """,
    """
    CREATE TABLE standing_attendance (
        attendance_id uuid CONSTRAINT pk_standing_attendance PRIMARY KEY
            CONSTRAINT fk_standing_attendance_attendance_id REFERENCES attendance (id),
        class_session_id uuid NOT NULL,
        enrolment_id uuid NOT NULL,
        person_id uuid NOT NULL,
        kind text NOT NULL,
        checked_in_at timestamptz NOT NULL,
        checked_out_at timestamptz NOT NULL,
        minutes integer NOT NULL,
        CONSTRAINT uq_standing_attendance_class_session_id_enrolment_id UNIQUE (class_session_id, enrolment_id),
        CONSTRAINT ex_standing_attendance_person EXCLUDE USING gist
            (person_id WITH =, tstzrange(checked_in_at, checked_out_at) WITH &&)
    )
    """,
    "CREATE INDEX ix_standing_attendance_enrolment_id ON standing_attendance (enrolment_id)",
)

CHECK_RECORD = """
    CREATE FUNCTION attendance_checked() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        held class_sessions%ROWTYPE;
    BEGIN
        SELECT * INTO held FROM class_sessions WHERE id = NEW.class_session_id;
        IF (NEW.kind IN ('code', 'roster') AND held.status <> 'open')
            OR (NEW.kind NOT IN ('code', 'roster') AND held.status <> 'closed') THEN
            RAISE EXCEPTION 'a % record does not belong in a session that is %', NEW.kind, held.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_session';
        END IF;
        IF NEW.minutes > 0 AND NEW.minutes > floor(extract(epoch FROM
            least(NEW.checked_out_at, held.ends_at) - greatest(NEW.checked_in_at, held.starts_at)) / 60)
        THEN
            RAISE EXCEPTION 'more minutes than the times share with the session'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_minutes';
        END IF;
        RETURN NEW;
    END $$
"""
"""Records of the day go into an open session, corrections into a closed one; minutes are never more than the times."""

KEEP_STANDING = """
    CREATE FUNCTION attendance_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
    BEGIN
        DELETE FROM standing_attendance WHERE attendance_id = NEW.supersedes;
        IF NEW.checked_in_at IS NOT NULL THEN
            INSERT INTO standing_attendance (attendance_id, class_session_id, enrolment_id, person_id, kind,
                                             checked_in_at, checked_out_at, minutes)
            VALUES (NEW.id, NEW.class_session_id, NEW.enrolment_id, NEW.person_id, NEW.kind,
                    NEW.checked_in_at, NEW.checked_out_at, NEW.minutes);
        END IF;
        RETURN NULL;
    END $$
"""
"""As the owner: no role of the service writes what stands, so no role can make a person be in two places at once."""


def upgrade() -> None:
    """Create them."""
    for statement in TABLES:
        op.execute(statement)
    op.execute(CHECK_RECORD)
    op.execute("CREATE TRIGGER checked BEFORE INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION attendance_checked()")
    op.execute(KEEP_STANDING)
    op.execute("CREATE TRIGGER standing AFTER INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION attendance_standing()")
    for table in ("check_ins", "attendance"):
        plumbing_v1.append_only(table)
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "standing_attendance", api="SELECT", worker="SELECT")


def downgrade() -> None:
    """Drop them."""
    for table in ("standing_attendance", "attendance", "check_ins"):
        op.execute(f"DROP TABLE {table}")
    for function in (
        "attendance_checked",
        "attendance_standing",
        "attendance_append_only",
        "check_ins_append_only",
    ):
        op.execute(f"DROP FUNCTION {function}()")
