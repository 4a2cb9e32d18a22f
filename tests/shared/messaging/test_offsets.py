"""How far a consumer has come in each partition: with the effect, whoever brings what, and what was left out."""

from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from shared.messaging.records import Record
from shared.observability.metrics import REGISTRY
from tests.databases import ServiceDatabase
from tests.shared.messaging.test_consumer import consumer, event, life, record, sights

PLACE = ("skill-voucher.probe", 0)


def counted(outcome: str, name: str = "probe") -> float:
    """How many records the metrics count with this outcome."""
    labels = {"consumer": name, "type": "any", "outcome": outcome}
    return REGISTRY.get_sample_value("skill_voucher_consumed_events_total", labels) or 0.0


def records(count: int, first: int = 0) -> list[Record]:
    """Lamps that are installed, from this offset on."""
    return [record(life(uuid4(), f"colour {uuid4()}")[0], offset) for offset in range(first, first + count)]


async def test_offsets_go_on_with_the_effects_and_nothing_that_comes_late_takes_them_back(
    probe: ServiceDatabase,
) -> None:
    consuming, batch = consumer(probe), records(5)
    assert await consuming.offsets() == {}
    await consuming.apply(batch[:3])
    assert await consuming.offsets() == {PLACE: 3}
    await consuming.apply(batch)
    await consuming.apply(batch[:2])
    assert await consuming.offsets() == {PLACE: 5}
    await consuming.apply([Record("skill-voucher.probe", 7, 0, b"unreadable")])
    assert await consuming.offsets() == {PLACE: 5, ("skill-voucher.probe", 7): 1}
    assert len(await sights(probe)) == 5


async def test_an_event_that_is_parked_by_itself_does_not_come_again(probe: ServiceDatabase) -> None:
    poison = record(event(type(life(uuid4())[0]), uuid4(), 1, "poison"), 2)
    await consumer(probe).apply([*records(2), poison, *records(2, 3)])
    assert await consumer(probe).offsets() == {PLACE: 5}
    await consumer(probe).apply([record(event(type(life(uuid4())[0]), uuid4(), 1, "poison"), 5)])
    assert await consumer(probe).offsets() == {PLACE: 6}


async def test_without_an_effect_nothing_is_remembered(probe: ServiceDatabase) -> None:
    consuming, batch = consumer(probe), records(3)
    async with probe.owner.engine.begin() as connection:
        await connection.exec_driver_sql("REVOKE INSERT ON parked_events FROM probe_worker")
    with pytest.raises(DBAPIError, match="permission denied"):
        await consuming.apply([*batch, Record("skill-voucher.probe", 0, 3, b"unreadable")])
    assert await consuming.offsets() == {PLACE: 3}


async def test_what_was_left_out_is_counted(probe: ServiceDatabase) -> None:
    before = counted("missing")
    await consumer(probe).apply(records(2))
    await consumer(probe).apply(records(2, 2))
    assert counted("missing") == before
    await consumer(probe).apply([*records(1, 4), *records(1, 7)])
    assert counted("missing") == before + 2
    await consumer(probe).apply(records(1, 10))
    assert counted("missing") == before + 4


async def test_a_partition_that_was_written_anew_is_followed(probe: ServiceDatabase) -> None:
    """A broker that lost its end gives the same offsets to other records; they have an effect, and are gone through."""
    await consumer(probe).apply(records(10))
    await consumer(probe).apply(records(2, 4))
    assert await consumer(probe).offsets() == {PLACE: 6}
