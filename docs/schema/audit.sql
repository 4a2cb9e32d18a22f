-- The audit service's schema, read from a migrated database; written by `make schema`.

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
GRANT SELECT ON business_clock TO audit_api;
GRANT SELECT ON business_clock TO audit_worker;

CREATE TABLE candidate_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamp with time zone NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    voucher_id uuid,
    enrolment_id uuid,
    CONSTRAINT pk_candidate_facts PRIMARY KEY (id)
);
CREATE INDEX ix_candidate_facts_person_id ON candidate_facts USING btree (person_id);
CREATE INDEX ix_candidate_facts_voucher_id ON candidate_facts USING btree (voucher_id);
GRANT SELECT ON candidate_facts TO audit_api;
GRANT INSERT, SELECT, UPDATE ON candidate_facts TO audit_worker;

CREATE TABLE certificate_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    person_id uuid NOT NULL,
    voucher_id uuid,
    enrolment_id uuid,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    body text NOT NULL,
    channel text NOT NULL,
    assessed_on date,
    issued_on date NOT NULL,
    since date,
    CONSTRAINT pk_certificate_facts PRIMARY KEY (id)
);
CREATE INDEX ix_certificate_facts_person_id ON certificate_facts USING btree (person_id);
CREATE INDEX ix_certificate_facts_voucher_id ON certificate_facts USING btree (voucher_id);
GRANT SELECT ON certificate_facts TO audit_api;
GRANT INSERT, SELECT, UPDATE ON certificate_facts TO audit_worker;

CREATE TABLE checkpoints (
    tree_size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_checkpoints PRIMARY KEY (tree_size),
    CONSTRAINT ck_checkpoints_of_entries CHECK (tree_size > 0),
    CONSTRAINT ck_checkpoints_root_is_sha256 CHECK (octet_length(root) = 32)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER larger BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION checkpoints_larger();
GRANT SELECT ON checkpoints TO audit_api;
GRANT INSERT, SELECT ON checkpoints TO audit_worker;

CREATE TABLE cosignatures (
    tree_size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    cosigned_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_cosignatures PRIMARY KEY (tree_size, witness),
    CONSTRAINT fk_cosignatures_tree_size FOREIGN KEY (tree_size) REFERENCES checkpoints(tree_size),
    CONSTRAINT ck_cosignatures_not_empty CHECK (witness <> ''::text AND line <> ''::text)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON cosignatures FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT INSERT, SELECT ON cosignatures TO audit_api;
GRANT SELECT ON cosignatures TO audit_worker;

CREATE TABLE dossier_readings (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    account text NOT NULL,
    person_id uuid NOT NULL,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_dossier_readings PRIMARY KEY (id)
);
CREATE INDEX ix_dossier_readings_person_id ON dossier_readings USING btree (person_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON dossier_readings FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON dossier_readings FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
GRANT INSERT, SELECT ON dossier_readings TO audit_api;
GRANT SELECT ON dossier_readings TO audit_worker;

CREATE TABLE enrolment_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamp with time zone NOT NULL,
    voucher_id uuid NOT NULL,
    person_id uuid NOT NULL,
    class_id uuid NOT NULL,
    class_area text NOT NULL,
    channel text NOT NULL,
    institution text NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    act text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    class_hours integer,
    completed_on date,
    completed_at timestamp with time zone,
    CONSTRAINT pk_enrolment_facts PRIMARY KEY (id)
);
CREATE INDEX ix_enrolment_facts_person_id ON enrolment_facts USING btree (person_id);
CREATE INDEX ix_enrolment_facts_voucher_id ON enrolment_facts USING btree (voucher_id);
GRANT SELECT ON enrolment_facts TO audit_api;
GRANT INSERT, SELECT, UPDATE ON enrolment_facts TO audit_worker;

CREATE TABLE exports (
    id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    open_holds integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    account text NOT NULL,
    kind text NOT NULL,
    count integer NOT NULL,
    digest text NOT NULL,
    entered_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_exports PRIMARY KEY (id),
    CONSTRAINT ck_exports_count CHECK (count >= 0),
    CONSTRAINT ck_exports_digest CHECK (digest ~ '^[0-9a-f]{64}$'::text)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON exports FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER lifecycle BEFORE INSERT OR UPDATE ON exports FOR EACH ROW EXECUTE FUNCTION guard_lifecycle('{recorded}', '{}');
GRANT INSERT, SELECT ON exports TO audit_api;
GRANT INSERT, SELECT ON exports TO audit_worker;

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
GRANT INSERT, SELECT, UPDATE ON idempotency_keys TO audit_api;
GRANT DELETE, SELECT ON idempotency_keys TO audit_worker;

CREATE TABLE log_entries (
    leaf_index bigint NOT NULL,
    hash bytea NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    envelope bytea NOT NULL,
    CONSTRAINT pk_log_entries PRIMARY KEY (leaf_index),
    CONSTRAINT uq_log_entries_change UNIQUE (aggregate_type, aggregate_id, version),
    CONSTRAINT ck_log_entries_hash_is_sha256 CHECK (octet_length(hash) = 32),
    CONSTRAINT ck_log_entries_index_from_zero CHECK (leaf_index >= 0),
    CONSTRAINT ck_log_entries_version_from_one CHECK (version >= 1)
);
CREATE INDEX ix_log_entries_aggregate_id_leaf_index ON log_entries USING btree (aggregate_id, leaf_index);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON log_entries FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
CREATE TRIGGER chain AFTER INSERT ON log_entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION log_entries_chain();
CREATE TRIGGER grow_tree AFTER INSERT ON log_entries FOR EACH STATEMENT EXECUTE FUNCTION log_entries_grow_tree();
CREATE TRIGGER version_follows AFTER INSERT ON log_entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION log_entries_version_follows();
GRANT SELECT ON log_entries TO audit_api;
GRANT INSERT, SELECT ON log_entries TO audit_worker;

CREATE TABLE offsets (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
GRANT INSERT, SELECT, UPDATE ON offsets TO audit_worker;

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
GRANT INSERT ON outbox TO audit_api;
GRANT DELETE, INSERT, SELECT ON outbox TO audit_worker;

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
GRANT INSERT, SELECT ON parked_discards TO audit_worker;

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
GRANT SELECT ON parked_events TO audit_api;
GRANT DELETE, INSERT, SELECT ON parked_events TO audit_worker;

CREATE TABLE payout_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamp with time zone NOT NULL,
    voucher_id uuid,
    person_id uuid NOT NULL,
    skill_code text NOT NULL,
    level smallint NOT NULL,
    benefit text NOT NULL,
    programme text NOT NULL,
    fund_source text NOT NULL,
    area text NOT NULL,
    institution text,
    amount_fen bigint NOT NULL,
    opened_at timestamp with time zone,
    paid_at timestamp with time zone,
    reversed_at timestamp with time zone,
    CONSTRAINT pk_payout_facts PRIMARY KEY (id)
);
CREATE INDEX ix_payout_facts_person_id ON payout_facts USING btree (person_id);
CREATE INDEX ix_payout_facts_voucher_id ON payout_facts USING btree (voucher_id);
GRANT SELECT ON payout_facts TO audit_api;
GRANT INSERT, SELECT, UPDATE ON payout_facts TO audit_worker;

CREATE TABLE persons (
    id uuid NOT NULL,
    version integer NOT NULL,
    subject_digest text NOT NULL,
    area text NOT NULL,
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
GRANT SELECT ON persons TO audit_api;
GRANT INSERT, SELECT, UPDATE ON persons TO audit_worker;

CREATE TABLE positions (
    consumer text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
GRANT SELECT ON positions TO audit_api;
GRANT INSERT, SELECT, UPDATE ON positions TO audit_worker;

CREATE TABLE timers (
    name text NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    moved integer NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
GRANT SELECT ON timers TO audit_api;
GRANT INSERT, SELECT, UPDATE ON timers TO audit_worker;

CREATE TABLE tree_tiles (
    tile_level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT pk_tree_tiles PRIMARY KEY (tile_level, tile_index),
    CONSTRAINT ck_tree_tiles_place CHECK (tile_level >= 0 AND tile_index >= 0),
    CONSTRAINT ck_tree_tiles_root_is_sha256 CHECK (octet_length(root) = 32),
    CONSTRAINT ck_tree_tiles_tile_is_full CHECK (octet_length(hashes) = 8192)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON tree_tiles FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
GRANT SELECT ON tree_tiles TO audit_api;
GRANT SELECT ON tree_tiles TO audit_worker;

CREATE TABLE voucher_facts (
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    code text,
    open_holds integer NOT NULL DEFAULT 0,
    changed_at timestamp with time zone NOT NULL,
    person_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    programme text,
    fund_source text,
    area text,
    skill_code text,
    level smallint,
    valid_until timestamp with time zone,
    enrolment_id uuid,
    class_id uuid,
    class_area text,
    institution text,
    certificate_id uuid,
    certify_refusal text,
    offered_at timestamp with time zone,
    claimed_at timestamp with time zone,
    bound_at timestamp with time zone,
    certified_at timestamp with time zone,
    redeemed_at timestamp with time zone,
    CONSTRAINT pk_voucher_facts PRIMARY KEY (id)
);
CREATE INDEX ix_voucher_facts_area ON voucher_facts USING btree (area);
CREATE INDEX ix_voucher_facts_person_id ON voucher_facts USING btree (person_id);
GRANT SELECT ON voucher_facts TO audit_api;
GRANT INSERT, SELECT, UPDATE ON voucher_facts TO audit_worker;

CREATE OR REPLACE FUNCTION checkpoints_larger()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM checkpoints WHERE tree_size >= NEW.tree_size)
        OR NOT EXISTS (SELECT FROM log_entries WHERE leaf_index = NEW.tree_size - 1)
    THEN
        RAISE EXCEPTION 'a signed head is of a larger log than those before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_checkpoints_larger';
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

CREATE OR REPLACE FUNCTION log_entries_chain()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN log_entries AS previous ON previous.leaf_index = added.leaf_index - 1
        WHERE (previous.leaf_index IS NULL AND added.leaf_index <> 0)
            OR added.hash <> sha256(coalesce(previous.hash, decode(repeat('00', 32), 'hex')) || added.envelope)
    ) THEN
        RAISE EXCEPTION 'the chain of log_entries does not continue like this'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_chain';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION log_entries_grow_tree()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    place smallint := 0;
    nodes bigint := (SELECT leaf_index + 1 FROM log_entries ORDER BY leaf_index DESC LIMIT 1);
    begin_at bigint;
BEGIN
    LOOP
        begin_at := coalesce((
            SELECT tile_index + 1 FROM tree_tiles WHERE tile_level = place ORDER BY tile_index DESC LIMIT 1), 0);
        EXIT WHEN nodes IS NULL OR begin_at >= nodes / 256;
        IF place = 0 THEN
            INSERT INTO tree_tiles
            SELECT 0, tile, hashes, tile_root(hashes) FROM (
                SELECT leaf_index / 256 AS tile,
                    string_agg(sha256('\x00'::bytea || envelope), ''::bytea ORDER BY leaf_index) AS hashes
                FROM log_entries
                WHERE leaf_index >= begin_at * 256 AND leaf_index < nodes / 256 * 256
                GROUP BY leaf_index / 256
            ) AS full_tiles;
        ELSE
            INSERT INTO tree_tiles
            SELECT place, tile, hashes, tile_root(hashes) FROM (
                SELECT tile_index / 256 AS tile, string_agg(root, ''::bytea ORDER BY tile_index) AS hashes
                FROM tree_tiles
                WHERE tile_level = place - 1 AND tile_index >= begin_at * 256 AND tile_index < nodes / 256 * 256
                GROUP BY tile_index / 256
            ) AS full_tiles;
        END IF;
        nodes := nodes / 256;
        place := place + 1;
    END LOOP;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION log_entries_version_follows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM added
        WHERE added.version > 1 AND NOT EXISTS (
            SELECT FROM log_entries AS earlier
            WHERE earlier.aggregate_type = added.aggregate_type
                AND earlier.aggregate_id = added.aggregate_id
                AND earlier.version = added.version - 1
                AND earlier.leaf_index < added.leaf_index)
    ) THEN
        RAISE EXCEPTION 'log_entries would have a gap'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_entries_version_follows';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION own_service()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$ SELECT 'audit' $function$;

CREATE OR REPLACE FUNCTION tile_root(hashes bytea)
 RETURNS bytea
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
BEGIN
    WHILE octet_length(hashes) > 32 LOOP
        hashes := (
            SELECT string_agg(sha256('\x01'::bytea || substr(hashes, 64 * pair + 1, 64)), ''::bytea ORDER BY pair)
            FROM generate_series(0, octet_length(hashes) / 64 - 1) AS pair);
    END LOOP;
    RETURN hashes;
END $function$;
