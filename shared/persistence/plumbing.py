"""The tables that every service has besides its own: outbox, positions, offsets, parked events, keys, clock, timers."""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
)

from shared.persistence.aggregate import NAMING_CONVENTION

PARTITIONS = 12
"""Of every topic, fixed: order is promised per aggregate, and an aggregate stays in its partition for ever."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True, cache=1), primary_key=True),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("split_part(aggregate_type, '.', 1) = own_service()", name="own_events"),
    CheckConstraint(
        "octet_length(envelope) <= 262144 AND octet_length(aggregate_id) <= 200 AND partition BETWEEN 0 AND 11",
        name="carriable",
    ),
    Index("ix_outbox_partition_id", "partition", "id"),
    Index("uq_outbox_version", "aggregate_type", "aggregate_id", "version", unique=True),
)
"""Events on their way, of this service alone: `own_service()` is the database's. The relay reads in id order within a
partition, sends, deletes."""

positions = Table(
    "positions",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("aggregate_type", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("event_id", Uuid, nullable=False),
)
"""How far a consumer has applied each aggregate: its memory, advanced in the transaction of the effect. With the id of
that event, so that another one of the same version is noticed."""

offsets = Table(
    "offsets",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far a consumer has come in each partition, whatever its group's members have committed."""

parked_events = Table(
    "parked_events",
    metadata,
    Column("id", BigInteger, Identity(always=True, cache=1), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("uq_parked_events_place", "consumer", "topic", "partition", "position", unique=True),
    Index("ix_parked_events_aggregate", "aggregate_id", "aggregate_type", "consumer", "version"),
)
"""Events that could not be applied, each with its whole context, until somebody replays them."""

parked_discards = Table(
    "parked_discards",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("consumer", Text, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_account", Text, nullable=False),
    Column("first_person", Uuid, nullable=False),
    Column("second_account", Text, nullable=False),
    Column("second_person", Uuid, nullable=False),
    Column("discarded_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("first_person <> second_person", name="distinct_persons"),
    CheckConstraint("reason <> ''", name="reason"),
    Index("uq_parked_discards_place", "consumer", "topic", "partition", "position", unique=True),
)
"""Parked events that two persons threw away, whole, under the number that each was parked under; only added to."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("response_status", SmallInteger),
    Column("response_body", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)
"""What was answered to a request that may be repeated."""

business_clock = Table(
    "business_clock",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("offset", Interval, nullable=False, default=timedelta()),
    Column("movable", Boolean, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("\"offset\" >= interval '0'", name="never_back"),
    CheckConstraint("movable OR \"offset\" = interval '0'", name="immovable"),
)
"""One row: how far business time runs ahead. Zero and immovable in production."""

timers = Table(
    "timers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("ran_at", DateTime(timezone=True), nullable=False),
    Column("moved", Integer, nullable=False),
)
"""When each timer last ran and how many rows it moved."""
