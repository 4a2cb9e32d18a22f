"""The one place that commits: everything that changes, changes together with the event that says so."""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import ARRAY, Integer, SmallInteger, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import Envelope, Event
from shared.kernel.clock import business_date
from shared.kernel.lifecycle import Edge
from shared.persistence.aggregate import LifecycleRow
from shared.persistence.plumbing import PARTITIONS
from shared.persistence.rows import Moves, Row, insert_rows, key_of, move_rows

READ_CLOCK = text('SELECT reading, reading + "offset" FROM business_clock, clock_timestamp() AS reading')
"""One reading for both times: two calls would lie some microseconds apart."""

ENVELOPE_BYTES_MOST = 256 * 1024
"""Half of what the relay sends at once. A larger event would stay in the outbox for ever, and others behind it."""

WRITE_OUTBOX = text(
    """
    INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)
    SELECT aggregate_type, aggregate_id, version, partition, envelope
    FROM unnest(:aggregate_type, :aggregate_id, :version, :partition, :envelope)
        WITH ORDINALITY AS told (aggregate_type, aggregate_id, version, partition, envelope, place)
    ORDER BY place
    """
).bindparams(
    bindparam("aggregate_type", type_=ARRAY(Text)),
    bindparam("aggregate_id", type_=ARRAY(Text)),
    bindparam("version", type_=ARRAY(Integer)),
    bindparam("partition", type_=ARRAY(SmallInteger)),
    bindparam("envelope", type_=ARRAY(Text)),
)

Change: TypeAlias = tuple[str, str, int, str]
"""Aggregate type, aggregate id, version after the change, short name of the event that says so."""


class EventsDoNotMatch(AssertionError):
    """The events emitted are not, one for one, those of the edges taken: a mistake of ours, nothing is committed."""


class EventTooLarge(ValueError):
    """An event that no relay could carry: a mistake of ours, nothing is committed."""


def partition_of(aggregate_id: object) -> int:
    """The partition of a topic that carries an aggregate's events: always the same for the same id."""
    return zlib.crc32(str(aggregate_id).encode()) % PARTITIONS


class UnitOfWork:
    """One transaction: a session, one reading of the clocks, the edges taken and the events that tell them.

    Made by `Database.unit_of_work()`, which commits at the end of its block and rolls back on any exception.
    """

    def __init__(self, session: AsyncSession, recorded_at: datetime, now: datetime) -> None:
        self.session = session
        self.recorded_at = recorded_at
        """The database's own time, UTC. Tokens and one-time codes live by it."""
        self.now = now
        """Business time, UTC: the database's time plus the offset of the local and test profiles."""
        self.edges: list[Change] = []
        self.events: list[Event] = []

    @classmethod
    async def begin(cls, session: AsyncSession) -> "UnitOfWork":
        """Open the transaction by its first statement, the reading of the clocks."""
        recorded_at, now = (await session.execute(READ_CLOCK)).one()
        uow = cls(session, recorded_at, now)
        session.info["unit_of_work"] = uow
        return uow

    @property
    def today(self) -> date:
        """The business date in Asia/Shanghai."""
        return business_date(self.now)

    def record_edge(self, row: LifecycleRow, edge: Edge) -> None:
        """Remember an edge that was taken, so that the commit can demand its event."""
        identity = getattr(row, key_of(type(row)).key)
        self.edges.append((row.lifecycle.type, str(identity), row.version, edge.emits))

    def create(self, row: Row, action: Any) -> Row:
        """Give birth to one row: its first state is where the edge `(None, action)` leads."""
        edge = row.lifecycle.edge(None, action)
        row.status, row.version, row.open_holds, row.created_at = str(edge.to), 1, 0, self.now
        key = key_of(type(row))
        if getattr(row, key.key) is None and key.default is not None:
            setattr(row, key.key, key.default.arg(None))  # type: ignore[attr-defined]  # a callable default, uuid7
        self.session.add(row)
        self.record_edge(row, edge)
        return row

    async def create_all(
        self, model: type[Row], action: Any, rows: Sequence[Mapping[str, Any]], *, skip_conflicts: bool = False
    ) -> list[Row]:
        """Give birth to many rows by one INSERT; answers those that were inserted, ascending by id."""
        if not rows:
            return []
        edge = model.lifecycle.edge(None, action)
        await self.session.flush()
        born = await insert_rows(self, model, str(edge.to), rows, skip_conflicts=skip_conflicts)
        for row in born:
            self.record_edge(row, edge)
        return born

    async def move_all(
        self,
        model: type[Row],
        action: Any,
        ids: Iterable[Any],
        *,
        values: Mapping[str, Any] | None = None,
        each: Mapping[Any, Mapping[str, Any]] | None = None,
    ) -> Moves[Row]:
        """Take `action`'s edge for many rows by one UPDATE; rows that may not move now are reported as missed.

        `values` sets columns alike for all, `each` id by id. The rows must be locked by `lock_rows` if anything was
        decided from them; the UPDATE itself demands the right state and, where the edge says so, no open hold.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return Moves([])
        await self.session.flush()
        moved = await move_rows(self, model, action, wanted, common=values or {}, each=each)
        key = key_of(model).key
        edges_by_target = {edge.to: edge for edge in reversed(model.lifecycle.sources(action).values())}
        for row in moved:
            self.record_edge(row, edges_by_target[row.status])  # type: ignore[index]  # a StrEnum equals and hashes as its text
        gone = {getattr(row, key) for row in moved}
        return Moves(moved, [one for one in wanted if one not in gone])

    def emit(self, event: type[Event], source: object, **more: Any) -> None:
        """Say what changed: an event of `source`'s present attributes, `more` going first."""
        self.events.append(event.of(source, **{"business_at": self.now, **more}))

    def emit_all(self, event: type[Event], sources: Iterable[object], **more: Any) -> None:
        """Say the same of each of `sources`."""
        for source in sources:
            self.emit(event, source, **more)

    async def driver_connection(self) -> asyncpg.Connection:
        """The driver's own connection for what SQLAlchemy cannot say (COPY), inside this transaction."""
        connection = await self.session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        if not isinstance(driver, asyncpg.Connection) or not driver.is_in_transaction():
            raise RuntimeError("no transaction is open on the driver's connection")
        return driver

    async def commit(self) -> bool:
        """Write the outbox rows and commit; answers whether there were any.

        `EventsDoNotMatch` and `EventTooLarge` commit nothing.
        """
        told = [(event.aggregate_type(), str(event.id), event.version, event.name) for event in self.events]
        if Counter(told) != Counter(self.edges):
            missing, superfluous = Counter(self.edges) - Counter(told), Counter(told) - Counter(self.edges)
            raise EventsDoNotMatch(f"edges without event: {dict(missing)}; events without edge: {dict(superfluous)}")
        await self.session.flush()
        if self.events:
            await self.session.execute(WRITE_OUTBOX, self._outbox_columns())
        await self.session.commit()
        return bool(self.events)

    def _outbox_columns(self) -> dict[str, list[Any]]:
        events = self.events
        envelopes = [Envelope.around(event, self.recorded_at).to_json() for event in events]
        for event, envelope in zip(events, envelopes, strict=True):
            if len(envelope) * 4 > ENVELOPE_BYTES_MOST and len(envelope.encode()) > ENVELOPE_BYTES_MOST:
                raise EventTooLarge(f"{event.type()} of {event.id} has {len(envelope.encode())} bytes")
        return {
            "aggregate_type": [event.aggregate_type() for event in events],
            "aggregate_id": [str(event.id) for event in events],
            "version": [event.version for event in events],
            "partition": [partition_of(event.id) for event in events],
            "envelope": envelopes,
        }
