"""What no handler can apply: it is parked, once, and neither stops the consumer nor makes it go round in circles."""

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, text

from shared.messaging import consumer as consumer_module
from shared.messaging.parked import ParkedEventStillFails, list_parked, replay_parked
from shared.messaging.records import Record
from shared.observability.metrics import exposition
from shared.persistence import UnitOfWork
from tests.databases import ServiceDatabase
from tests.probe import LampEvent, LampInstalledV1, LampLitV1, Sight
from tests.shared.messaging.test_consumer import consumer, event, life, record, see, sights

LIMIT_S = 10
TOPIC = "skill-voucher.probe"


def forged(lamp: UUID, **outside: object) -> bytes:
    """An envelope of an unknown type whose outside says what no service of ours would say."""
    document = json.loads(record(event(LampInstalledV1, lamp, 1)).value)
    return json.dumps({**document, "type": "cn.skillvoucher.probe.lamp.stolen.v1", **outside}).encode()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00 and nothing else",
        b"\xff\xfe\x00 no text at all",
        forged(uuid4(), id=5),
        forged(uuid4(), subject="with \x00 in it"),
        forged(uuid4(), subject="half of a pair: \ud800"),
        forged(uuid4(), aggregateversion=2**40),
        forged(uuid4(), aggregateversion=float("inf")),
        forged(uuid4(), aggregateversion=0),
        forged(uuid4(), aggregateversion=True),
        forged(uuid4(), subject="long" * 10_000),
        forged(uuid4(), type="long" * 10_000),
        forged(uuid4(), subject=None),
        forged(uuid4(), aggregatetype=["a"]),
        forged(uuid4(), data="[" * 100_000),
        b"[" * 100_000,
        b"9" * 100_000,
    ],
    ids=[
        "nothing", "nul", "bytes", "id", "subject", "surrogate", "version", "infinity", "zero", "true", "long subject",
        "long type", "no subject", "list", "text", "depth", "digits",
    ],
)  # fmt: skip
async def test_nonsense_parks_beside_what_can_be_applied(probe: ServiceDatabase, value: bytes) -> None:
    lamp = uuid4()
    batch = [Record(TOPIC, 0, 7, value), record(event(LampInstalledV1, lamp, 1), 8)]
    async with asyncio.timeout(LIMIT_S):
        await consumer(probe).apply(batch)
    assert await sights(probe) == {str(lamp): ("lamp.installed", 1)}
    parked = await list_parked(probe.worker)
    assert [(row.position, row.code, row.envelope) for row in parked] == [(7, "event_unreadable", value)]


async def test_what_a_stranger_calls_an_event_labels_no_metric(probe: ServiceDatabase) -> None:
    """A label is a series for ever, and is shown to everybody who scrapes."""
    before = exposition().count(b"\n")
    types = [f"cn.skillvoucher.probe.lamp.41040219920520{number:04}.v1" for number in range(50)]
    await consumer(probe).apply(
        [Record(TOPIC, 0, 7 + number, forged(uuid4(), type=of)) for number, of in enumerate(types)]
    )
    after = exposition()
    assert b"41040219920520" not in after
    assert after.count(b"\n") - before <= 4, "a series for what was parked, with its own time of creation"


@pytest.mark.parametrize("version", [0, -1, 2**40])
async def test_a_version_that_cannot_be_is_not_taken_for_a_duplicate(probe: ServiceDatabase, version: int) -> None:
    await consumer(probe).apply([record(event(LampInstalledV1, uuid4(), version))])
    assert [row.code for row in await list_parked(probe.worker)] == ["event_unreadable"]


async def test_a_number_that_no_column_holds_is_no_transient_failure(probe: ServiceDatabase) -> None:
    async def store(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        await uow.session.execute(
            insert(Sight),
            [{"lamp": str(lamp_event.id), "name": "", "times": lamp_event.watts} for lamp_event in events],
        )

    good, bad = event(LampInstalledV1, uuid4(), 1), event(LampInstalledV1, uuid4(), 1)
    bad = bad.model_copy(update={"watts": 2**40})
    async with asyncio.timeout(LIMIT_S):
        await consumer(probe, store).apply([record(bad, 0), record(good, 1)])
    assert set(await sights(probe)) == {str(good.id)}
    assert [(row.aggregate_id, row.code) for row in await list_parked(probe.worker)] == [
        (str(bad.id), "unexpected_error")
    ]


async def test_a_replay_over_a_gap_that_is_still_there_ends_and_loses_nothing(probe: ServiceDatabase) -> None:
    lamp, probe_consumer = uuid4(), consumer(probe)
    first, _, third, fourth = life(lamp)
    await probe_consumer.apply([record(lamp_event, place) for place, lamp_event in enumerate([first, third, fourth])])
    before = await list_parked(probe.worker)
    async with asyncio.timeout(LIMIT_S):
        with pytest.raises(ParkedEventStillFails, match="gap"):
            await replay_parked(probe.worker, probe_consumer, before[0].id)
    assert await list_parked(probe.worker) == before


async def test_a_replay_of_nonsense_ends(probe: ServiceDatabase) -> None:
    probe_consumer = consumer(probe)
    await probe_consumer.apply([Record(TOPIC, 0, 0, b"not json")])
    (parked,) = await list_parked(probe.worker)
    async with asyncio.timeout(LIMIT_S):
        with pytest.raises(ParkedEventStillFails, match="event_unreadable"):
            await replay_parked(probe.worker, probe_consumer, parked.id)
    assert await list_parked(probe.worker) == [parked]


@pytest.mark.parametrize("by_another", [False, True])
async def test_an_event_that_somebody_else_applied_meanwhile_parks_only_if_it_was_another(
    probe: ServiceDatabase, *, by_another: bool
) -> None:
    """A frozen member wakes up beside its successor: its effect collides, and that is no fault of the event.

    Of two events of one version the one that comes too late is no repetition, and is not lost.
    """
    lamp = uuid4()
    installed = record(event(LampInstalledV1, lamp, 1))
    first = record(event(LampInstalledV1, lamp, 1), 1) if by_another else installed
    overtaken = False

    async def be_overtaken(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            await consumer(probe).apply([first])
        await uow.session.execute(
            insert(Sight), [{"lamp": str(lamp_event.id), "name": "", "times": 1} for lamp_event in events]
        )

    async with asyncio.timeout(LIMIT_S):
        await consumer(probe, be_overtaken).apply([installed])
    assert await sights(probe) == {str(lamp): ("lamp.installed", 1)}
    assert [parked.envelope for parked in await list_parked(probe.worker)] == [installed.value] * by_another


async def test_a_batch_that_is_always_too_slow_is_halved(
    probe: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time limits are transient, but the same batch would meet the same limit for ever."""
    monkeypatch.setattr(consumer_module, "RETRY_MOST_S", 0.01)

    async def slow_for_many(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        await uow.session.execute(text("SET LOCAL statement_timeout = '200ms'"))
        await uow.session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": 0.1 * len(events)})
        await see(uow, events)

    lamps = [uuid4() for _ in range(4)]
    async with asyncio.timeout(3 * LIMIT_S):
        await consumer(probe, slow_for_many).apply(
            [record(event(LampInstalledV1, lamp, 1), place) for place, lamp in enumerate(lamps)]
        )
    assert set(await sights(probe)) == {str(lamp) for lamp in lamps}


async def test_an_event_that_is_busy_for_ever_parks_alone(
    probe: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "RETRY_MOST_S", 0.01)
    stuck, free = uuid4(), uuid4()

    async def slow_for_one(uow: UnitOfWork, events: Sequence[LampEvent]) -> None:
        if any(lamp_event.id == stuck for lamp_event in events):
            await uow.session.execute(text("SET LOCAL statement_timeout = '10ms'"))
            await uow.session.execute(text("SELECT pg_sleep(1)"))
        await see(uow, events)

    events = [event(LampInstalledV1, stuck, 1), event(LampInstalledV1, free, 1), event(LampLitV1, stuck, 2)]
    async with asyncio.timeout(3 * LIMIT_S):
        await consumer(probe, slow_for_one).apply(
            [record(lamp_event, place) for place, lamp_event in enumerate(events)]
        )
    assert set(await sights(probe)) == {str(free)}
    assert [(row.version, row.code) for row in await list_parked(probe.worker)] == [(1, "busy"), (2, "behind_parked")]
