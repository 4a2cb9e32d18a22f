"""The unit of work: one transaction, one reading of the clock, exactly one event for every edge."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.actor import Actor, ActorKind
from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import Held, WrongState
from shared.persistence import Busy, Database, refusal_of
from shared.persistence.unit_of_work import ActorMissing
from tests.clock import business_now
from tests.databases import ServiceDatabase
from tests.probe import (
    Lamp,
    LampAction,
    LampBrokenV1,
    LampInstalledV1,
    TooBright,
    install,
)


async def outbox(database: ServiceDatabase) -> list[tuple[str, int]]:
    """Aggregate id and version of every event on its way, in order."""
    async with database.worker.engine.connect() as connection:
        rows = await connection.execute(text("SELECT aggregate_id, version FROM outbox ORDER BY id"))
        return [(row.aggregate_id, row.version) for row in rows]


async def test_a_created_row_commits_with_its_event(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        lamp = uow.create(Lamp(colour="red", watts=5), LampAction.INSTALL)
    assert await outbox(probe) == [(str(lamp.id), 1)]
    async with probe.api.unit_of_work() as uow:
        assert (await uow.session.get_one(Lamp, lamp.id)).status == "dark"


async def test_an_event_says_who_acted(probe: ServiceDatabase) -> None:
    fitter, owner = Actor(ActorKind.ACCOUNT, "fitter", "officer", uuid7()), Actor(ActorKind.ACCOUNT, "owner", "worker")
    rows = [{"colour": colour, "watts": 5} for colour in ("red", "blue")]
    async with probe.api.unit_of_work(fitter) as uow:
        uow.create(Lamp(colour="green", watts=5), LampAction.INSTALL)
        await uow.create_all(
            Lamp, LampAction.INSTALL, rows, details=lambda lamp: {"actor": owner} if lamp.colour == "red" else {}
        )
        assert {(event.colour, event.actor.id) for event in uow.events if isinstance(event, LampInstalledV1)} == {
            ("green", "fitter"), ("red", "owner"), ("blue", "fitter"),
        }  # fmt: skip
    async with probe.worker.engine.connect() as connection:
        (first, *_) = await connection.scalars(text("SELECT envelope FROM outbox ORDER BY id"))
    assert json.loads(first)["data"]["actor"] == {
        "kind": "account", "id": "fitter", "role": "officer", "person_id": str(fitter.person_id),
    }  # fmt: skip


async def test_nothing_changes_without_somebody_who_acts(probe: ServiceDatabase) -> None:
    nobody = Database(probe.api.url, settings=probe.api.settings, pool_size=1)
    with pytest.raises(ActorMissing, match=r"lamp\.installed"):
        async with nobody.unit_of_work() as uow:
            await install(uow, "red")
    await nobody.close()
    assert await outbox(probe) == []


async def test_an_event_takes_exactly_the_details_of_its_edge(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
        for details in ({}, {"reason_code": "old", "more": 1}):
            with pytest.raises(TypeError, match="reason_code"):
                uow.move(lamp, LampAction.BREAK, **details)
            await uow.session.refresh(lamp)
        uow.move(lamp, LampAction.BREAK, reason_code="old")
        assert isinstance(uow.events[-1], LampBrokenV1)
        assert uow.events[-1].reason_code == "old"


async def test_an_exception_rolls_everything_back(probe: ServiceDatabase) -> None:
    with pytest.raises(RuntimeError, match="midway"):
        async with probe.api.unit_of_work() as uow:
            await install(uow, "red")
            await uow.session.flush()
            raise RuntimeError("midway")
    assert await outbox(probe) == []


async def test_move_all_moves_what_may_move_and_reports_the_rest(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        red, blue, green = await install(uow, "red", "blue", "green")
        uow.move(blue, LampAction.BREAK, reason_code="old")
    async with probe.api.unit_of_work() as uow:
        moves = await uow.move_all(Lamp, LampAction.SWITCH_ON, [red.id, blue.id, green.id], values={"watts": 7})
        assert [(row.id, row.version, row.watts) for row in moves] == [(red.id, 2, 7), (green.id, 2, 7)]
        assert moves.missed == [blue.id]


async def test_move_all_sets_columns_row_by_row(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        red, blue = await install(uow, "red", "blue")
    async with probe.api.unit_of_work() as uow:
        each = {red.id: {"watts": 1, "colour": "pink"}, blue.id: {"watts": 2, "colour": "cyan"}}
        moves = await uow.move_all(Lamp, LampAction.SWITCH_ON, [red.id, blue.id], each=each)
    assert {row.colour: row.watts for row in moves} == {"pink": 1, "cyan": 2}


async def test_more_rows_than_a_statement_has_arguments_for_move_too(probe: ServiceDatabase) -> None:
    """An officer publishes a list of 10,000: three columns of each, and its id, are more than 32,767 arguments."""
    async with probe.api.unit_of_work() as uow:
        lamps = await uow.create_all(Lamp, LampAction.INSTALL, [{"colour": str(number)} for number in range(11_000)])
        each = {lamp.id: {"colour": f"colour {lamp.colour}", "watts": 1} for lamp in lamps}
        moves = await uow.move_all(Lamp, LampAction.SWITCH_ON, each, each=each)
        assert (len(moves), moves.missed) == (11_000, [])
        assert [row.id for row in moves] == sorted(each)
        assert {row.colour for row in moves} == {said["colour"] for said in each.values()}


async def test_both_writers_see_one_version(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
        uow.move(lamp, LampAction.SWITCH_ON)
        await uow.move_all(Lamp, LampAction.SWITCH_OFF, [lamp.id])
        assert lamp.version == 3
        uow.move(lamp, LampAction.SWITCH_ON)
    assert [version for _, version in await outbox(probe)] == [1, 2, 3, 4]


async def test_a_hold_blocks_both_writers_where_the_edge_says_so(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
        await uow.move_all(Lamp, LampAction.HOLD, [lamp.id], values={"open_holds": Lamp.open_holds + 1})
    async with probe.api.unit_of_work() as uow:
        assert (await uow.move_all(Lamp, LampAction.SWITCH_ON, [lamp.id])).missed == [lamp.id]
        locked = await uow.lock_rows(Lamp, [lamp.id], against="a second switch")
        with pytest.raises(Held):
            uow.move(locked[lamp.id], LampAction.SWITCH_ON)
        moves = await uow.move_all(Lamp, LampAction.BREAK, [lamp.id], details=lambda _: {"reason_code": "old"})
        assert len(moves) == 1


async def test_what_is_not_in_the_table_is_refused(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
        with pytest.raises(WrongState):
            uow.move(lamp, LampAction.SWITCH_OFF)


async def test_a_row_that_somebody_else_changed_is_not_written_over(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
    with pytest.raises(Exception, match="expected to update 1 row") as raised:
        async with probe.api.unit_of_work() as uow:
            stale = await uow.session.get_one(Lamp, lamp.id)
            async with probe.api.unit_of_work() as other:
                await other.move_all(Lamp, LampAction.SWITCH_ON, [lamp.id])
            uow.move(stale, LampAction.SWITCH_ON)
    assert isinstance(refusal_of(raised.value), Busy)


async def test_new_rows_that_conflict_are_left_out(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        await install(uow, "red")
    async with probe.api.unit_of_work() as uow:
        rows = [{"colour": "red", "watts": 1}, {"colour": "blue", "watts": 1}]
        created = await uow.create_all(Lamp, LampAction.INSTALL, rows, skip_conflicts=True)
    assert [lamp.colour for lamp in created] == ["blue"]


async def test_a_violated_constraint_is_its_named_refusal(probe: ServiceDatabase) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with probe.api.unit_of_work() as uow:
            await install(uow, "red", watts=101)
    assert isinstance(refusal_of(raised.value), TooBright)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE lamps SET status = 'lit'",
        "UPDATE lamps SET status = 'broken', version = version + 2",
        "UPDATE lamps SET version = version - 1",
        "INSERT INTO lamps (id, status, version, colour, watts, created_at) "
        "VALUES (gen_random_uuid(), 'lit', 1, 'black', 1, now())",
    ],
)
async def test_the_database_refuses_a_life_that_the_table_does_not_have(probe: ServiceDatabase, attack: str) -> None:
    async with probe.api.unit_of_work() as uow:
        await install(uow, "red")
    with pytest.raises(DBAPIError, match="lamps"):
        async with probe.owner.engine.begin() as connection:
            await connection.execute(text(attack))


async def test_business_time_moves_and_recorded_time_does_not(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as before:
        pass
    await probe.set_business_time(business_now() + timedelta(days=90))
    async with probe.api.unit_of_work() as uow:
        assert timedelta(days=89) < uow.now - before.now < timedelta(days=91)
        assert uow.recorded_at - before.recorded_at < timedelta(minutes=1)


async def test_services_only_read_the_business_clock(probe: ServiceDatabase) -> None:
    for role in (probe.api, probe.worker):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with role.engine.begin() as connection:
                await connection.execute(text("UPDATE business_clock SET \"offset\" = interval '1 day'"))


async def test_the_driver_is_handed_out_only_inside_the_transaction(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        driver = await uow.driver_connection()
        assert driver.is_in_transaction()
        await uow.session.commit()
        with pytest.raises(RuntimeError, match="no transaction"):
            await uow.driver_connection()


async def test_what_is_undone_leaves_neither_row_nor_event(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        uow.create(Lamp(colour="red", watts=5), LampAction.INSTALL)
        with pytest.raises(DBAPIError):
            async with uow.undone():
                uow.create(Lamp(colour="green", watts=5), LampAction.INSTALL)
                await uow.session.execute(text("SELECT 1 / 0"))
        async with uow.undone():
            assert [lamp.colour for lamp in await install(uow, "blue")] == ["blue"]
    assert [version for _, version in await outbox(probe)] == [1]
    async with probe.api.unit_of_work() as uow:
        assert list(await uow.session.scalars(text("SELECT colour FROM lamps"))) == ["red"]
