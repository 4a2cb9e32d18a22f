"""Who is one natural person: in whatever order mergers come, by however many workers at once."""

import asyncio
import itertools
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from shared import persons
from shared.contracts.voucher import (
    PersonMovedV1,
    PersonRegisteredV1,
    PersonRenamedV1,
    PersonSeparatedV1,
    PersonSupersededV1,
)
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.persons.consumers import (
    on_person_moved,
    on_person_registered,
    on_person_renamed,
    on_person_separated,
    on_person_superseded,
)
from tests.databases import TESTER, ServiceDatabase

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def registered(person: UUID) -> PersonRegisteredV1:
    """Somebody was registered."""
    return PersonRegisteredV1(
        id=person, version=1, business_at=NOW, actor=TESTER, subject_digest="5f" * 32, area="410402", real_name_level=3
    )


def superseded(person: UUID, survivor: UUID) -> PersonSupersededV1:
    """Two records turned out to be of one person."""
    return PersonSupersededV1(id=person, version=2, business_at=NOW, actor=TESTER, survivor_id=survivor)


def separated(person: UUID, survivor: UUID) -> PersonSeparatedV1:
    """They turned out to be of two."""
    return PersonSeparatedV1(id=person, version=3, business_at=NOW, actor=TESTER, survivor_id=survivor)


@pytest.fixture
async def peopled(probe: ServiceDatabase) -> ServiceDatabase:
    """The probe with a table of persons."""
    async with probe.owner.engine.begin() as connection:
        await connection.run_sync(persons.metadata.create_all)
    return probe


async def register(database: ServiceDatabase, count: int) -> list[UUID]:
    """So many people."""
    people = [uuid7() for _ in range(count)]
    async with database.owner.unit_of_work() as uow:
        await on_person_registered(uow, [registered(person) for person in people])
    return people


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_mergers_in_any_order_end_at_one_survivor(peopled: ServiceDatabase, order: tuple[int, ...]) -> None:
    a, b, c, d, other = await register(peopled, 5)
    mergers = [superseded(a, b), superseded(b, c), superseded(c, d)]
    for place in order:
        async with peopled.owner.unit_of_work() as uow:
            await on_person_superseded(uow, [mergers[place]])
    async with peopled.owner.unit_of_work() as uow:
        assert await persons.natural_persons(uow, [a, b, c, d, other]) == dict.fromkeys((a, b, c, d), d) | {
            other: other
        }
        assert set(await persons.records_of(uow, [b])) == {a, b, c, d}
        assert set(await uow.session.scalars(persons.records_of_person(a))) == {a, b, c, d}
        known = await persons.known_persons(uow, [a, other])
        assert (known[a].records, known[a].natural_person) == (frozenset({a, b, c, d}), d)
        assert known[other].records == {other}


SAID = [
    ("superseded", 0, 1), ("separated", 0, 1), ("superseded", 0, 2), ("superseded", 1, 2), ("superseded", 2, 3),
    ("separated", 2, 3),
]  # fmt: skip
"""What voucher says of four records, by record, in the order in which it happened: 0 went from 1 to 2, and 2 from 3."""
ARRIVALS = [
    order
    for order in itertools.permutations(range(len(SAID)))
    if all(order.index(earlier) < order.index(later) for earlier, later in ((0, 1), (1, 2), (4, 5)))
]
"""Every order in which it may arrive: what is said of one record arrives in its order."""


async def test_what_was_undone_is_undone_in_any_order(peopled: ServiceDatabase) -> None:
    for order in ARRIVALS:
        people = await register(peopled, 4)
        for place in order:
            fact, record, survivor = SAID[place]
            async with peopled.owner.unit_of_work() as uow:
                if fact == "superseded":
                    await on_person_superseded(uow, [superseded(people[record], people[survivor])])
                else:
                    await on_person_separated(uow, [separated(people[record], people[survivor])])
        a, b, c, d = people
        async with peopled.owner.unit_of_work() as uow:
            assert await persons.natural_persons(uow, people) == {a: c, b: c, c: c, d: d}, order
            assert set(await persons.records_of(uow, [a])) == {a, b, c}, order


@pytest.mark.parametrize(("undone", "left"), [((0, 1), [0, 2, 2]), ((1, 2), [1, 1, 2])])
async def test_a_chain_parts_where_it_is_undone(
    peopled: ServiceDatabase, undone: tuple[int, int], left: list[int]
) -> None:
    """A into B into C: undoing B into C leaves A with B, undoing A into B leaves B with C."""
    people = await register(peopled, 3)
    a, b, c = people
    async with peopled.owner.unit_of_work() as uow:
        await on_person_superseded(uow, [superseded(a, b), superseded(b, c)])
        await on_person_separated(uow, [separated(*(people[place] for place in undone))])
        standing = await persons.natural_persons(uow, people)
    assert standing == dict(zip(people, [people[place] for place in left], strict=True))


async def test_a_merger_the_other_way_round_overtakes_the_undoing(peopled: ServiceDatabase) -> None:
    """A into B, undone, then B into A: until the undoing arrives the two lead to each other, and are one person."""
    a, b = await register(peopled, 2)
    async with peopled.owner.unit_of_work() as uow:
        await on_person_superseded(uow, [superseded(a, b)])
        await on_person_superseded(uow, [superseded(b, a)])
        assert set((await persons.natural_persons(uow, [a, b])).values()) == {min(a, b)}
        await on_person_separated(uow, [separated(a, b)])
        assert await persons.natural_persons(uow, [a, b]) == {a: a, b: a}


async def test_who_moves_or_is_renamed_is_known_so_from_then_on(peopled: ServiceDatabase) -> None:
    person, other = await register(peopled, 2)
    said = {"id": person, "business_at": NOW, "actor": TESTER}
    async with peopled.owner.unit_of_work() as uow:
        before = await persons.known_persons(uow, [person, other])
        await on_person_moved(uow, [PersonMovedV1(version=2, area="410481", **said)])
        renamed = PersonRenamedV1(version=3, proposal_id=uuid7(), subject_digest="6a" * 32, masked_name="欧*", **said)
        await on_person_renamed(uow, [renamed])
    async with peopled.owner.unit_of_work() as uow:
        known = await persons.known_persons(uow, [person, other])
        found = known[person]
        assert (found.area, found.subject_digest, found.masked_name) == ("410481", "6a" * 32, "欧*")
        assert known[other] == before[other]


async def test_two_mergers_received_by_two_workers_at_once_are_both_kept(peopled: ServiceDatabase) -> None:
    """A into B here and B into C there: neither sees the other's row, so one waits for the other."""
    a, b, c = await register(peopled, 3)
    first_is_in = asyncio.Event()

    async def merge(event: PersonSupersededV1, *, waits: bool) -> None:
        async with peopled.owner.unit_of_work() as uow:
            if not waits:
                await first_is_in.wait()
            await on_person_superseded(uow, [event])
            first_is_in.set()
            if waits:
                await asyncio.sleep(0.2)

    await asyncio.gather(merge(superseded(a, b), waits=True), merge(superseded(b, c), waits=False))
    async with peopled.owner.unit_of_work() as uow:
        assert await persons.natural_persons(uow, [a, b, c]) == dict.fromkeys((a, b, c), c)


async def test_a_survivor_that_is_not_registered_here_yet(peopled: ServiceDatabase) -> None:
    (a,), late, last = await register(peopled, 1), uuid7(), uuid7()
    async with peopled.owner.unit_of_work() as uow:
        await on_person_superseded(uow, [superseded(a, late)])
        assert await persons.natural_person(uow, a) == late
        assert await persons.known_persons(uow, [late]) == {}
        await on_person_registered(uow, [registered(late)])
        await on_person_superseded(uow, [superseded(late, last)])
        assert set(await persons.records_of(uow, [a])) == {a, late, last}


async def test_a_merger_waits_for_whoever_relies_on_who_a_person_is(peopled: ServiceDatabase) -> None:
    a, b = await register(peopled, 2)

    async def merge() -> None:
        async with peopled.owner.unit_of_work() as uow:
            await on_person_superseded(uow, [superseded(a, b)])

    async def survivor(uow: UnitOfWork) -> UUID | None:
        return await uow.session.scalar(select(persons.persons.c.survivor_id).where(persons.persons.c.id == a))

    async with peopled.owner.unit_of_work() as uow:
        await persons.keep_merges_out(uow)
        merging = asyncio.create_task(merge())
        await asyncio.sleep(0.2)
        assert await survivor(uow) is None
        assert not merging.done()
    await merging
    async with peopled.owner.unit_of_work() as uow:
        assert await survivor(uow) == b


async def test_a_person_is_registered_once_the_record_that_stands_for_them_is_known(peopled: ServiceDatabase) -> None:
    old, survivor = uuid7(), uuid7()
    async with peopled.owner.unit_of_work() as uow:
        assert not await persons.is_registered(uow, old)
        await on_person_registered(uow, [registered(old)])
        assert await persons.is_registered(uow, old)
        await on_person_superseded(uow, [superseded(old, survivor)])
        assert not await persons.is_registered(uow, old)
        await on_person_registered(uow, [registered(survivor)])
        assert await persons.is_registered(uow, old)
        assert await persons.is_registered(uow, survivor)
