"""The one place that commits: everything that changes, changes together with the event that says so."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, TypeAlias, cast

import asyncpg
from sqlalchemy import ARRAY, Integer, SmallInteger, Text, bindparam, inspect, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import object_session

import shared.contracts  # noqa: F401  # every event class is known from here on
from shared.contracts.envelope import Envelope, Event
from shared.kernel.actor import Actor
from shared.kernel.clock import business_date
from shared.kernel.lifecycle import Edge
from shared.persistence.aggregate import Action, LifecycleRow, Row
from shared.persistence.plumbing import PARTITIONS
from shared.persistence.rows import Moves, insert_rows, key_of, lock, move_rows
from shared.security import Keyring

Details: TypeAlias = Callable[[Row], Mapping[str, Any]]
"""By row, what its event says besides the row's own attributes; `actor` too, where requests of several share."""

READ_CLOCK = text('SELECT reading, reading + "offset" FROM business_clock, clock_timestamp() AS reading')
"""One reading for both times: two calls would lie some microseconds apart."""

ENVELOPE_BYTES_MOST = 256 * 1024
"""Half of what the relay sends at once. A larger event would stay in the outbox for ever, and others behind it."""

WRITE_OUTBOX = text(
    """
    INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)
    SELECT aggregate_type, aggregate_id, version, partition, envelope
    FROM unnest(:aggregate_type, :aggregate_id, :version, :partition, :envelope)
        WITH ORDINALITY AS emitted (aggregate_type, aggregate_id, version, partition, envelope, place)
    ORDER BY place
    """
).bindparams(
    bindparam("aggregate_type", type_=ARRAY(Text)),
    bindparam("aggregate_id", type_=ARRAY(Text)),
    bindparam("version", type_=ARRAY(Integer)),
    bindparam("partition", type_=ARRAY(SmallInteger)),
    bindparam("envelope", type_=ARRAY(Text)),
)


class ActorMissing(AssertionError):
    """Something changed and nobody says who did it: a mistake of ours, nothing is committed."""


class EventOfAnotherService(AssertionError):
    """An event of an aggregate that another service owns: a mistake of ours, nothing is committed."""


class EventTooLarge(ValueError):
    """An event that no relay could carry: a mistake of ours, nothing is committed."""


def partition_of(aggregate_id: object) -> int:
    """The partition of a topic that carries an aggregate's events: always the same for the same id."""
    return zlib.crc32(str(aggregate_id).encode()) % PARTITIONS


class UnitOfWork:
    """One transaction: a session, one reading of the clocks, who acts, and the events of all that changes.

    Made by `Database.unit_of_work()`, which commits at the end of its block and rolls back on any exception. A row is
    created and moves here and nowhere else, and each of these steps emits the event that its life cycle names.
    """

    def __init__(
        self, session: AsyncSession, recorded_at: datetime, now: datetime, keys: Keyring, actor: Actor | None
    ) -> None:
        self.session = session
        self.keys = keys
        """The keys of the process."""
        self.recorded_at = recorded_at
        """The database's own time, UTC. Tokens and one-time codes live by it."""
        self.now = now
        """Business time, UTC: the database's time plus the offset of the local and test profiles."""
        self.actor = actor
        """Who acts; None where nothing changes, and where each row brings its own (`details`)."""
        self.events: list[Event] = []
        self.rules: dict[date, dict[str, int]] = {}
        """The dated rules in force on each business date of which this unit of work has asked for one."""

    @classmethod
    async def begin(cls, session: AsyncSession, keys: Keyring, actor: Actor | None) -> "UnitOfWork":
        """Open the transaction by its first statement, the reading of the clocks."""
        recorded_at, now = (await session.execute(READ_CLOCK)).one()
        return cls(session, recorded_at, now, keys, actor)

    @property
    def today(self) -> date:
        """The business date in Asia/Shanghai."""
        return business_date(self.now)

    @property
    def acting(self) -> Actor:
        """Who acts, for a row that writes it down; `ActorMissing` where nobody does."""
        if self.actor is None:
            raise ActorMissing
        return self.actor

    async def lock_rows(self, model: type[Row], ids: Iterable[Any], *, against: str) -> dict[Any, Row]:
        """Lock rows in ascending order of their ids and read them as they are now.

        `against` names the race that the lock stops; it is for the reader (and a house rule), not for the database.
        """
        if not against:
            raise ValueError("a lock says which race it stops")
        return await lock(self.session, model, ids)

    def create(self, row: LifecycleRow[Row, Action], action: Action, **details: Any) -> Row:
        """Create one row: its first state is where the edge `(None, action)` leads. Emits that edge's event."""
        edge = row.lifecycle.edge(None, action)
        row.status, row.version, row.open_holds, row.created_at = str(edge.to), 1, 0, self.now
        key = key_of(type(row))
        if getattr(row, key.key) is None and key.default is not None:
            setattr(row, key.key, key.default.arg(None))  # type: ignore[attr-defined]  # a callable default, uuid7
        self.session.add(row)
        self._emit(row, edge, details)
        return cast(Row, row)

    async def create_all(
        self,
        model: type[LifecycleRow[Row, Action]],
        action: Action,
        rows: Sequence[Mapping[str, Any]],
        *,
        skip_conflicts: bool = False,
        details: Details[Row] | None = None,
    ) -> list[Row]:
        """Create many rows by one INSERT; answers those that were inserted, ascending by id."""
        if not rows:
            return []
        of = cast(type[Row], model)
        edge = of.lifecycle.edge(None, action)
        await self.session.flush()
        created = await insert_rows(
            self.session, of, str(edge.to), rows, created_at=self.now, skip_conflicts=skip_conflicts
        )
        for row in created:
            self._emit(row, edge, details(row) if details else {})
        return created

    def move(self, row: LifecycleRow[Row, Action], action: Action, **details: Any) -> None:
        """Take `action`'s edge for a locked row and emit its event, which shows the row as it is now: set first.

        Raises `WrongState` for an edge that the table does not have and `Held` for one that a hold blocks. An
        edge is written before the next is taken (`await uow.session.flush()`): one UPDATE for two would hide the first.
        """
        edge = row.lifecycle.decide(row.status, action, row.open_holds)
        if object_session(row) is not self.session.sync_session:
            raise RuntimeError("a row moves only inside its own unit of work")
        if inspect(row).attrs.version.history.added:
            raise RuntimeError("the last edge of this row is not written yet: flush first")
        row.status, row.version = str(edge.to), row.version + 1
        self._emit(row, edge, details)

    async def move_all(
        self,
        model: type[LifecycleRow[Row, Action]],
        action: Action,
        ids: Iterable[Any],
        *,
        values: Mapping[str, Any] | None = None,
        each: Mapping[Any, Mapping[str, Any]] | None = None,
        details: Details[Row] | None = None,
    ) -> Moves[Row]:
        """Take `action`'s edge for many rows by one UPDATE; rows that may not move now are reported as missed.

        `values` sets columns alike for all, `each` id by id. The rows must be locked by `lock_rows` if anything was
        decided from them; the UPDATE itself demands the right state and, where the edge says so, no open hold.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return Moves([])
        of = cast(type[Row], model)
        await self.session.flush()
        moved = await move_rows(self.session, of, action, wanted, common=values or {}, each=each)
        key = key_of(of).key
        edges_by_target = {str(edge.to): edge for edge in reversed(of.lifecycle.sources(action).values())}
        for row in moved:
            self._emit(row, edges_by_target[row.status], details(row) if details else {})
        gone = {getattr(row, key) for row in moved}
        return Moves(moved, [row_id for row_id in wanted if row_id not in gone])

    def _emit(self, row: LifecycleRow[Any, Any], edge: Edge, details: Mapping[str, Any]) -> None:
        """Emit the event that `edge` names: the row's present attributes, and the details that the edge asks for."""
        given = {"actor": self.actor, **details}
        if given.keys() - {"actor"} != set(edge.details):
            raise TypeError(f"{edge.emits} takes the details {edge.details}, not {tuple(details)}")
        if given["actor"] is None:
            raise ActorMissing(edge.emits)
        event = Event.newest[row.lifecycle.service, edge.emits]
        self.events.append(event.of(row, business_at=self.now, **given))

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What the block does is undone when it ends, its events too; what it has locked stays locked until then."""
        before, turn = len(self.events), await self.session.begin_nested()
        try:
            yield
        finally:
            await turn.rollback()
            del self.events[before:]

    async def driver_connection(self) -> asyncpg.Connection:
        """The driver's own connection for what SQLAlchemy cannot say (COPY), inside this transaction."""
        connection = await self.session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        if not isinstance(driver, asyncpg.Connection) or not driver.is_in_transaction():
            raise RuntimeError("no transaction is open on the driver's connection")
        return driver

    async def commit(self) -> bool:
        """Sign the events, write them to the outbox and commit; answers whether there were any.

        `EventTooLarge` and `EventOfAnotherService` commit nothing.
        """
        await self.session.flush()
        if self.events:
            await self.session.execute(WRITE_OUTBOX, self._outbox_columns())
        await self.session.commit()
        return bool(self.events)

    def _outbox_columns(self) -> dict[str, list[Any]]:
        events = self.events
        signer = self.keys.event_signer
        if foreign := {event.service for event in events} - {signer.service}:
            raise EventOfAnotherService(f"{signer.service} signs no event of {', '.join(sorted(foreign))}")
        envelopes = [signer.sign(Envelope.around(event, self.recorded_at).to_json()) for event in events]
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
