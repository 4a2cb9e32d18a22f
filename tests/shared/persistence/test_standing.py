"""How many cases stand in each state, and since when the oldest has to leave it."""

from datetime import timedelta

from shared.persistence.standing import Standing, count_standing
from tests.clock import business_now
from tests.databases import ServiceDatabase
from tests.probe import Lamp, LampAction


async def test_every_state_has_a_figure(probe: ServiceDatabase) -> None:
    began = business_now()
    async with probe.api.unit_of_work() as uow:
        lamps = [uow.create(Lamp(colour=colour, watts=5), LampAction.INSTALL) for colour in ("red", "green", "blue")]
        await uow.session.flush()
        uow.move(lamps[0], LampAction.SWITCH_ON)
        await uow.session.flush()
        lamps[1].open_holds = 1
        uow.move(lamps[1], LampAction.HOLD)
    await probe.set_business_time(began + timedelta(hours=2))
    async with probe.worker.unit_of_work() as uow:
        standings = {standing.state: standing for standing in await count_standing(uow, "probe")}
    assert {state: (standing.count, standing.held) for state, standing in standings.items()} == {
        "dark": (2, 1), "lit": (1, 0), "broken": (0, 0),
    }  # fmt: skip
    assert 7_000 < (standings["dark"].oldest_s or 0) < 7_300
    assert standings["broken"] == Standing("lamp", "broken", 0, 0, None), "nobody waits for an end"
