"""The worker's own check-in and check-out with the rotating code of a session; server time, once a person."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.training.check_ins.domain import CODE_STEP_S, code_step, session_code
from tests.training.town import Course, Holder, Town, done, refused


def path(course: Course, what: str, session: int = 0) -> str:
    """A route of a session."""
    return f"/v1/class-sessions/{course.sessions[session]['id']}/{what}"


async def code(town: Town, course: Course, *, steps: int = 0) -> str:
    """The code of the present step, or of one `steps` before, as only the database's key makes it."""
    async with town.database.owner.engine.connect() as connection:
        wanted = text("SELECT code_key, clock_timestamp() AS at FROM class_sessions WHERE id = :id")
        row = (await connection.execute(wanted, {"id": UUID(course.sessions[0]["id"])})).one()
    return session_code(row.code_key, code_step(row.at) - steps)


async def begin_of_a_step(town: Town) -> None:
    """Wait, if the present code is about to change, so that a test sees one step only."""
    (row,) = await town.rows("SELECT extract(epoch FROM clock_timestamp())::float8 AS at")
    if row.at % CODE_STEP_S > CODE_STEP_S - 6:
        await asyncio.sleep(CODE_STEP_S - row.at % CODE_STEP_S)


async def opened(town: Town, count: int = 1) -> Course:
    """A class whose first session is open, ten minutes in, with registered holders."""
    course = await town.course()
    await town.register(course, count)
    await town.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=10))
    done(await town.door.post(course.account, path(course, "openings")))
    await begin_of_a_step(town)
    return course


async def come(town: Town, course: Course, holder: Holder, digits: str) -> httpx.Response:
    """Check in."""
    return await town.door.post(holder.account, path(course, "check-ins"), {"code": digits})


async def go(town: Town, course: Course, holder: Holder, digits: str) -> httpx.Response:
    """Check out."""
    return await town.door.post(holder.account, path(course, "check-outs"), {"code": digits})


async def test_the_first_opening_begins_the_class(town: Town) -> None:
    course = await opened(town)
    assert len(await town.told("class.started")) == 1
    assert len(await town.told("class_session.opened")) == 1
    refused(await town.door.post(course.account, path(course, "openings")), 409, "wrong_state")
    refused(await town.door.post(course.account, path(course, "openings", 1)), 409, "class_session_too_early")


async def test_a_session_is_opened_in_its_time(town: Town) -> None:
    course = await town.course()
    starts_at = course.time(0, "starts_at")
    await town.database.set_business_time(starts_at - timedelta(minutes=31))
    refused(await town.door.post(course.account, path(course, "openings")), 409, "class_session_too_early")
    await town.after(course, 0)
    refused(await town.door.post(course.account, path(course, "openings")), 409, "class_session_over")


async def test_a_worker_comes_and_goes_by_the_servers_time(town: Town) -> None:
    course = await opened(town)
    (holder,), (enrolment,) = course.holders, course.enrolments
    shown = done(await town.door.post(course.account, path(course, "codes")))
    assert shown["code"] in {await code(town, course), await code(town, course, steps=1)}
    came = done(await come(town, course, holder, shown["code"]))
    assert came["checked_out_at"] is None
    refused(await go(town, course, holder, shown["code"]), 409, "session_code_used")
    refused(await come(town, course, holder, await code(town, course, steps=1)), 409, "checked_in_already")
    await town.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=310))
    done(await go(town, course, holder, await code(town, course, steps=1)))
    refused(await go(town, course, holder, await code(town, course)), 409, "attendance_recorded_already")
    (row,) = await town.rows("SELECT kind, minutes, enrolment_id FROM standing_attendance")
    assert (row.kind, row.enrolment_id) == ("code", enrolment)
    assert 299 <= row.minutes <= 300
    await town.after(course, 0, minutes=29)
    assert await town.tick() == 0
    await town.after(course, 0, minutes=31)
    assert await town.tick() == 1
    (event,) = await town.told("attendance.recorded")
    assert event.attendance_count == 1  # type: ignore[attr-defined]  # of its class
    assert await town.status_of(enrolment) == "attending"


async def test_wrong_and_old_codes_and_closed_doors(town: Town) -> None:
    course = await opened(town)
    (holder,) = course.holders
    good = await code(town, course)
    wrong = f"{(int(good) + 1) % 10**8:08d}"
    refused(await come(town, course, holder, wrong), 409, "session_code_invalid")
    refused(await come(town, course, holder, await code(town, course, steps=3)), 409, "session_code_invalid")
    refused(await come(town, course, holder, "ＡＢ"), 409, "session_code_invalid")
    refused(await come(town, course, holder, ""), 422, "validation_failed")
    refused(await go(town, course, holder, good), 409, "not_checked_in")
    later = await town.door.post(holder.account, path(course, "check-ins", 1), {"code": good})
    refused(later, 409, "class_session_not_open")
    await town.after(course, 0)
    refused(await come(town, course, holder, await code(town, course)), 409, "class_session_over")


@pytest.mark.parametrize("who", ["stranger", "refused", "requested"])
async def test_only_registered_people_of_the_class_check_in(town: Town, who: str) -> None:
    course, holder = await town.course(), town.holder()
    if who != "stranger":
        (enrolment,) = await town.enrol(course, holder)
        if who == "refused":
            await town.hear(town.bind_refused(course, holder, enrolment, "voucher_held"))
    await town.database.set_business_time(course.time(0, "starts_at"))
    done(await town.door.post(course.account, path(course, "openings")))
    answer = await come(town, course, holder, await code(town, course))
    if who == "requested":
        refused(answer, 409, "enrolment_not_attending")
    else:
        refused(answer, 404, "class_session_not_found")


async def test_who_may_show_a_code(town: Town) -> None:
    course, other = await opened(town), await town.institution()
    refused(await town.door.post(other, path(course, "codes")), 404, "class_session_not_found")
    refused(await town.door.post(course.holders[0].account, path(course, "codes")), 403, "role_not_allowed")
    refused(await town.door.post(course.account, path(course, "codes", 1)), 409, "class_session_not_open")


async def test_a_roster_beside_check_ins_takes_only_who_has_no_record(town: Town) -> None:
    course = await opened(town, 2)
    first, second = course.enrolments
    done(await come(town, course, course.holders[0], await code(town, course, steps=1)))
    await town.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=200))
    done(await go(town, course, course.holders[0], await code(town, course)))
    await town.after(course, 0)
    answer = done(await town.roster(course, 0, [first, second]), 200)
    assert [one.get("error", {}).get("code") for one in answer["results"]] == ["attendance_recorded_already", None]


async def test_a_whole_room_comes_at_once(town: Town) -> None:
    course = await opened(town, 8)
    digits = await code(town, course)
    answers = await asyncio.gather(*(come(town, course, one, digits) for one in course.holders))
    assert {answer.status_code for answer in answers} == {201}
    twice = await asyncio.gather(*(come(town, course, course.holders[0], digits) for _ in range(3)))
    assert {answer.json()["code"] for answer in twice} == {"checked_in_already"}


async def test_a_session_does_not_close_around_a_check_out(town: Town) -> None:
    course = await opened(town, 6)
    first, second = await code(town, course, steps=1), await code(town, course)
    for one in course.holders:
        done(await come(town, course, one, first))
    await town.after(course, 0)
    leaving = [go(town, course, one, second) for one in course.holders]
    closing = town.door.post(course.account, path(course, "closings"))
    answers: list[Any] = await asyncio.gather(*leaving, closing)
    closed = done(answers.pop())
    assert closed["attendance_count"] == sum(answer.status_code == 201 for answer in answers)
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "class_session_not_open")
