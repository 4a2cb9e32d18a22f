-- The training service's schema, read from a migrated database; written by `make schema`.

CREATE TABLE attendance (
    id uuid NOT NULL,
    class_session_id uuid NOT NULL,
    class_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    checked_in_at timestamp with time zone,
    checked_out_at timestamp with time zone,
    minutes integer NOT NULL,
    supersedes uuid,
    reason_code text,
    entered_by uuid,
    account text NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_attendance PRIMARY KEY (id),
    CONSTRAINT uq_attendance_id_class_session_id_enrolment_id UNIQUE (id, class_session_id, enrolment_id),
    CONSTRAINT uq_attendance_supersedes UNIQUE (supersedes),
    CONSTRAINT fk_attendance_class_session_id_class_id FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions(id, class_id),
    CONSTRAINT fk_attendance_enrolment_id_class_id_person_id FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments(id, class_id, person_id),
    CONSTRAINT fk_attendance_supersedes_class_session_id_enrolment_id FOREIGN KEY (supersedes, class_session_id, enrolment_id) REFERENCES attendance(id, class_session_id, enrolment_id),
    CONSTRAINT ck_attendance_correction CHECK ((kind = 'correction'::text) <= (supersedes IS NOT NULL)),
    CONSTRAINT ck_attendance_kind CHECK (kind = ANY (ARRAY['code'::text, 'roster'::text, 'correction'::text, 'make_up'::text])),
    CONSTRAINT ck_attendance_officer CHECK ((kind = ANY (ARRAY['code'::text, 'roster'::text])) OR entered_by IS NOT NULL),
    CONSTRAINT ck_attendance_reason_code CHECK ((kind = ANY (ARRAY['code'::text, 'roster'::text])) = (reason_code IS NULL)),
    CONSTRAINT ck_attendance_supersedes CHECK ((kind = ANY (ARRAY['code'::text, 'roster'::text])) <= (supersedes IS NULL)),
    CONSTRAINT ck_attendance_times CHECK (
CASE
    WHEN checked_in_at IS NULL OR checked_out_at IS NULL THEN kind = 'correction'::text AND minutes = 0 AND checked_in_at IS NULL AND checked_out_at IS NULL
    ELSE checked_in_at < checked_out_at AND checked_out_at <= entered_at AND minutes >= 0
END)
);
CREATE UNIQUE INDEX uq_attendance_first ON attendance USING btree (class_session_id, enrolment_id) WHERE (supersedes IS NULL);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON attendance FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER checked BEFORE INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION attendance_fits_its_session();
CREATE TRIGGER standing AFTER INSERT ON attendance FOR EACH ROW EXECUTE FUNCTION keep_standing_attendance();
GRANT INSERT, SELECT ON attendance TO training_api;
GRANT SELECT ON attendance TO training_worker;

CREATE TABLE business_clock (
    id smallint NOT NULL,
    offset interval NOT NULL,
    movable boolean NOT NULL,
    moved_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_business_clock PRIMARY KEY (id),
    CONSTRAINT ck_business_clock_immovable CHECK (movable OR "offset" = '00:00:00'::interval),
    CONSTRAINT ck_business_clock_never_back CHECK ("offset" >= '00:00:00'::interval),
    CONSTRAINT ck_business_clock_one_row CHECK (id = 1)
);
GRANT SELECT ON business_clock TO training_api;
GRANT SELECT ON business_clock TO training_worker;

CREATE TABLE check_ins (
    id uuid NOT NULL,
    class_session_id uuid NOT NULL,
    class_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    person_id uuid NOT NULL,
    direction text NOT NULL,
    step bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_check_ins PRIMARY KEY (id),
    CONSTRAINT uq_check_ins_class_session_id_enrolment_id_direction UNIQUE (class_session_id, enrolment_id, direction),
    CONSTRAINT uq_check_ins_class_session_id_person_id_step UNIQUE (class_session_id, person_id, step),
    CONSTRAINT fk_check_ins_class_session_id_class_id FOREIGN KEY (class_session_id, class_id) REFERENCES class_sessions(id, class_id),
    CONSTRAINT fk_check_ins_enrolment_id_class_id_person_id FOREIGN KEY (enrolment_id, class_id, person_id) REFERENCES enrolments(id, class_id, person_id),
    CONSTRAINT ck_check_ins_direction CHECK (direction = ANY (ARRAY['in'::text, 'out'::text]))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON check_ins FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON check_ins TO training_api;
GRANT SELECT ON check_ins TO training_worker;

CREATE TABLE class_contents (
    class_id uuid NOT NULL,
    edition integer NOT NULL,
    content jsonb NOT NULL,
    digest text NOT NULL,
    proposed_by uuid,
    account text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_class_contents PRIMARY KEY (class_id, edition),
    CONSTRAINT fk_class_contents_class_id FOREIGN KEY (class_id) REFERENCES classes(id),
    CONSTRAINT ck_class_contents_digest CHECK (digest ~ '^[0-9a-f]{64}$'::text)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON class_contents FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON class_contents TO training_api;

CREATE TABLE class_returns (
    class_id uuid NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_class_returns PRIMARY KEY (class_id, version),
    CONSTRAINT fk_class_returns_class_id FOREIGN KEY (class_id) REFERENCES classes(id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON class_returns FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON class_returns TO training_api;

CREATE TABLE class_seats (
    class_id uuid NOT NULL,
    seats integer NOT NULL,
    taken integer NOT NULL,
    CONSTRAINT pk_class_seats PRIMARY KEY (class_id),
    CONSTRAINT fk_class_seats_class_id FOREIGN KEY (class_id) REFERENCES classes(id),
    CONSTRAINT ck_class_seats_taken CHECK (taken >= 0 AND taken <= seats)
);
CREATE TRIGGER immutable BEFORE UPDATE ON class_seats FOR EACH ROW WHEN (new.class_id IS DISTINCT FROM old.class_id OR new.seats IS DISTINCT FROM old.seats) EXECUTE FUNCTION refuse_change_of_fixed_columns();
GRANT INSERT, SELECT, UPDATE (taken) ON class_seats TO training_api;
GRANT SELECT, UPDATE (taken) ON class_seats TO training_worker;

CREATE TABLE class_sessions (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    class_id uuid NOT NULL,
    institution text NOT NULL,
    trainer_id uuid NOT NULL,
    room text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    code_key bytea NOT NULL,
    attendance_count integer,
    attendance_digest text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_class_sessions PRIMARY KEY (id),
    CONSTRAINT uq_class_sessions_id_class_id UNIQUE (id, class_id),
    CONSTRAINT ex_class_sessions_room EXCLUDE USING gist (institution WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'dropped'::text) DEFERRABLE,
    CONSTRAINT ex_class_sessions_trainer EXCLUDE USING gist (trainer_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status <> 'dropped'::text) DEFERRABLE,
    CONSTRAINT fk_class_sessions_class_id_institution FOREIGN KEY (class_id, institution) REFERENCES classes(id, institution),
    CONSTRAINT ck_class_sessions_attendance CHECK (
CASE
    WHEN status = 'closed'::text THEN attendance_count IS NOT NULL AND attendance_count >= 0 AND attendance_digest IS NOT NULL AND attendance_digest ~ '^[0-9a-f]{64}$'::text
    ELSE attendance_count IS NULL AND attendance_digest IS NULL
END),
    CONSTRAINT ck_class_sessions_code_key CHECK (octet_length(code_key) = 32),
    CONSTRAINT ck_class_sessions_times CHECK (starts_at < ends_at)
);
CREATE INDEX ix_class_sessions_class_id ON class_sessions USING btree (class_id, starts_at);
CREATE INDEX ix_class_sessions_due ON class_sessions USING btree (ends_at) WHERE (status = ANY (ARRAY['planned'::text, 'open'::text]));
CREATE TRIGGER immutable BEFORE UPDATE ON class_sessions FOR EACH ROW WHEN (new.id IS DISTINCT FROM old.id OR new.class_id IS DISTINCT FROM old.class_id OR new.institution IS DISTINCT FROM old.institution OR new.code_key IS DISTINCT FROM old.code_key) EXECUTE FUNCTION refuse_change_of_fixed_columns();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON class_sessions FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{planned}', '{planned>open,planned>closed,open>closed,planned>dropped,open>dropped}');
GRANT INSERT, SELECT, UPDATE ON class_sessions TO training_api;
GRANT SELECT, UPDATE (status, version, attendance_count, attendance_digest) ON class_sessions TO training_worker;

CREATE TABLE classes (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    institution text NOT NULL,
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
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    planned_minutes integer NOT NULL,
    class_hours integer NOT NULL,
    edition integer NOT NULL,
    content_digest text NOT NULL,
    filed_by uuid,
    filed_at timestamp with time zone,
    approved_by uuid,
    approved_at timestamp with time zone,
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_classes PRIMARY KEY (id),
    CONSTRAINT uq_classes_id_institution UNIQUE (id, institution),
    CONSTRAINT uq_classes_id_institution_skill_code_level UNIQUE (id, institution, skill_code, level),
    CONSTRAINT fk_classes_institution FOREIGN KEY (institution) REFERENCES institutions(id),
    CONSTRAINT ck_classes_act CHECK (act = ANY (ARRAY['first'::text, 'review'::text])),
    CONSTRAINT ck_classes_approved CHECK ((status = ANY (ARRAY['draft'::text, 'filed'::text, 'returned'::text, 'cancelled'::text])) OR filed_at IS NOT NULL AND approved_by IS NOT NULL),
    CONSTRAINT ck_classes_channel CHECK (channel = ANY (ARRAY['enterprise'::text, 'school'::text, 'social'::text])),
    CONSTRAINT ck_classes_hours CHECK (planned_minutes > 0 AND class_hours >= 0),
    CONSTRAINT ck_classes_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_classes_payee CHECK (
CASE payee_kind
    WHEN 'institution'::text THEN NOT payee_id IS DISTINCT FROM institution
    WHEN 'enterprise'::text THEN payee_id IS NOT NULL AND channel = 'enterprise'::text
    WHEN 'worker'::text THEN payee_id IS NULL
    ELSE false
END),
    CONSTRAINT ck_classes_reason_code CHECK ((status = ANY (ARRAY['cancelled'::text, 'stopped'::text])) = (reason_code IS NOT NULL)),
    CONSTRAINT ck_classes_seats CHECK (seats >= 1 AND seats <= 1000),
    CONSTRAINT ck_classes_times CHECK (starts_at < ends_at AND starts_on <= ends_on),
    CONSTRAINT ck_classes_two_people CHECK (approved_by <> filed_by)
);
CREATE INDEX ix_classes_area ON classes USING btree (area);
CREATE INDEX ix_classes_ending ON classes USING btree (ends_at) WHERE (status = 'running'::text);
CREATE INDEX ix_classes_institution ON classes USING btree (institution);
CREATE INDEX ix_classes_overdue ON classes USING btree (status, entered_at) WHERE (status = ANY (ARRAY['filed'::text, 'returned'::text, 'finished'::text]));
CREATE INDEX ix_classes_starting ON classes USING btree (starts_at) WHERE (status = 'approved'::text);
CREATE TRIGGER filed BEFORE UPDATE ON classes FOR EACH ROW EXECUTE FUNCTION filed_content_is_fixed();
CREATE TRIGGER in_scope BEFORE INSERT OR UPDATE ON classes FOR EACH ROW WHEN (new.status = ANY (ARRAY['filed'::text, 'approved'::text])) EXECUTE FUNCTION the_class_is_where_its_institution_is_listed();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON classes FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{draft}', '{draft>filed,returned>draft,returned>filed,filed>approved,filed>returned,approved>running,running>finished,finished>verified,draft>cancelled,filed>cancelled,returned>cancelled,approved>cancelled,running>stopped}');
GRANT INSERT, SELECT, UPDATE ON classes TO training_api;
GRANT SELECT, UPDATE (status, version, reason_code) ON classes TO training_worker;

CREATE TABLE completion_tests (
    enrolment_id uuid NOT NULL,
    score smallint NOT NULL,
    entered_by uuid,
    account text NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    held_on date NOT NULL,
    CONSTRAINT pk_completion_tests PRIMARY KEY (enrolment_id),
    CONSTRAINT fk_completion_tests_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments(id),
    CONSTRAINT ck_completion_tests_held_on CHECK (held_on <= (entered_at AT TIME ZONE 'Asia/Shanghai'::text)::date),
    CONSTRAINT ck_completion_tests_score CHECK (score >= 0 AND score <= 100)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON completion_tests FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER follow BEFORE INSERT ON completion_tests FOR EACH ROW EXECUTE FUNCTION completion_tests_follow();
GRANT INSERT, SELECT ON completion_tests TO training_api;

CREATE TABLE dated_rules (
    name text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    value bigint NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_dated_rules PRIMARY KEY (name, valid_from),
    CONSTRAINT ex_dated_rules_days EXCLUDE USING gist (name WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT ck_dated_rules_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_dated_rules_value CHECK (value >= 0)
);
GRANT SELECT ON dated_rules TO training_api;
GRANT SELECT ON dated_rules TO training_worker;

CREATE TABLE enrolments (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
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
    presented_at timestamp with time zone NOT NULL,
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_enrolments PRIMARY KEY (id),
    CONSTRAINT uq_enrolments_id_class_id_person_id UNIQUE (id, class_id, person_id),
    CONSTRAINT uq_enrolments_jti UNIQUE (jti),
    CONSTRAINT ex_enrolments_person_days EXCLUDE USING gist (person_id WITH =, daterange(starts_on, ends_on, '[]'::text) WITH &&) WHERE (status = ANY (ARRAY['requested'::text, 'registered'::text, 'attending'::text])),
    CONSTRAINT fk_enrolments_class_id_institution_skill_code_level FOREIGN KEY (class_id, institution, skill_code, level) REFERENCES classes(id, institution, skill_code, level),
    CONSTRAINT ck_enrolments_days CHECK (starts_on <= ends_on),
    CONSTRAINT ck_enrolments_level CHECK (level >= 0 AND level <= 5),
    CONSTRAINT ck_enrolments_mandate CHECK ((payee_kind = 'worker'::text) = (mandate_id IS NULL)),
    CONSTRAINT ck_enrolments_payee_kind CHECK (payee_kind = ANY (ARRAY['institution'::text, 'enterprise'::text, 'worker'::text])),
    CONSTRAINT ck_enrolments_reason_code CHECK ((status = ANY (ARRAY['refused'::text, 'withdrawn'::text])) = (reason_code IS NOT NULL))
);
CREATE INDEX ix_enrolments_class_id ON enrolments USING btree (class_id, id);
CREATE INDEX ix_enrolments_overdue ON enrolments USING btree (status, entered_at) WHERE (status = 'attending'::text);
CREATE INDEX ix_enrolments_person_id ON enrolments USING btree (person_id);
CREATE UNIQUE INDEX uq_enrolments_voucher_id ON enrolments USING btree (voucher_id) WHERE (status = ANY (ARRAY['requested'::text, 'registered'::text, 'attending'::text, 'completed'::text]));
CREATE TRIGGER immutable BEFORE UPDATE ON enrolments FOR EACH ROW WHEN ((to_jsonb(new.*) - '{status,version,open_holds,reason_code}'::text[]) IS DISTINCT FROM (to_jsonb(old.*) - '{status,version,open_holds,reason_code}'::text[])) EXECUTE FUNCTION refuse_change_of_fixed_columns();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON enrolments FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{requested}', '{requested>registered,requested>refused,requested>withdrawn,registered>withdrawn,attending>withdrawn,registered>attending,attending>completed,registered>failed_attendance,attending>failed_attendance,attending>failed_test,registered>expelled,attending>expelled}');
GRANT INSERT, SELECT, UPDATE (status, version, reason_code) ON enrolments TO training_api;
GRANT SELECT, UPDATE (status, version, reason_code) ON enrolments TO training_worker;

CREATE TABLE idempotency_keys (
    principal text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    response_status smallint,
    response_body text,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (principal, method, route, key)
);
GRANT INSERT, SELECT, UPDATE ON idempotency_keys TO training_api;
GRANT DELETE, SELECT ON idempotency_keys TO training_worker;

CREATE TABLE institution_scopes (
    institution text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT pk_institution_scopes PRIMARY KEY (institution, skill_code, level, valid_from),
    CONSTRAINT ex_institution_scopes_days EXCLUDE USING gist (institution WITH =, skill_code WITH =, level WITH =, daterange(valid_from, valid_to, '[]'::text) WITH &&),
    CONSTRAINT fk_institution_scopes_institution FOREIGN KEY (institution) REFERENCES institutions(id),
    CONSTRAINT ck_institution_scopes_days CHECK (valid_to >= valid_from),
    CONSTRAINT ck_institution_scopes_level CHECK (level >= 0 AND level <= 5)
);
CREATE TRIGGER fixed BEFORE INSERT OR DELETE OR UPDATE ON institution_scopes FOR EACH ROW EXECUTE FUNCTION the_scope_of_a_listed_institution_is_fixed();
GRANT DELETE, INSERT, SELECT, UPDATE ON institution_scopes TO training_api;
GRANT SELECT ON institution_scopes TO training_worker;

CREATE TABLE institutions (
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    area text NOT NULL,
    kind text NOT NULL,
    applied_by uuid NOT NULL,
    listed_by uuid,
    reason_code text,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_institutions PRIMARY KEY (id),
    CONSTRAINT ck_institutions_listed_by CHECK ((status = 'applied'::text) = (listed_by IS NULL)),
    CONSTRAINT ck_institutions_reason_code CHECK ((status = ANY (ARRAY['warned'::text, 'suspended'::text, 'removed'::text])) <= (reason_code IS NOT NULL)),
    CONSTRAINT ck_institutions_two_officers CHECK (listed_by <> applied_by)
);
CREATE INDEX ix_institutions_area ON institutions USING btree (area);
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON institutions FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{applied}', '{applied>listed,listed>warned,listed>suspended,warned>suspended,warned>listed,suspended>listed,listed>removed,warned>removed,suspended>removed}');
GRANT INSERT, SELECT, UPDATE (status, version, name, area, kind, applied_by, listed_by, reason_code) ON institutions TO training_api;
GRANT SELECT ON institutions TO training_worker;

CREATE TABLE offsets (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
GRANT INSERT, SELECT, UPDATE ON offsets TO training_worker;

CREATE TABLE outbox (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    partition smallint NOT NULL,
    envelope text NOT NULL,
    written_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT ck_outbox_carriable CHECK (octet_length(envelope) <= 262144 AND octet_length(aggregate_id) <= 200 AND partition >= 0 AND partition <= 11),
    CONSTRAINT ck_outbox_own_events CHECK (split_part(aggregate_type, '.'::text, 1) = own_service())
);
CREATE INDEX ix_outbox_partition_id ON outbox USING btree (partition, id);
CREATE UNIQUE INDEX uq_outbox_version ON outbox USING btree (aggregate_type, aggregate_id, version);
GRANT INSERT ON outbox TO training_api;
GRANT DELETE, INSERT, SELECT ON outbox TO training_worker;

CREATE TABLE parked_discards (
    id bigint NOT NULL,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    first_account text NOT NULL,
    first_person uuid NOT NULL,
    second_account text NOT NULL,
    second_person uuid NOT NULL,
    discarded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_discards PRIMARY KEY (id),
    CONSTRAINT ck_parked_discards_distinct_persons CHECK (first_person <> second_person),
    CONSTRAINT ck_parked_discards_reason CHECK (reason <> ''::text)
);
CREATE UNIQUE INDEX uq_parked_discards_place ON parked_discards USING btree (consumer, topic, partition, "position");
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON parked_discards FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON parked_discards TO training_worker;

CREATE TABLE parked_events (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_type text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    envelope bytea NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    parked_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_parked_events PRIMARY KEY (id)
);
CREATE INDEX ix_parked_events_aggregate ON parked_events USING btree (aggregate_id, aggregate_type, consumer, version);
CREATE UNIQUE INDEX uq_parked_events_place ON parked_events USING btree (consumer, topic, partition, "position");
GRANT SELECT ON parked_events TO training_api;
GRANT DELETE, INSERT, SELECT ON parked_events TO training_worker;

CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    area text NOT NULL,
    subject_digest text NOT NULL,
    real_name_level smallint NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    survivor_id uuid,
    masked_name text,
    merged_into uuid,
    CONSTRAINT pk_persons PRIMARY KEY (id),
    CONSTRAINT ck_persons_merged CHECK (survivor_id IS NULL OR merged_into IS NOT NULL),
    CONSTRAINT ck_persons_merged_into CHECK (merged_into <> id),
    CONSTRAINT ck_persons_survivor CHECK (survivor_id <> id)
);
CREATE INDEX ix_persons_survivor_id ON persons USING btree (survivor_id);
GRANT SELECT ON persons TO training_api;
GRANT INSERT, SELECT, UPDATE ON persons TO training_worker;

CREATE TABLE positions (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
GRANT INSERT, SELECT, UPDATE ON positions TO training_worker;

CREATE TABLE standing_attendance (
    attendance_id uuid NOT NULL,
    class_session_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    checked_in_at timestamp with time zone NOT NULL,
    checked_out_at timestamp with time zone NOT NULL,
    minutes integer NOT NULL,
    CONSTRAINT pk_standing_attendance PRIMARY KEY (attendance_id),
    CONSTRAINT uq_standing_attendance_class_session_id_enrolment_id UNIQUE (class_session_id, enrolment_id),
    CONSTRAINT ex_standing_attendance_person EXCLUDE USING gist (person_id WITH =, tstzrange(checked_in_at, checked_out_at) WITH &&),
    CONSTRAINT fk_standing_attendance_attendance_id FOREIGN KEY (attendance_id) REFERENCES attendance(id)
);
CREATE INDEX ix_standing_attendance_enrolment_id ON standing_attendance USING btree (enrolment_id);
GRANT SELECT ON standing_attendance TO training_api;
GRANT SELECT ON standing_attendance TO training_worker;

CREATE TABLE timers (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    moved integer NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
GRANT SELECT ON timers TO training_api;
GRANT INSERT, SELECT, UPDATE ON timers TO training_worker;

CREATE OR REPLACE FUNCTION attendance_fits_its_session()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    session class_sessions%ROWTYPE;
BEGIN
    SELECT * INTO session FROM class_sessions WHERE id = NEW.class_session_id;
    IF (NEW.kind IN ('code', 'roster') AND session.status <> 'open')
        OR (NEW.kind NOT IN ('code', 'roster') AND session.status <> 'closed')
    THEN
        RAISE EXCEPTION 'a % record does not belong in a session that is %', NEW.kind, session.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_session';
    END IF;
    IF NEW.minutes > 0 AND NEW.minutes > floor(extract(epoch FROM
        least(NEW.checked_out_at, session.ends_at) - greatest(NEW.checked_in_at, session.starts_at)) / 60)
    THEN
        RAISE EXCEPTION 'more minutes than the times share with the session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'at_attendance_minutes';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION completion_tests_follow()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM enrolments AS enrolment JOIN classes AS taught ON taught.id = enrolment.class_id
        WHERE enrolment.id = NEW.enrolment_id AND NEW.held_on < (taught.ends_at AT TIME ZONE 'Asia/Shanghai')::date
    ) THEN
        RAISE EXCEPTION 'a completion test follows the last session'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_completion_tests_follow';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION filed_content_is_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.institution <> OLD.institution THEN
        RAISE EXCEPTION 'a class stays with its institution'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF OLD.status IN ('draft', 'returned') THEN
        RETURN NEW;
    END IF;
    IF (NEW.area, NEW.department, NEW.channel, NEW.form, NEW.act, NEW.skill_code, NEW.level, NEW.payee_kind,
            NEW.payee_id, NEW.seats, NEW.starts_on, NEW.ends_on)
        IS DISTINCT FROM (OLD.area, OLD.department, OLD.channel, OLD.form, OLD.act, OLD.skill_code, OLD.level,
            OLD.payee_kind, OLD.payee_id, OLD.seats, OLD.starts_on, OLD.ends_on)
    THEN
        RAISE EXCEPTION 'no amendment changes this of a class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF NEW.edition = OLD.edition
        AND (NEW.trainer_ids, NEW.starts_at, NEW.ends_at, NEW.planned_minutes, NEW.class_hours, NEW.content_digest)
            IS DISTINCT FROM (OLD.trainer_ids, OLD.starts_at, OLD.ends_at, OLD.planned_minutes, OLD.class_hours,
                OLD.content_digest)
    THEN
        RAISE EXCEPTION 'the content of a class changes with its edition'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    IF NEW.edition <> OLD.edition AND OLD.status NOT IN ('approved', 'running') THEN
        RAISE EXCEPTION 'a class in state % is not amended', OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_classes';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION guard_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ao_' || TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION guard_lifecycle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.version <> 1 OR NEW.status <> ALL (TG_ARGV[0]::text[]) THEN
            RAISE EXCEPTION 'a row of % is not created like this', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
        END IF;
        NEW.entered_at := NEW.created_at;
        RETURN NEW;
    END IF;
    IF NEW.version NOT IN (OLD.version, OLD.version + 1)
        OR (NEW.status <> OLD.status
            AND (NEW.version = OLD.version OR OLD.status || '>' || NEW.status <> ALL (TG_ARGV[1]::text[])))
    THEN
        RAISE EXCEPTION 'a row of % does not move like this', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lc_' || TG_TABLE_NAME;
    END IF;
    NEW.entered_at := CASE
        WHEN NEW.status = OLD.status THEN OLD.entered_at
        ELSE now() + (SELECT "offset" FROM business_clock)
    END;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION keep_standing_attendance()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    DELETE FROM standing_attendance WHERE attendance_id = NEW.supersedes;
    IF NEW.checked_in_at IS NOT NULL THEN
        INSERT INTO standing_attendance (attendance_id, class_session_id, enrolment_id, person_id, kind,
                                         checked_in_at, checked_out_at, minutes)
        VALUES (NEW.id, NEW.class_session_id, NEW.enrolment_id, NEW.person_id, NEW.kind,
                NEW.checked_in_at, NEW.checked_out_at, NEW.minutes);
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION own_service()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT 'training' $function$;

CREATE OR REPLACE FUNCTION refuse_change_of_fixed_columns()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'a fixed column of % never changes', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'im_' || TG_TABLE_NAME;
END $function$;

CREATE OR REPLACE FUNCTION the_class_is_where_its_institution_is_listed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM institutions WHERE id = NEW.institution AND area IN (NEW.area, '410400')) THEN
        RAISE EXCEPTION 'the institution is not listed for the area of its class'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_classes_area_in_scope';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION the_scope_of_a_listed_institution_is_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (SELECT status FROM institutions WHERE id = coalesce(NEW.institution, OLD.institution)) <> 'applied' THEN
        RAISE EXCEPTION 'the scope of a listed institution is fixed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'im_institution_scopes';
    END IF;
    RETURN coalesce(NEW, OLD);
END $function$;
