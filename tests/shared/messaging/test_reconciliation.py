"""What never came is found by the rows of its owner, parked, and mended from the audit log, once and in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from shared.contracts import EVENT_TYPES
from shared.messaging.parked import ParkedEventStillFails, list_parked, replay_parked
from shared.messaging.positions import lock_positions
from shared.messaging.reconciliation import (
    LastVersion,
    Logged,
    last_versions,
    list_incomplete,
    park_missing,
    receive_logged,
)
from shared.messaging.records import Record
from shared.messaging.topics import SERVICES
from shared.persistence.models import lifecycle_models, load_models
from tests.databases import ServiceDatabase
from tests.probe import Lamp, LampAction, install
from tests.shared.messaging.test_consumer import consumer, sights

TOPIC = "skill-voucher.probe"


class Road:
    """What the probe emitted, on its way to its own consumer, and the log that kept all of it."""

    def __init__(self, probe: ServiceDatabase) -> None:
        self.probe = probe
        self.logged: list[Logged] = []

    async def emit(self) -> list[Logged]:
        """Empty the outbox."""
        columns = "aggregate_type, aggregate_id, version, convert_to(envelope, 'UTF8')"
        async with self.probe.owner.engine.begin() as connection:
            rows = (await connection.execute(text(f"SELECT {columns} FROM outbox ORDER BY id"))).all()
            await connection.execute(text("DELETE FROM outbox"))
        emitted = [Logged(place, *row) for place, row in enumerate(rows, start=len(self.logged))]
        self.logged += emitted
        return emitted

    async def carry(self, events: Sequence[Logged]) -> None:
        """Bring events to the consumer."""
        await consumer(self.probe).apply([Record(TOPIC, 0, event.index, event.envelope) for event in events])

    async def reconcile(self) -> list[LastVersion]:
        """Compare, and park what is missing."""
        versions = [last async for last in last_versions(self.probe.worker, "probe")]
        return await park_missing(self.probe.worker, consumer(self.probe), versions)

    async def parked(self) -> list[tuple[int, str]]:
        """Versions and codes of what is parked."""
        return [(event.version, event.code) for event in await list_parked(self.probe.worker)]

    async def incomplete(self) -> list[LastVersion]:
        """What is to be asked of the audit log."""
        return await list_incomplete(self.probe.worker, "probe")

    async def switch(self, lamp: Lamp, action: LampAction) -> None:
        """Move the lamp."""
        async with self.probe.api.unit_of_work() as uow:
            await uow.move_all(Lamp, action, [lamp.id])

    async def install(self, colour: str = "red") -> Lamp:
        """A lamp of which everything was received."""
        async with self.probe.api.unit_of_work() as uow:
            (lamp,) = await install(uow, colour)
        await self.carry(await self.emit())
        return lamp


@pytest.fixture
def road(probe: ServiceDatabase) -> Road:
    return Road(probe)


async def test_where_everything_came_nothing_is_missing(road: Road) -> None:
    await road.install()
    await road.install("blue")
    assert await road.reconcile() == []
    assert await road.parked() == []


async def test_a_swallowed_last_event_is_noticed_once_and_mended_from_the_log(road: Road) -> None:
    lamp, other = await road.install(), await road.install("blue")
    await road.switch(lamp, LampAction.SWITCH_ON)
    await road.switch(lamp, LampAction.SWITCH_OFF)
    await road.emit()
    assert await road.reconcile() == [LastVersion("probe.lamp", str(lamp.id), 3)]
    assert await road.reconcile() == []
    assert await road.parked() == [(3, "missing")]
    assert await road.incomplete() == [LastVersion("probe.lamp", str(lamp.id), 1)]
    lacking = [event for event in road.logged if event.aggregate_id == str(lamp.id) and event.version > 1]
    assert await receive_logged(road.probe.worker, consumer(road.probe), lacking[::-1]) == 2
    assert await sights(road.probe) == {str(lamp.id): ("lamp.darkened", 3), str(other.id): ("lamp.installed", 1)}
    assert await road.parked() == []
    await receive_logged(road.probe.worker, consumer(road.probe), road.logged)
    await road.carry(road.logged)
    assert (await sights(road.probe))[str(lamp.id)] == ("lamp.darkened", 3), "nothing twice"
    assert await road.parked() == []


async def test_an_aggregate_of_which_nothing_came_is_missing_too(road: Road) -> None:
    async with road.probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
    await road.emit()
    assert await road.reconcile() == [LastVersion("probe.lamp", str(lamp.id), 1)]
    assert await receive_logged(road.probe.worker, consumer(road.probe), road.logged) == 1
    assert await sights(road.probe) == {str(lamp.id): ("lamp.installed", 1)}


async def test_what_comes_later_waits_behind_what_is_missing(road: Road) -> None:
    lamp = await road.install()
    await road.switch(lamp, LampAction.SWITCH_ON)
    await road.emit()
    await road.reconcile()
    await road.switch(lamp, LampAction.SWITCH_OFF)
    await road.carry(await road.emit())
    assert await road.parked() == [(2, "missing"), (3, "behind_parked")]
    assert await road.reconcile() == []
    assert await receive_logged(road.probe.worker, consumer(road.probe), [road.logged[1]]) == 2
    assert await sights(road.probe) == {str(lamp.id): ("lamp.darkened", 3)}


async def test_a_gap_is_filled_from_the_log(road: Road) -> None:
    lamp = await road.install()
    await road.switch(lamp, LampAction.SWITCH_ON)
    await road.switch(lamp, LampAction.SWITCH_OFF)
    await road.carry((await road.emit())[1:])
    assert await road.parked() == [(3, "gap")]
    assert await road.incomplete() == [LastVersion("probe.lamp", str(lamp.id), 1)]
    await receive_logged(road.probe.worker, consumer(road.probe), road.logged[1:])
    assert await sights(road.probe) == {str(lamp.id): ("lamp.darkened", 3)}
    assert await road.parked() == []


async def test_what_the_log_lacks_too_stays_missing(road: Road) -> None:
    lamp = await road.install()
    await road.switch(lamp, LampAction.SWITCH_ON)
    await road.switch(lamp, LampAction.SWITCH_OFF)
    await road.emit()
    await road.reconcile()
    with pytest.raises(ParkedEventStillFails):
        await receive_logged(road.probe.worker, consumer(road.probe), [road.logged[1]])
    assert await sights(road.probe) == {str(lamp.id): ("lamp.lit", 2)}
    assert await road.parked() == [(3, "missing")]


async def test_an_entry_that_is_no_event_takes_no_place_and_no_other_with_it(road: Road) -> None:
    lamps = [await road.install(), await road.install("blue")]
    for lamp in lamps:
        await road.switch(lamp, LampAction.SWITCH_ON)
    spoilt, sound = sorted(await road.emit(), key=lambda event: event.aggregate_id)
    await road.reconcile()
    with pytest.raises(ParkedEventStillFails):
        await receive_logged(road.probe.worker, consumer(road.probe), [replace(spoilt, envelope=b"{}"), sound])
    assert await sights(road.probe) == {
        spoilt.aggregate_id: ("lamp.installed", 1), sound.aggregate_id: ("lamp.lit", 2),
    }  # fmt: skip


async def test_what_comes_after_all_is_not_missing_any_more(road: Road) -> None:
    lamp = await road.install()
    await road.switch(lamp, LampAction.SWITCH_ON)
    late = await road.emit()
    await road.reconcile()
    await road.carry(late)
    (missing, waiting) = await list_parked(road.probe.worker)
    assert (missing.code, waiting.code) == ("missing", "behind_parked")
    assert await replay_parked(road.probe.worker, consumer(road.probe), waiting.id) == 1
    assert await sights(road.probe) == {str(lamp.id): ("lamp.lit", 2)}
    assert await road.reconcile() == []
    assert await road.parked() == []


async def test_what_is_just_being_applied_is_not_missing(road: Road) -> None:
    lamp = await road.install()
    await road.switch(lamp, LampAction.SWITCH_ON)
    (event,) = await road.emit()
    consuming = consumer(road.probe)
    async with road.probe.worker.unit_of_work(consuming.actor) as uow:
        await lock_positions(uow, "probe", [("probe.lamp", str(lamp.id))])
        reconciling = asyncio.create_task(road.reconcile())
        await asyncio.sleep(0.5)
        await consuming.apply_in(uow, [consuming.read(Record(TOPIC, 0, event.index, event.envelope))])
    assert await reconciling == []
    assert await road.parked() == []
    assert await sights(road.probe) == {str(lamp.id): ("lamp.lit", 2)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_aggregate_that_emits_has_rows_that_say_how_often(service: str) -> None:
    load_models(service)
    owned = {model.lifecycle.type for model in lifecycle_models(service)}
    assert owned == {event.aggregate_type() for event in EVENT_TYPES if event.service == service}
