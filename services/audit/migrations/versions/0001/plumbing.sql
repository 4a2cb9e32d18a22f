CREATE EXTENSION IF NOT EXISTS btree_gist; -- trusted: the owner of a database may
-- Tables that every service has: outbox, positions, offsets, parked events, idempotency keys, business clock, timers.
CREATE TABLE business_clock (
    id SMALLINT NOT NULL,
    "offset" INTERVAL NOT NULL,
    movable BOOLEAN NOT NULL,
    moved_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_business_clock PRIMARY KEY (id),
    CONSTRAINT ck_business_clock_one_row CHECK (id = 1),
    CONSTRAINT ck_business_clock_never_back CHECK ("offset" >= interval '0'),
    CONSTRAINT ck_business_clock_immovable CHECK (movable OR "offset" = interval '0')
);
CREATE TABLE idempotency_keys (
    principal TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    response_status SMALLINT,
    response_body TEXT,
    created_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (principal, method, route, key)
);
CREATE TABLE offsets (
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL,
    CONSTRAINT pk_offsets PRIMARY KEY (consumer, topic, partition)
);
-- Whose events this outbox carries; no other service's can be put into it.
CREATE FUNCTION own_service() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'audit' $$;
CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY (CACHE 1),
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    partition SMALLINT NOT NULL,
    envelope TEXT NOT NULL,
    written_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT ck_outbox_own_events CHECK (split_part(aggregate_type, '.', 1) = own_service()),
    CONSTRAINT ck_outbox_carriable CHECK (
        octet_length(envelope) <= 262144 AND octet_length(aggregate_id) <= 200 AND partition BETWEEN 0 AND 11
    )
);
CREATE INDEX ix_outbox_partition_id ON outbox (partition, id);
CREATE UNIQUE INDEX uq_outbox_version ON outbox (aggregate_type, aggregate_id, version);
CREATE TABLE parked_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY (CACHE 1),
    consumer TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    position BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    parked_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_parked_events PRIMARY KEY (id)
);
CREATE INDEX ix_parked_events_aggregate ON parked_events (aggregate_id, aggregate_type, consumer, version);
CREATE UNIQUE INDEX uq_parked_events_place ON parked_events (consumer, topic, partition, position);
CREATE TABLE parked_discards (
    id BIGINT NOT NULL,
    consumer TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    position BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    parked_at TIMESTAMPTZ NOT NULL,
    reason TEXT NOT NULL,
    first_account TEXT NOT NULL,
    first_person UUID NOT NULL,
    second_account TEXT NOT NULL,
    second_person UUID NOT NULL,
    discarded_at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_parked_discards PRIMARY KEY (id),
    CONSTRAINT ck_parked_discards_distinct_persons CHECK (first_person <> second_person),
    CONSTRAINT ck_parked_discards_reason CHECK (reason <> '')
);
CREATE UNIQUE INDEX uq_parked_discards_place ON parked_discards (consumer, topic, partition, position);
CREATE TABLE positions (
    consumer TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    event_id UUID NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (consumer, aggregate_type, aggregate_id)
);
CREATE TABLE timers (
    name TEXT NOT NULL,
    ran_at TIMESTAMPTZ NOT NULL,
    moved INTEGER NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (name)
);
INSERT INTO business_clock (id, "offset", movable) VALUES (1, interval '0', false);
