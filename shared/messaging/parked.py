"""Parked events: what could not be applied, until somebody looks at it and replays it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text

from shared.kernel.citizen_id import contains_citizen_id
from shared.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from shared.messaging.consumer import Consumer
from shared.messaging.positions import BEGINNING, lock_positions
from shared.messaging.records import Record
from shared.observability import logger
from shared.persistence import Database, UnitOfWork, refusal_of
from shared.persistence.plumbing import parked_discards, parked_events
from shared.security import Principal, Role

log = logger("parked")

REASON_MOST = 200
"""Characters of a reason for discarding."""
MISSING = "missing"
"""The code of a parked event that never came (`shared.messaging.reconciliation`)."""
ARRIVED = text(
    """
    DELETE FROM parked_events e USING positions p
    WHERE e.consumer = :consumer AND e.code = :missing AND p.consumer = e.consumer
        AND p.aggregate_type = e.aggregate_type AND p.aggregate_id = e.aggregate_id AND p.version >= e.version
    """
)


class ParkedEventNotFound(NotFound):
    """No event is parked under this number."""

    code = "parked_event_not_found"
    zh, en = "没有编号为 {number} 的搁置事件", "No event is parked under number {number}."


class ParkedEventStillFails(DomainError):
    """The replay met the same wall: the event is parked again."""

    code = "parked_event_still_fails"
    zh, en = "重放失败:{code}", "The replay failed again: {code}."


class ParkedEventIsGenuine(Conflict):
    """Its owner signed the event and its aggregate needs it: what stops it is mended, and then it is replayed."""

    code = "parked_event_is_genuine"
    policy = "R26"
    zh, en = (
        "该事件由其所属服务签名且仍需处理,不得丢弃;请排除原因后重放",
        "The event is signed by its owner and still needed, so it is not discarded; mend what stops it and replay it.",
    )


class DiscardNotAllowed(Forbidden):
    """Two different natural persons of roles that may, each with a reason that both stand for."""

    code = "discard_not_allowed"
    policy = "R26"
    zh, en = (
        "丢弃事件须由两名不同的运维、审计或经办人员共同办理并说明理由",
        "Two different persons (operator, auditor or officer) discard an event together, and give a reason.",
    )


class DiscardReasonInvalid(Invalid):
    """The reason is kept in the clear for good: 1 to 200 characters, and no citizen ID number (DOMAIN §4, 14)."""

    code = "discard_reason_invalid"
    zh, en = (
        "丢弃理由须为 1 至 200 个字符,且不得含居民身份证号",
        "A reason has 1 to 200 characters and no citizen ID number in it.",
    )


DISCARDERS = frozenset({Role.OPERATOR, Role.AUDITOR, Role.OFFICER})
"""The roles of whom two discard an event together."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """One parked event."""

    id: int
    consumer: str
    aggregate_type: str
    aggregate_id: str
    version: int
    event_type: str
    topic: str
    partition: int
    position: int
    envelope: bytes
    """Exactly what the record carried."""
    code: str
    detail: str
    parked_at: datetime


async def count_parked(database: Database, consumer: str) -> dict[str, int]:
    """How many events of a consumer are parked, by the code that says why."""
    counted = select(parked_events.c.code, func.count()).where(parked_events.c.consumer == consumer)
    async with database.engine.connect() as connection:
        rows = await connection.execute(counted.group_by(parked_events.c.code))
        return {row.code: row[1] for row in rows}


async def list_parked(database: Database, *, limit: int = 200) -> list[ParkedEvent]:
    """The oldest parked events."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(select(parked_events).order_by(parked_events.c.id).limit(limit))
        return [ParkedEvent(**row._mapping) for row in rows]


async def show_parked(database: Database, number: int) -> ParkedEvent:
    """One parked event with its envelope; `ParkedEventNotFound`."""
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(parked_events).where(parked_events.c.id == number))).one_or_none()
    if row is None:
        raise ParkedEventNotFound(number=number)
    return ParkedEvent(**row._mapping)


async def replay_parked(database: Database, consumer: Consumer, number: int) -> int:
    """Apply a parked event and all that parked behind it, in the order of their versions; answers how many.

    Each leaves the table in the transaction of its effect. The first that fails again stays, with all behind it
    (`ParkedEventStillFails`).
    """
    first = await show_parked(database, number)
    replayed = 0
    while True:
        try:
            async with database.unit_of_work(consumer.actor) as uow:
                await forget_arrived(uow, consumer.name)
                row = await _take_oldest(uow, first)
                if row is None:
                    return replayed
                _, parked = await consumer.apply_in(uow, [consumer.read(row)], replayed=True)
                if parked:
                    raise ParkedEventStillFails(code=parked[0][1])
        except ParkedEventStillFails:
            raise
        except Exception as error:
            refusal = refusal_of(error)
            raise ParkedEventStillFails(code=refusal.code if refusal else type(error).__name__) from error
        replayed += 1


RegisteredPerson: TypeAlias = Callable[[UnitOfWork, UUID], Awaitable[UUID]]
"""The record that stands for a natural person, by any record of theirs; `PersonNotRegistered` for an unknown one."""


async def discard_parked(
    database: Database,
    consumer: Consumer,
    number: int,
    by: tuple[Principal, Principal],
    reason: str,
    registered_person: RegisteredPerson,
) -> ParkedEvent:
    """Two persons throw a parked event away, with a reason; it stays in `parked_discards`, whole.

    What is parked of its aggregate besides keeps its order, and can be replayed. `ParkedEventIsGenuine` for an event
    that its owner signed and that its aggregate still needs, unless another one signed for the same version is parked
    too: then persons must choose. `DiscardNotAllowed` unless the two are distinct natural persons of roles that may,
    `PersonNotRegistered` for one whom nobody knows, `DiscardReasonInvalid` for a reason that may not be kept.
    """
    first, second = by
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MOST or contains_citizen_id(reason):
        raise DiscardReasonInvalid
    if not {first.role, second.role} <= DISCARDERS or first.account == second.account:
        raise DiscardNotAllowed
    if first.person_id is None or second.person_id is None:
        raise DiscardNotAllowed
    async with database.unit_of_work(consumer.actor) as uow:
        people = [await registered_person(uow, person) for person in (first.person_id, second.person_id)]
        if people[0] == people[1]:
            raise DiscardNotAllowed
        found = await uow.session.execute(select(parked_events).where(parked_events.c.id == number))
        row = found.one_or_none()
        if row is None:
            raise ParkedEventNotFound(number=number)
        event = ParkedEvent(**row._mapping)
        aggregate = (event.aggregate_type, event.aggregate_id)
        reached = (await lock_positions(uow, event.consumer, [aggregate])).get(aggregate, BEGINNING).version
        if event.version > reached and (event.code == MISSING or _is_signed(consumer, event)):
            rivals = [other for other in await _parked_beside(uow, event) if _is_signed(consumer, other)]
            if event.code == MISSING or not rivals:
                raise ParkedEventIsGenuine
        who = {
            "first_account": first.account, "first_person": people[0],
            "second_account": second.account, "second_person": people[1],
        }  # fmt: skip
        await uow.session.execute(insert(parked_discards).values(**row._mapping, reason=reason, **who))
        await uow.session.execute(delete(parked_events).where(parked_events.c.id == number))
    log.error("parked_event_discarded", number=number, code=event.code, type=event.event_type)
    return event


def _is_signed(consumer: Consumer, event: ParkedEvent) -> bool:
    """Whether its owner signed what is parked, and it came by the owner's topic."""
    return consumer.read(Record(event.topic, event.partition, event.position, event.envelope)).genuine


async def _parked_beside(uow: UnitOfWork, event: ParkedEvent) -> list[ParkedEvent]:
    """What else is parked for the same version of its aggregate."""
    table = parked_events.c
    same = (table.consumer == event.consumer) & (table.aggregate_type == event.aggregate_type)
    same &= (table.aggregate_id == event.aggregate_id) & (table.version == event.version) & (table.id != event.id)
    return [ParkedEvent(**row._mapping) for row in await uow.session.execute(select(parked_events).where(same))]


async def forget_arrived(uow: UnitOfWork, consumer: str) -> None:
    """Take away what was missing and has been applied meanwhile."""
    await uow.session.execute(ARRIVED, {"consumer": consumer, "missing": MISSING})


async def _take_oldest(uow: UnitOfWork, first: ParkedEvent) -> Record | None:
    """Take the oldest parked event of an aggregate out of the table, as the record that it was."""
    same = (
        (parked_events.c.consumer == first.consumer)
        & (parked_events.c.aggregate_type == first.aggregate_type)
        & (parked_events.c.aggregate_id == first.aggregate_id)
    )
    order = (parked_events.c.version, parked_events.c.code == MISSING, parked_events.c.id)
    oldest = select(parked_events.c.id).where(same).order_by(*order).limit(1)
    columns = (parked_events.c.topic, parked_events.c.partition, parked_events.c.position, parked_events.c.envelope)
    taken = await uow.session.execute(
        delete(parked_events).where(parked_events.c.id == oldest.scalar_subquery()).returning(*columns)
    )
    row = taken.one_or_none()
    return None if row is None else Record(row.topic, row.partition, row.position, row.envelope)
