CREATE TABLE dated_rules (
    name TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    value BIGINT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
CREATE TABLE persons (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    area TEXT NOT NULL,
    subject_digest TEXT NOT NULL,
    real_name_level SMALLINT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    survivor_id UUID,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons (survivor_id);
CREATE TABLE institutions (
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    area TEXT NOT NULL,
    kind TEXT NOT NULL,
    applied_by UUID NOT NULL,
    listed_by UUID,
    reason_code TEXT,
    CONSTRAINT pk_institutions PRIMARY KEY (id),
    CONSTRAINT ck_institutions_two_officers CHECK (listed_by <> applied_by),
    CONSTRAINT ck_institutions_listed_by CHECK ((status = 'applied') = (listed_by IS NULL)),
    CONSTRAINT ck_institutions_reason_code CHECK ((status IN ('warned', 'suspended', 'removed')) <= (reason_code IS NOT NULL))
);
CREATE INDEX ix_institutions_area ON institutions (area);
CREATE TABLE classes (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    institution TEXT NOT NULL,
    area TEXT NOT NULL,
    department TEXT NOT NULL,
    channel TEXT NOT NULL,
    form TEXT NOT NULL,
    act TEXT NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    payee_kind TEXT NOT NULL,
    payee_id TEXT,
    seats INTEGER NOT NULL,
    trainer_ids UUID[] NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    planned_minutes INTEGER NOT NULL,
    class_hours INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    content_digest TEXT NOT NULL,
    filed_by UUID,
    filed_at TIMESTAMPTZ,
    approved_by UUID,
    approved_at TIMESTAMPTZ,
    reason_code TEXT,
    CONSTRAINT pk_classes PRIMARY KEY (id),
    CONSTRAINT uq_classes_id_institution_skill_code_level UNIQUE (id, institution, skill_code, level),
    CONSTRAINT uq_classes_id_institution UNIQUE (id, institution),
    CONSTRAINT ck_classes_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_classes_seats CHECK (seats BETWEEN 1 AND 1000),
    CONSTRAINT ck_classes_times CHECK (starts_at < ends_at AND starts_on <= ends_on),
    CONSTRAINT ck_classes_two_people CHECK (approved_by <> filed_by),
    CONSTRAINT ck_classes_hours CHECK (planned_minutes > 0 AND class_hours >= 0),
    CONSTRAINT ck_classes_channel CHECK (channel IN ('enterprise', 'school', 'social')),
    CONSTRAINT ck_classes_act CHECK (act IN ('first', 'review')),
    CONSTRAINT ck_classes_payee CHECK (CASE payee_kind WHEN 'institution' THEN payee_id IS NOT DISTINCT FROM institution WHEN 'enterprise' THEN payee_id IS NOT NULL AND channel = 'enterprise' WHEN 'worker' THEN payee_id IS NULL ELSE false END),
    CONSTRAINT ck_classes_approved CHECK (status IN ('draft', 'filed', 'returned', 'cancelled') OR (filed_at IS NOT NULL AND approved_by IS NOT NULL)),
    CONSTRAINT ck_classes_reason_code CHECK ((status IN ('cancelled', 'stopped')) = (reason_code IS NOT NULL)),
    CONSTRAINT fk_classes_institution FOREIGN KEY (institution) REFERENCES institutions (id)
);
CREATE INDEX ix_classes_area ON classes (area);
CREATE INDEX ix_classes_ending ON classes (ends_at) WHERE status = 'running';
CREATE INDEX ix_classes_institution ON classes (institution);
CREATE INDEX ix_classes_starting ON classes (starts_at) WHERE status = 'approved';
CREATE TABLE institution_scopes (
    institution TEXT NOT NULL,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    CONSTRAINT pk_institution_scopes PRIMARY KEY (institution, skill_code, level, valid_from),
    CONSTRAINT ck_institution_scopes_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_institution_scopes_days CHECK (valid_to >= valid_from),
    CONSTRAINT ex_institution_scopes_days EXCLUDE USING gist (institution WITH =, skill_code WITH =, level WITH =, daterange(valid_from, valid_to, '[]') WITH &&),
    CONSTRAINT fk_institution_scopes_institution FOREIGN KEY (institution) REFERENCES institutions (id)
);
CREATE TABLE class_contents (
    class_id UUID NOT NULL,
    edition INTEGER NOT NULL,
    content JSONB NOT NULL,
    digest TEXT NOT NULL,
    proposed_by UUID,
    account TEXT NOT NULL,
    proposed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_class_contents PRIMARY KEY (class_id, edition),
    CONSTRAINT ck_class_contents_digest CHECK (digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_class_contents_class_id FOREIGN KEY (class_id) REFERENCES classes (id)
);
CREATE TABLE class_returns (
    class_id UUID NOT NULL,
    version INTEGER NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_class_returns PRIMARY KEY (class_id, version),
    CONSTRAINT fk_class_returns_class_id FOREIGN KEY (class_id) REFERENCES classes (id)
);
CREATE TABLE class_seats (
    class_id UUID NOT NULL,
    seats INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    CONSTRAINT pk_class_seats PRIMARY KEY (class_id),
    CONSTRAINT ck_class_seats_taken CHECK (taken BETWEEN 0 AND seats),
    CONSTRAINT fk_class_seats_class_id FOREIGN KEY (class_id) REFERENCES classes (id)
);
CREATE TABLE class_sessions (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    class_id UUID NOT NULL,
    institution TEXT NOT NULL,
    trainer_id UUID NOT NULL,
    room TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    code_key BYTEA NOT NULL,
    attendance_count INTEGER,
    attendance_digest TEXT,
    CONSTRAINT pk_class_sessions PRIMARY KEY (id),
    CONSTRAINT fk_class_sessions_class_id_institution FOREIGN KEY (class_id, institution) REFERENCES classes (id, institution),
    CONSTRAINT uq_class_sessions_id_class_id UNIQUE (id, class_id),
    CONSTRAINT ex_class_sessions_trainer EXCLUDE USING gist (trainer_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'dropped') DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT ex_class_sessions_room EXCLUDE USING gist (institution WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'dropped') DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT ck_class_sessions_times CHECK (starts_at < ends_at),
    CONSTRAINT ck_class_sessions_code_key CHECK (octet_length(code_key) = 32),
    CONSTRAINT ck_class_sessions_attendance CHECK (CASE WHEN status = 'closed' THEN attendance_count IS NOT NULL AND attendance_count >= 0 AND attendance_digest IS NOT NULL AND attendance_digest ~ '^[0-9a-f]{64}$' ELSE attendance_count IS NULL AND attendance_digest IS NULL END)
);
CREATE INDEX ix_class_sessions_class_id ON class_sessions (class_id, starts_at);
CREATE INDEX ix_class_sessions_due ON class_sessions (ends_at) WHERE status IN ('planned', 'open');
CREATE TABLE enrolments (
    id UUID NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    open_holds INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    voucher_id UUID NOT NULL,
    person_id UUID NOT NULL,
    class_id UUID NOT NULL,
    institution TEXT NOT NULL,
    class_area TEXT NOT NULL,
    channel TEXT NOT NULL,
    payee_kind TEXT NOT NULL,
    payee_id TEXT NOT NULL,
    mandate_id UUID,
    skill_code TEXT NOT NULL,
    level SMALLINT NOT NULL,
    act TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    employer TEXT,
    school TEXT,
    jti UUID NOT NULL,
    presented_at TIMESTAMPTZ NOT NULL,
    reason_code TEXT,
    CONSTRAINT pk_enrolments PRIMARY KEY (id),
    CONSTRAINT fk_enrolments_class_id_institution_skill_code_level FOREIGN KEY (class_id, institution, skill_code, level) REFERENCES classes (id, institution, skill_code, level),
    CONSTRAINT uq_enrolments_jti UNIQUE (jti),
    CONSTRAINT ex_enrolments_person_days EXCLUDE USING gist (person_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&) WHERE (status IN ('requested', 'registered', 'attending')),
    CONSTRAINT uq_enrolments_id_class_id_person_id UNIQUE (id, class_id, person_id),
    CONSTRAINT ck_enrolments_level CHECK (level BETWEEN 0 AND 5),
    CONSTRAINT ck_enrolments_days CHECK (starts_on <= ends_on),
    CONSTRAINT ck_enrolments_reason_code CHECK ((status IN ('refused', 'withdrawn')) = (reason_code IS NOT NULL)),
    CONSTRAINT ck_enrolments_payee_kind CHECK (payee_kind IN ('institution', 'enterprise', 'worker')),
    CONSTRAINT ck_enrolments_mandate CHECK ((payee_kind = 'worker') = (mandate_id IS NULL))
);
CREATE INDEX ix_enrolments_class_id ON enrolments (class_id, id);
CREATE INDEX ix_enrolments_person_id ON enrolments (person_id);
CREATE UNIQUE INDEX uq_enrolments_voucher_id ON enrolments (voucher_id) WHERE status NOT IN ('refused', 'withdrawn');
CREATE TABLE attendance (
    id UUID NOT NULL,
    class_session_id UUID NOT NULL,
    class_id UUID NOT NULL,
    enrolment_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    checked_in_at TIMESTAMPTZ,
    checked_out_at TIMESTAMPTZ,
    minutes INTEGER NOT NULL,
    supersedes UUID,
    reason_code TEXT,
    entered_by UUID,
    account TEXT NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_attendance PRIMARY KEY (id),
    CONSTRAINT fk_attendance_class_session_id_class_id FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions (id, class_id),
    CONSTRAINT fk_attendance_enrolment_id_class_id_person_id FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments (id, class_id, person_id),
    CONSTRAINT fk_attendance_supersedes_class_session_id_enrolment_id FOREIGN KEY (supersedes, class_session_id, enrolment_id) REFERENCES attendance (id, class_session_id, enrolment_id),
    CONSTRAINT uq_attendance_id_class_session_id_enrolment_id UNIQUE (id, class_session_id, enrolment_id),
    CONSTRAINT uq_attendance_supersedes UNIQUE (supersedes),
    CONSTRAINT ck_attendance_kind CHECK (kind IN ('code', 'roster', 'correction', 'make_up')),
    CONSTRAINT ck_attendance_supersedes CHECK ((kind IN ('code', 'roster')) <= (supersedes IS NULL)),
    CONSTRAINT ck_attendance_correction CHECK ((kind = 'correction') <= (supersedes IS NOT NULL)),
    CONSTRAINT ck_attendance_reason_code CHECK ((kind IN ('code', 'roster')) = (reason_code IS NULL)),
    CONSTRAINT ck_attendance_officer CHECK ((kind IN ('code', 'roster')) OR (entered_by IS NOT NULL)),
    CONSTRAINT ck_attendance_times CHECK (CASE WHEN checked_in_at IS NULL OR checked_out_at IS NULL THEN kind = 'correction' AND minutes = 0 AND checked_in_at IS NULL AND checked_out_at IS NULL ELSE checked_in_at < checked_out_at AND checked_out_at <= entered_at AND minutes >= 0 END)
);
CREATE UNIQUE INDEX uq_attendance_first ON attendance (class_session_id, enrolment_id) WHERE supersedes IS NULL;
CREATE TABLE check_ins (
    id UUID NOT NULL,
    class_session_id UUID NOT NULL,
    class_id UUID NOT NULL,
    enrolment_id UUID NOT NULL,
    person_id UUID NOT NULL,
    direction TEXT NOT NULL,
    step BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_check_ins PRIMARY KEY (id),
    CONSTRAINT fk_check_ins_class_session_id_class_id FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions (id, class_id),
    CONSTRAINT fk_check_ins_enrolment_id_class_id_person_id FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments (id, class_id, person_id),
    CONSTRAINT uq_check_ins_class_session_id_person_id_step UNIQUE (class_session_id, person_id, step),
    CONSTRAINT uq_check_ins_class_session_id_enrolment_id_direction UNIQUE (class_session_id, enrolment_id, direction),
    CONSTRAINT ck_check_ins_direction CHECK (direction IN ('in', 'out'))
);
CREATE TABLE completion_tests (
    enrolment_id UUID NOT NULL,
    score SMALLINT NOT NULL,
    entered_by UUID,
    account TEXT NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_completion_tests PRIMARY KEY (enrolment_id),
    CONSTRAINT ck_completion_tests_score CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT fk_completion_tests_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id)
);
CREATE TABLE standing_attendance (
    attendance_id UUID NOT NULL,
    class_session_id UUID NOT NULL,
    enrolment_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    checked_in_at TIMESTAMPTZ NOT NULL,
    checked_out_at TIMESTAMPTZ NOT NULL,
    minutes INTEGER NOT NULL,
    CONSTRAINT pk_standing_attendance PRIMARY KEY (attendance_id),
    CONSTRAINT uq_standing_attendance_class_session_id_enrolment_id UNIQUE (class_session_id, enrolment_id),
    CONSTRAINT ex_standing_attendance_person EXCLUDE USING gist (person_id WITH =, tstzrange(checked_in_at, checked_out_at) WITH &&),
    CONSTRAINT fk_standing_attendance_attendance_id FOREIGN KEY (attendance_id) REFERENCES attendance (id)
);
CREATE INDEX ix_standing_attendance_enrolment_id ON standing_attendance (enrolment_id);
