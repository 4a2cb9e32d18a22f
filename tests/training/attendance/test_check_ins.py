"""The worker's own check-in and check-out with the rotating code of a session; server time, once a person."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.training.attendance.domain import CODE_STEP_S
from shared.contracts.training import AttendanceRecordedV1, ClassSessionOpenedV1, ClassStartedV1
from tests.api_client import done, refused
from tests.training.scenario import Course, Holder, Scenario


def path(course: Course, what: str, session: int = 0) -> str:
    """A route of a session."""
    return f"/v1/class-sessions/{course.sessions[session]['id']}/{what}"


async def begin_of_a_step(scenario: Scenario) -> None:
    """Wait, if the present code is about to change, so that a test sees one step only."""
    (row,) = await scenario.rows("SELECT extract(epoch FROM clock_timestamp())::float8 AS at")
    if row.at % CODE_STEP_S > CODE_STEP_S - 6:
        await asyncio.sleep(CODE_STEP_S - row.at % CODE_STEP_S)


async def opened(scenario: Scenario, count: int = 1) -> Course:
    """A class whose first session is open, ten minutes in, with registered holders."""
    course = await scenario.course()
    await scenario.register(course, count)
    await scenario.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=10))
    done(await scenario.post(course.account, path(course, "openings")))
    await begin_of_a_step(scenario)
    return course


async def come(scenario: Scenario, course: Course, holder: Holder, digits: str) -> httpx.Response:
    """Check in."""
    return await scenario.post(holder.account, path(course, "check-ins"), {"code": digits})


async def go(scenario: Scenario, course: Course, holder: Holder, digits: str) -> httpx.Response:
    """Check out."""
    return await scenario.post(holder.account, path(course, "check-outs"), {"code": digits})


async def test_the_first_opening_begins_the_class(scenario: Scenario) -> None:
    course = await opened(scenario)
    assert len(await scenario.emitted(ClassStartedV1)) == 1
    assert len(await scenario.emitted(ClassSessionOpenedV1)) == 1
    assert refused(await scenario.post(course.account, path(course, "openings"))) == (409, "wrong_state")
    assert refused(await scenario.post(course.account, path(course, "openings", 1))) == (409, "class_session_too_early")


async def test_a_session_is_opened_in_its_time(scenario: Scenario) -> None:
    course = await scenario.course()
    starts_at = course.time(0, "starts_at")
    await scenario.database.set_business_time(starts_at - timedelta(minutes=31))
    assert refused(await scenario.post(course.account, path(course, "openings"))) == (409, "class_session_too_early")
    await scenario.after(course, 0)
    assert refused(await scenario.post(course.account, path(course, "openings"))) == (409, "class_session_over")


async def test_a_worker_comes_and_goes_by_the_servers_time(scenario: Scenario) -> None:
    course = await opened(scenario)
    (holder,), (enrolment,) = course.holders, course.enrolments
    shown = done(await scenario.post(course.account, path(course, "codes")))
    assert shown["code"] in {await scenario.session_code(course), await scenario.session_code(course, steps=1)}
    came = done(await come(scenario, course, holder, shown["code"]))
    assert came["checked_out_at"] is None
    assert refused(await go(scenario, course, holder, shown["code"])) == (409, "session_code_used")
    assert refused(await come(scenario, course, holder, await scenario.session_code(course, steps=1))) == (
        409,
        "checked_in_already",
    )
    await scenario.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=310))
    done(await go(scenario, course, holder, await scenario.session_code(course, steps=1)))
    assert refused(await go(scenario, course, holder, await scenario.session_code(course))) == (
        409,
        "attendance_recorded_already",
    )
    (row,) = await scenario.rows("SELECT kind, minutes, enrolment_id FROM standing_attendance")
    assert (row.kind, row.enrolment_id) == ("code", enrolment)
    assert 299 <= row.minutes <= 300
    await scenario.after(course, 0, minutes=29)
    assert await scenario.run_timers() == 0
    await scenario.after(course, 0, minutes=31)
    assert await scenario.run_timers() == 1
    (event,) = await scenario.emitted(AttendanceRecordedV1)
    assert event.attendance_count == 1
    assert await scenario.status_of(enrolment) == "attending"


async def test_wrong_and_old_codes_and_closed_doors(scenario: Scenario) -> None:
    course = await opened(scenario)
    (holder,) = course.holders
    good = await scenario.session_code(course)
    wrong = f"{(int(good) + 1) % 10**8:08d}"
    assert refused(await come(scenario, course, holder, wrong)) == (409, "session_code_invalid")
    assert refused(await come(scenario, course, holder, await scenario.session_code(course, steps=3))) == (
        409,
        "session_code_invalid",
    )
    assert refused(await come(scenario, course, holder, "ＡＢ")) == (409, "session_code_invalid")
    assert refused(await come(scenario, course, holder, "")) == (422, "validation_failed")
    assert refused(await go(scenario, course, holder, good)) == (409, "not_checked_in")
    later = await scenario.post(holder.account, path(course, "check-ins", 1), {"code": good})
    assert refused(later) == (409, "class_session_not_open")
    await scenario.after(course, 0)
    assert refused(await come(scenario, course, holder, await scenario.session_code(course))) == (
        409,
        "class_session_over",
    )


@pytest.mark.parametrize("who", ["stranger", "refused", "requested"])
async def test_only_registered_people_of_the_class_check_in(scenario: Scenario, who: str) -> None:
    course, holder = await scenario.course(), scenario.holder()
    if who != "stranger":
        (enrolment,) = await scenario.enrol(course, holder)
        if who == "refused":
            await scenario.receive(scenario.bind_refused(course, holder, enrolment, "voucher_held"))
    await scenario.database.set_business_time(course.time(0, "starts_at"))
    done(await scenario.post(course.account, path(course, "openings")))
    answer = await come(scenario, course, holder, await scenario.session_code(course))
    if who == "requested":
        assert refused(answer) == (409, "enrolment_not_attending")
    else:
        assert refused(answer) == (404, "class_session_not_found")


async def test_who_may_show_a_code(scenario: Scenario) -> None:
    course, other = await opened(scenario), await scenario.institution()
    assert refused(await scenario.post(other, path(course, "codes"))) == (404, "class_session_not_found")
    assert refused(await scenario.post(course.holders[0].account, path(course, "codes"))) == (403, "role_not_allowed")
    assert refused(await scenario.post(course.account, path(course, "codes", 1))) == (409, "class_session_not_open")


async def test_a_roster_beside_check_ins_takes_only_who_has_no_record(scenario: Scenario) -> None:
    course = await opened(scenario, 2)
    first, second = course.enrolments
    done(await come(scenario, course, course.holders[0], await scenario.session_code(course, steps=1)))
    await scenario.database.set_business_time(course.time(0, "starts_at") + timedelta(minutes=200))
    done(await go(scenario, course, course.holders[0], await scenario.session_code(course)))
    await scenario.after(course, 0)
    answer = done(await scenario.roster(course, 0, [first, second]))
    assert [row.get("error", {}).get("code") for row in answer["results"]] == ["attendance_recorded_already", None]


async def test_a_whole_room_comes_at_once(scenario: Scenario) -> None:
    course = await opened(scenario, 8)
    digits = await scenario.session_code(course)
    answers = await asyncio.gather(*(come(scenario, course, holder, digits) for holder in course.holders))
    assert {answer.status_code for answer in answers} == {200}
    twice = await asyncio.gather(*(come(scenario, course, course.holders[0], digits) for _ in range(3)))
    assert {answer.json()["code"] for answer in twice} == {"checked_in_already"}


async def test_a_session_does_not_close_around_a_check_out(scenario: Scenario) -> None:
    course = await opened(scenario, 6)
    first, second = await scenario.session_code(course, steps=1), await scenario.session_code(course)
    for holder in course.holders:
        done(await come(scenario, course, holder, first))
    await scenario.after(course, 0)
    leaving = [go(scenario, course, holder, second) for holder in course.holders]
    closing = scenario.post(course.account, path(course, "closings"))
    answers: list[Any] = await asyncio.gather(*leaving, closing)
    closed = done(answers.pop())
    assert closed["attendance_count"] == sum(answer.status_code == 200 for answer in answers)
    for answer in answers:
        if answer.status_code != 200:
            assert refused(answer) == (409, "class_session_not_open")
