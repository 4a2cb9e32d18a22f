"""The consumer: duplicates, disorder, gaps, culprits and transient failures, on a real database without Kafka."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from shared.contracts.envelope import EventTypes
from shared.kernel.errors import DomainError, Unavailable
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handler, merge
from shared.messaging.parked import ParkedEventStillFails, list_parked, replay_parked
from shared.messaging.records import Received, Record
from shared.messaging.waves import by_type, waves
from shared.persistence import UnitOfWork
from tests.clock import business_now
from tests.databases import TESTER, ServiceDatabase
from tests.keys import record_of
from tests.probe import LAMP_EVENTS, LampDarkenedV1, LampEvent, LampInstalledV1, LampLitV1, Sight

TYPES = EventTypes(LAMP_EVENTS)


class Poison(DomainError):
    """Cannot be applied, however often."""

    code = "probe_poison"
    zh, en = "毒", "Poison."


class Hiccup(Unavailable):
    """Can be applied the next time."""

    code = "probe_hiccup"
    zh, en = "呃", "A hiccup."


def record(event: LampEvent, position: int = 0) -> Record:
    """The event as it comes from the topic."""
    return replace(record_of(event, position), partition=0)


def event(cls: type[LampEvent], lamp: UUID, version: int, colour: str = "red") -> LampEvent:
    """An event of a lamp."""
    return cls(id=lamp, version=version, business_at=business_now(), actor=TESTER, colour=colour, watts=1)


def life(lamp: UUID, colour: str = "red") -> list[LampEvent]:
    """Installed, lit, dark, lit again."""
    kinds = [LampInstalledV1, LampLitV1, LampDarkenedV1, LampLitV1]
    return [event(kind, lamp, version, colour) for version, kind in enumerate(kinds, start=1)]


async def see(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
    """Count what was seen of each lamp and keep the last."""
    for lamp_event in events:
        if lamp_event.colour == "poison":
            raise Poison
        sight = await uow.session.get(Sight, str(lamp_event.id))
        if sight is None:
            sight = Sight(lamp=str(lamp_event.id), name="", times=0)
            uow.session.add(sight)
        sight.name, sight.times = lamp_event.name, sight.times + 1


def consumer(database: ServiceDatabase, handler: Handler = see) -> Consumer:
    """A consumer that sees every kind of event."""
    return Consumer("probe", database.worker, TYPES, merge([dict.fromkeys(LAMP_EVENTS, handler)]))


async def sights(database: ServiceDatabase) -> dict[str, tuple[str, int]]:
    """The last event seen of each lamp, and how many were."""
    async with database.worker.unit_of_work() as uow:
        return {sight.lamp: (sight.name, sight.times) for sight in await uow.session.scalars(select(Sight))}


async def test_every_event_has_one_effect_however_often_it_comes(probe: ServiceDatabase) -> None:
    lamp, probe_consumer = uuid4(), consumer(probe)
    batch = [record(lamp_event, place) for place, lamp_event in enumerate(life(lamp))]
    await probe_consumer.apply(batch + batch)
    await probe_consumer.apply(batch[2:])
    assert await sights(probe) == {str(lamp): ("lamp.lit", 4)}
    assert await list_parked(probe.worker) == []


async def test_waves_keep_each_aggregates_order(probe: ServiceDatabase) -> None:
    red, blue = uuid4(), uuid4()
    mixed = [lamp_event for pair in zip(life(red), life(blue), strict=True) for lamp_event in pair]
    seen: list[tuple[str, set[UUID | str]]] = []

    async def watch(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        seen.append((events[0].name, {lamp_event.id for lamp_event in events}))

    await consumer(probe, watch).apply([record(lamp_event, place) for place, lamp_event in enumerate(mixed)])
    assert seen == [(name, {red, blue}) for name in ("lamp.installed", "lamp.lit", "lamp.darkened", "lamp.lit")]


def test_grouping_by_type_alone_would_turn_the_last_state_around() -> None:
    """The positive control of waves: by type, lit-dark-lit ends dark."""
    lamp = uuid4()
    received = [
        Received(record(lamp_event), lamp_event.type(), "probe.lamp", str(lamp), lamp_event.version, None, lamp_event)
        for lamp_event in life(lamp)
    ]
    by_type_alone = [lamp_event.name for group in by_type(received).values() for lamp_event in group]
    in_waves = [lamp_event.name for wave in waves(received) for group in by_type(wave).values() for lamp_event in group]
    assert by_type_alone[-1] == "lamp.darkened"
    assert in_waves[-1] == "lamp.lit"


async def test_a_gap_parks_with_what_follows_and_others_flow(probe: ServiceDatabase) -> None:
    red, blue, probe_consumer = uuid4(), uuid4(), consumer(probe)
    first, _, third, fourth = life(red)
    batch = [first, third, *life(blue), fourth]
    await probe_consumer.apply([record(lamp_event, place) for place, lamp_event in enumerate(batch)])
    assert await sights(probe) == {str(red): ("lamp.installed", 1), str(blue): ("lamp.lit", 4)}
    assert [(row.version, row.code) for row in await list_parked(probe.worker)] == [(3, "gap"), (4, "behind_parked")]


async def test_a_missing_event_that_comes_late_is_replayed_with_the_rest(probe: ServiceDatabase) -> None:
    lamp, probe_consumer = uuid4(), consumer(probe)
    first, second, third, fourth = life(lamp)
    for place, lamp_event in enumerate([first, third, fourth, second]):
        await probe_consumer.apply([record(lamp_event, place)])
    parked = await list_parked(probe.worker)
    assert [row.version for row in parked] == [3, 4, 2]
    assert await replay_parked(probe.worker, probe_consumer, parked[0].id) == 3
    assert await sights(probe) == {str(lamp): ("lamp.lit", 4)}
    assert await list_parked(probe.worker) == []


async def test_the_culprit_alone_is_parked(probe: ServiceDatabase) -> None:
    probe_consumer, bad = consumer(probe), uuid4()
    good = [uuid4() for _ in range(9)]
    events = [event(LampInstalledV1, lamp, 1) for lamp in good]
    events.insert(4, event(LampInstalledV1, bad, 1, colour="poison"))
    events.append(event(LampLitV1, bad, 2))
    await probe_consumer.apply([record(lamp_event, place) for place, lamp_event in enumerate(events)])
    assert set(await sights(probe)) == {str(lamp) for lamp in good}
    parked = [(row.aggregate_id, row.version, row.code) for row in await list_parked(probe.worker)]
    assert parked == [(str(bad), 1, "probe_poison"), (str(bad), 2, "behind_parked")]


async def test_a_replay_that_fails_again_loses_nothing(probe: ServiceDatabase) -> None:
    probe_consumer, bad = consumer(probe), uuid4()
    events = [event(LampInstalledV1, bad, 1, colour="poison"), event(LampLitV1, bad, 2)]
    await probe_consumer.apply([record(lamp_event, place) for place, lamp_event in enumerate(events)])
    before = await list_parked(probe.worker)
    with pytest.raises(ParkedEventStillFails, match="probe_poison"):
        await replay_parked(probe.worker, probe_consumer, before[0].id)
    assert await list_parked(probe.worker) == before


async def test_a_transient_failure_is_retried_in_place(probe: ServiceDatabase) -> None:
    lamp = uuid4()
    failures = iter([Hiccup(), Hiccup()])

    async def hesitate(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        await see(uow, events)

    await consumer(probe, hesitate).apply([record(lamp_event, place) for place, lamp_event in enumerate(life(lamp))])
    assert await sights(probe) == {str(lamp): ("lamp.lit", 4)}


async def test_unknown_types_and_nonsense_park(probe: ServiceDatabase) -> None:
    probe_consumer, lamp = consumer(probe), uuid4()
    unknown = record(event(LampInstalledV1, lamp, 1)).value.replace(b"lamp.installed.v1", b"lamp.installed.v9")
    records = [
        Record("skill-voucher.probe", 0, 0, unknown),
        record(event(LampLitV1, lamp, 2), 1),
        Record("skill-voucher.probe", 0, 2, b"not json"),
    ]
    await probe_consumer.apply(records)
    await probe_consumer.apply(records)
    codes = [(row.aggregate_id, row.code) for row in await list_parked(probe.worker)]
    assert codes == [
        (str(lamp), "event_unreadable"),
        (str(lamp), "behind_parked"),
        ("skill-voucher.probe/0", "event_unreadable"),
    ]


async def test_a_known_type_without_handler_advances_the_position(probe: ServiceDatabase) -> None:
    lamp = uuid4()
    deaf = Consumer("probe", probe.worker, TYPES, merge([{LampDarkenedV1: see}]))
    await deaf.apply([record(lamp_event, place) for place, lamp_event in enumerate(life(lamp))])
    assert await sights(probe) == {str(lamp): ("lamp.darkened", 1)}
    async with probe.worker.engine.connect() as connection:
        assert (await connection.execute(text("SELECT version FROM positions"))).scalar_one() == 4


async def test_two_consumers_of_one_aggregate_apply_each_event_once(probe: ServiceDatabase) -> None:
    lamps = [uuid4() for _ in range(40)]
    batch = [
        record(lamp_event, place) for place, lamp_event in enumerate(event(LampInstalledV1, lamp, 1) for lamp in lamps)
    ]
    await asyncio.gather(*(consumer(probe).apply(batch) for _ in range(4)))
    assert {times for _, times in (await sights(probe)).values()} == {1}
    assert await list_parked(probe.worker) == []


async def test_a_second_event_of_a_version_parks_once_and_what_follows_waits(probe: ServiceDatabase) -> None:
    """Whichever of the two came first has had its effect; that there were two must be seen, and hold."""
    lamp, consuming = uuid4(), consumer(probe)
    first, lit, dark, _ = life(lamp)
    rival = record(event(LampDarkenedV1, lamp, 2), 2)
    batch = [record(first), record(lit, 1), rival, record(dark, 3)]
    await consuming.apply(batch)
    await consuming.apply(batch)
    assert await sights(probe) == {str(lamp): ("lamp.lit", 2)}
    parked = [(row.position, row.version, row.code) for row in await list_parked(probe.worker)]
    assert parked == [(2, 2, "event_contradicts_applied"), (3, 3, "behind_parked")]


@pytest.mark.parametrize("version", [1, 2, 3])
async def test_what_nobody_signed_parks_whatever_version_it_claims(probe: ServiceDatabase, version: int) -> None:
    lamp, consuming = uuid4(), consumer(probe)
    first, lit, *_ = life(lamp)
    await consuming.apply([record(first), record(lit, 1)])
    forged = record(event(LampDarkenedV1, lamp, version), 2)
    await consuming.apply([replace(forged, value=forged.value.replace(b'"watts":1', b'"watts":7'))])
    assert await sights(probe) == {str(lamp): ("lamp.lit", 2)}
    assert [(row.version, row.code) for row in await list_parked(probe.worker)] == [
        (version, "event_signature_invalid")
    ]
