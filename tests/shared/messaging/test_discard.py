"""A parked event is thrown away by two persons with a reason, kept whole, and what waited behind it goes on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.errors import DomainError
from shared.messaging.parked import ParkedEvent, discard_parked, list_parked, replay_parked
from shared.persistence import UnitOfWork
from shared.persistence.plumbing import parked_discards
from shared.security import PersonNotRegistered, Principal, Role
from tests.databases import ServiceDatabase
from tests.probe import LampDarkenedV1
from tests.shared.messaging.test_consumer import consumer, event, life, record, sights

REASON = "forged: nobody of ours sent it"
STRANGER = uuid4()
"""Somebody whom no register knows."""
SEPARATE: Mapping[UUID, UUID] = MappingProxyType({})
"""Every record is of another person."""


def person(role: Role = Role.OPERATOR, person_id: UUID | None = None) -> Principal:
    """Somebody of the office."""
    return Principal(f"account-{uuid4()}", person_id or uuid4(), role, None, frozenset())


async def discard(
    probe: ServiceDatabase,
    number: int,
    *by: Principal,
    reason: str = REASON,
    merged: Mapping[UUID, UUID] = SEPARATE,
) -> str | None:
    """The code with which it was refused, None if it was done; `merged` are records that another one stands for."""

    async def registered_person(_: UnitOfWork, person_id: UUID) -> UUID:
        if person_id == STRANGER:
            raise PersonNotRegistered
        return merged.get(person_id, person_id)

    first, second = by or (person(), person(Role.AUDITOR))
    try:
        await discard_parked(probe.worker, consumer(probe), number, (first, second), reason, registered_person)
    except DomainError as refusal:
        return refusal.code
    return None


async def forged_in_front(probe: ServiceDatabase) -> tuple[UUID, list[ParkedEvent]]:
    """A lamp of which a forged version 2 came before the real ones."""
    lamp = uuid4()
    installed, *others = life(lamp)
    forged = record(event(LampDarkenedV1, lamp, 2), 1)
    forged = replace(forged, value=forged.value.replace(b'"watts":1', b'"watts":9'))
    batch = [record(installed), forged, *(record(real, place) for place, real in enumerate(others, 2))]
    await consumer(probe).apply(batch)
    parked = await list_parked(probe.worker)
    assert [row.code for row in parked] == ["event_signature_invalid", *["behind_parked"] * 3]
    assert await discard(probe, parked[0].id) is None
    await consumer(probe).apply(batch)
    return lamp, parked


async def test_what_waited_behind_a_forged_event_is_applied_in_order(probe: ServiceDatabase) -> None:
    lamp, (forged, *behind) = await forged_in_front(probe)
    assert [row.id for row in await list_parked(probe.worker)] == [row.id for row in behind], "and it parks no more"
    assert await replay_parked(probe.worker, consumer(probe), behind[0].id) == 3
    assert await sights(probe) == {str(lamp): ("lamp.lit", 4)}
    async with probe.worker.engine.connect() as connection:
        kept = (await connection.execute(select(parked_discards))).one()
    assert (kept.id, kept.envelope, kept.code, kept.reason) == (forged.id, forged.envelope, forged.code, REASON)
    assert kept.first_person != kept.second_person
    for statement in ("DELETE FROM parked_discards", "UPDATE parked_discards SET reason = 'x'"):
        with pytest.raises(DBAPIError):
            async with probe.worker.engine.begin() as connection:
                await connection.execute(text(statement))


async def test_what_its_owner_signed_and_is_still_needed_is_not_discarded(probe: ServiceDatabase) -> None:
    _, (_, *behind) = await forged_in_front(probe)
    for row in behind:
        assert await discard(probe, row.id) == "parked_event_is_genuine"
    assert len(await list_parked(probe.worker)) == len(behind)


async def test_of_two_signed_events_of_one_version_persons_choose(probe: ServiceDatabase) -> None:
    """Somebody holds the owner's key: the first was applied, or both wait."""
    lamp, consuming = uuid4(), consumer(probe)
    installed, lit, dark, _ = life(lamp)
    await consuming.apply([record(installed), record(lit, 1), record(event(LampDarkenedV1, lamp, 2), 2)])
    (contradiction,) = await list_parked(probe.worker)
    await consuming.apply([record(dark, 3), record(event(LampDarkenedV1, lamp, 3), 4)])
    assert await discard(probe, contradiction.id) is None
    real, rival = await list_parked(probe.worker)
    assert await discard(probe, rival.id) is None
    assert await discard(probe, real.id) == "parked_event_is_genuine"
    assert await replay_parked(probe.worker, consuming, real.id) == 1


async def test_one_person_alone_discards_nothing(probe: ServiceDatabase) -> None:
    await consumer(probe).apply([replace(record(life(uuid4())[0]), value=b"nonsense")])
    (row,) = await list_parked(probe.worker)
    somebody = person()
    for first, second in (
        (somebody, somebody),
        (somebody, person(person_id=somebody.person_id)),
        (somebody, replace(person(), account=somebody.account)),
        (somebody, replace(person(), person_id=None)),
        (somebody, person(Role.WORKER)),
        (person(Role.FINANCE), somebody),
    ):
        assert await discard(probe, row.id, first, second) == "discard_not_allowed"
    other = person()
    assert other.person_id
    assert somebody.person_id
    for merged in ({other.person_id: somebody.person_id}, {somebody.person_id: other.person_id}):
        assert await discard(probe, row.id, somebody, other, merged=merged) == "discard_not_allowed"
    assert await discard(probe, row.id, somebody, person(person_id=STRANGER)) == "person_not_registered"
    for reason in (" ", "x" * 201, f"sent by {make_citizen_id('410402', date(1990, 1, 1), 123)}"):
        assert await discard(probe, row.id, reason=reason) == "discard_reason_invalid"
    assert await discard(probe, row.id + 1) == "parked_event_not_found"
    assert await discard(probe, row.id) is None
    assert await discard(probe, row.id) == "parked_event_not_found"
