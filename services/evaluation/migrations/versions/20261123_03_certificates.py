"""Certificates, each on exactly one basis: a passed candidate of a confirmed session, or a recorded recognition."""

from alembic import op

from shared.persistence import plumbing_v1

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

SERVICE = "evaluation"

CERTIFICATES = """
CREATE TABLE certificates (
    id uuid CONSTRAINT pk_certificates PRIMARY KEY,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    basis text NOT NULL,
    number text NOT NULL,
    number_encrypted bytea,
    number_index bytea,
    person_id uuid NOT NULL CONSTRAINT fk_certificates_person_id REFERENCES person_facts (person_id),
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
    CONSTRAINT ck_certificates_number_encrypted CHECK (kind IN ('special_operation', 'special_equipment')
        OR number_encrypted IS NULL),
    CONSTRAINT ck_certificates_valid_until CHECK (kind IN ('special_operation', 'special_equipment')
        OR valid_until IS NULL),
    CONSTRAINT ck_certificates_two_officers CHECK (status <> 'revoked' OR (revocation_proposed_by IS NOT NULL
        AND revoked_by IS NOT NULL AND revocation_proposed_by <> revoked_by)),
    CONSTRAINT ck_certificates_reason CHECK (status IN ('valid', 'imported')
        OR (since IS NOT NULL AND reason_code IS NOT NULL)),
    CONSTRAINT ex_certificates_permit_holder EXCLUDE USING gist (number_index WITH =, person_id WITH <>)
);
CREATE UNIQUE INDEX uq_certificates_live ON certificates (person_id, skill_code, level)
    WHERE status IN ('valid', 'suspended');
CREATE INDEX ix_certificates_valid_until ON certificates (valid_until)
    WHERE status IN ('valid', 'suspended') AND valid_until IS NOT NULL;
CREATE INDEX ix_certificates_person_id ON certificates (person_id);
CREATE INDEX ix_certificates_body ON certificates (body);
CREATE INDEX ix_certificates_number_index ON certificates (number_index);
CREATE TABLE certificate_serials (
    prefix text CONSTRAINT pk_certificate_serials PRIMARY KEY,
    last integer NOT NULL,
    most integer NOT NULL,
    CONSTRAINT ck_certificate_serials_last CHECK (last BETWEEN 0 AND most)
)
"""

BASES = """
CREATE TABLE assessed_certificates (
    certificate_id uuid CONSTRAINT pk_assessed_certificates PRIMARY KEY,
    candidate_id uuid NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    basis text NOT NULL DEFAULT 'assessment',
    candidate_status text NOT NULL DEFAULT 'passed',
    session_status text NOT NULL DEFAULT 'confirmed',
    CONSTRAINT uq_assessed_certificates_candidate_id UNIQUE (candidate_id),
    CONSTRAINT fk_assessed_certificates_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level,
        act) REFERENCES certificates (id, basis, person_id, skill_code, level, act),
    CONSTRAINT fk_assessed_certificates_candidate FOREIGN KEY (candidate_id, session_id, person_id, skill_code, level,
        act, candidate_status) REFERENCES candidates (id, session_id, person_id, skill_code, level, act, status),
    CONSTRAINT fk_assessed_certificates_session FOREIGN KEY (session_id, session_status)
        REFERENCES assessment_sessions (id, status),
    CONSTRAINT ck_assessed_certificates_basis CHECK (basis = 'assessment'),
    CONSTRAINT ck_assessed_certificates_passed CHECK (candidate_status = 'passed'),
    CONSTRAINT ck_assessed_certificates_confirmed CHECK (session_status = 'confirmed')
);
CREATE INDEX ix_assessed_certificates_session_id ON assessed_certificates (session_id);
CREATE TABLE recognitions (
    certificate_id uuid CONSTRAINT pk_recognitions PRIMARY KEY,
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
    CONSTRAINT fk_recognitions_certificate FOREIGN KEY (certificate_id, basis, person_id, skill_code, level, act)
        REFERENCES certificates (id, basis, person_id, skill_code, level, act),
    CONSTRAINT ck_recognitions_basis CHECK (basis IN ('direct_recognition', 'import')),
    CONSTRAINT ck_recognitions_evidence_digest CHECK (evidence_digest ~ '^[0-9a-f]{64}$')
);
CREATE TABLE recognition_checks (
    id uuid CONSTRAINT pk_recognition_checks PRIMARY KEY,
    certificate_id uuid NOT NULL
        CONSTRAINT fk_recognition_checks_certificate_id REFERENCES recognitions (certificate_id),
    answer text NOT NULL,
    source text NOT NULL,
    checked_by uuid NOT NULL,
    checked_at timestamptz NOT NULL,
    CONSTRAINT ck_recognition_checks_answer CHECK (answer IN ('verified', 'not_found_yet', 'contradicted'))
);
CREATE INDEX ix_recognition_checks_certificate_id ON recognition_checks (certificate_id)
"""

BASIS_DEMANDED = """
CREATE FUNCTION certificates_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM assessed_certificates b WHERE b.certificate_id = NEW.id)
        AND NOT EXISTS (SELECT FROM recognitions r WHERE r.certificate_id = NEW.id) THEN
        RAISE EXCEPTION 'a certificate rests on an assessment or on a recorded basis'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_certificates_basis';
    END IF;
    RETURN NULL;
END $$
"""

BIRTH_AND_CHECK = """
CREATE FUNCTION certificates_recognition_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.basis = 'assessment') <> (NEW.status = 'valid') THEN
        RAISE EXCEPTION 'a certificate that was not assessed here is born imported'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_birth';
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'imported' AND NEW.status = 'valid' AND NOT EXISTS (
        SELECT FROM recognition_checks c JOIN recognitions r ON r.certificate_id = c.certificate_id
        WHERE c.certificate_id = NEW.id AND c.answer = 'verified' AND c.checked_by <> r.recorded_by) THEN
        RAISE EXCEPTION 'another officer verifies what one has recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_certificates_recognition_checked';
    END IF;
    RETURN NEW;
END $$
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER basis AFTER INSERT ON certificates DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION certificates_basis();
CREATE TRIGGER recognition_checked BEFORE INSERT OR UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION certificates_recognition_checked()
"""

SIGNED = [
    "id", "kind", "basis", "number", "number_encrypted", "number_index", "person_id", "subject_digest", "skill_code",
    "level", "act", "body", "area", "channel", "voucher_id", "enrolment_id", "assessed_on", "completed_on", "issued_on",
    "valid_until", "jws",
]  # fmt: skip
REVOCABLE = ("imported", "valid", "suspended", "expired", "superseded")


def upgrade() -> None:
    """Create the tables with their guards and rights."""
    for statements in (CERTIFICATES, BASES):
        for statement in statements.split(";\n"):
            op.execute(statement)
    for function in (BASIS_DEMANDED, BIRTH_AND_CHECK):
        op.execute(function)
    for statement in TRIGGERS.split(";\n"):
        op.execute(statement)
    plumbing_v1.guard_lifecycle(
        "certificates",
        births=["valid", "imported"],
        transitions=[
            ("imported", "valid"), ("valid", "suspended"), ("suspended", "valid"), ("valid", "expired"),
            ("suspended", "expired"), ("valid", "superseded"), *((state, "revoked") for state in REVOCABLE),
        ],
    )  # fmt: skip
    plumbing_v1.immutable("certificates", SIGNED)
    for table in ("assessed_certificates", "recognitions", "recognition_checks"):
        plumbing_v1.append_only(table)
        plumbing_v1.grant(SERVICE, table, api="SELECT, INSERT", worker="SELECT")
    plumbing_v1.grant(SERVICE, "certificates", api="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")
    plumbing_v1.grant(SERVICE, "certificate_serials", api="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Undo `upgrade`."""
    for table in ("recognition_checks", "recognitions", "assessed_certificates", "certificate_serials", "certificates"):
        op.execute(f"DROP TABLE {table}")
    for function in ("certificates_basis", "certificates_recognition_checked", "certificates_lifecycle",
                     "certificates_immutable", "assessed_certificates_append_only", "recognitions_append_only",
                     "recognition_checks_append_only"):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}()")
