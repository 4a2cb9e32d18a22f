"""What happens around the commit: errors that come only then, a server that freezes, several versions at once."""

import asyncio
import os
import signal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.errors import Conflict
from shared.persistence import Busy, database, map_constraint, refusal_of
from shared.persistence.database import Database
from shared.persistence.refusals import DatabaseUnreachable
from shared.persistence.unit_of_work import EventTooLarge
from tests.databases import TESTER, ServiceDatabase
from tests.probe import Lamp, LampAction, install
from tests.shared.persistence.test_unit_of_work import outbox

DEFERRED_RULE = (
    """
    CREATE FUNCTION too_late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.watts = 13 THEN
            RAISE EXCEPTION 'not this number' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_lamps_unlucky';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER too_late AFTER INSERT ON lamps DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION too_late()
    """,
)


class Unlucky(Conflict):
    """A rule that is looked at only at the commit."""

    code = "probe_unlucky"
    zh, en = "不吉利", "Not this number."


map_constraint("ck_lamps_unlucky", Unlucky)


async def test_a_refusal_at_the_commit_is_named_and_the_connection_stays_good(probe: ServiceDatabase) -> None:
    async with probe.owner.engine.begin() as connection:
        for statement in DEFERRED_RULE:
            await connection.execute(text(statement))
    one_connection = Database(probe.api.url, settings=probe.api.settings, pool_size=1, actor=TESTER)
    woken: list[str] = []
    one_connection.after_events(lambda: woken.append("woken"))
    with pytest.raises(Exception, match="not this number") as raised:
        async with one_connection.unit_of_work() as uow:
            await install(uow, "red", watts=13)
    assert isinstance(refusal_of(raised.value), Unlucky)
    assert (woken, await outbox(probe)) == ([], [])
    async with one_connection.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
    assert (woken, await outbox(probe)) == (["woken"], [(str(lamp.id), 1)])
    await one_connection.close()


async def test_business_time_is_recorded_time_and_the_offset(probe: ServiceDatabase) -> None:
    """One reading: two would lie some microseconds apart."""
    ahead = set()
    for _ in range(20):
        async with probe.api.unit_of_work() as uow:
            ahead.add(uow.now - uow.recorded_at)
    async with probe.owner.engine.connect() as connection:
        assert ahead == {await connection.scalar(text('SELECT "offset" FROM business_clock'))}


async def test_rows_move_by_either_writer_in_turn(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
    async with probe.api.unit_of_work() as uow:
        rows = await uow.lock_rows(Lamp, [lamp.id], against="another hand")
        uow.move(rows[lamp.id], LampAction.SWITCH_ON)
        await uow.move_all(Lamp, LampAction.SWITCH_OFF, [lamp.id])
        each = {lamp.id: {"watts": 7}}
        await uow.move_all(Lamp, LampAction.SWITCH_ON, [lamp.id], each=each)
        uow.move(rows[lamp.id], LampAction.BREAK, reason_code="old")
    assert await outbox(probe) == [(str(lamp.id), version) for version in range(1, 6)]
    async with probe.api.unit_of_work() as uow:
        kept = await uow.session.get_one(Lamp, lamp.id)
        assert (kept.status, kept.version, kept.watts) == ("broken", 5, 7)


async def test_two_moves_of_one_row_without_a_write_between_are_refused_at_once(probe: ServiceDatabase) -> None:
    """One UPDATE would write them, and the first edge would never have been in the database."""
    async with probe.api.unit_of_work() as uow:
        (lamp,) = await install(uow, "red")
        uow.move(lamp, LampAction.SWITCH_ON)
        with pytest.raises(RuntimeError, match="flush"):
            uow.move(lamp, LampAction.SWITCH_OFF)
        await uow.session.flush()
        uow.move(lamp, LampAction.SWITCH_OFF)
    with pytest.raises(RuntimeError, match="flush"):
        async with probe.api.unit_of_work() as uow:
            blue = uow.create(Lamp(colour="blue", watts=1), LampAction.INSTALL)
            uow.move(blue, LampAction.SWITCH_ON)
    assert await outbox(probe) == [(str(lamp.id), version) for version in range(1, 4)]


async def test_an_event_that_no_relay_could_carry_is_refused_where_it_is_made(probe: ServiceDatabase) -> None:
    """In the outbox it would stop its partition, and in the end all of them, for ever."""
    with pytest.raises(EventTooLarge):
        async with probe.api.unit_of_work() as uow:
            (lamp,) = await install(uow, "red")
            uow.move(lamp, LampAction.BREAK, reason_code="红" * 100_000)
    assert await outbox(probe) == []


async def test_a_server_that_freezes_is_given_up(probe: ServiceDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement_timeout fires in a process that does not run; without a limit of ours a worker waits for ever."""
    monkeypatch.setattr(database, "ANSWER_TIMEOUT_S", 0.5)
    impatient = Database(probe.api.url, settings=probe.api.settings, pool_size=1, actor=TESTER)
    frozen = 0
    try:
        async with asyncio.timeout(20):
            with pytest.raises((DBAPIError, TimeoutError)) as raised:
                async with impatient.unit_of_work() as uow:
                    frozen = (await uow.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                    os.kill(frozen, signal.SIGSTOP)
                    await install(uow, "red")
            assert isinstance(refusal_of(raised.value), DatabaseUnreachable)
            async with impatient.unit_of_work() as uow:
                await install(uow, "blue")
    finally:
        os.kill(frozen, signal.SIGCONT)
        await impatient.close()
    assert len(await outbox(probe)) == 1


async def test_moves_that_lock_each_other_out_are_busy_not_broken(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        red, blue = await install(uow, "red", "blue")

    async def move(first: Lamp, second: Lamp) -> None:
        async with probe.api.unit_of_work() as uow:
            for lamp in (first, second):
                await uow.move_all(Lamp, LampAction.SWITCH_ON, [lamp.id])
                await asyncio.sleep(0.2)

    outcomes = await asyncio.gather(move(red, blue), move(blue, red), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(refusal_of(failure)) for failure in failures] == [Busy]
    assert len(await outbox(probe)) == 4
