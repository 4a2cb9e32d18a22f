"""Rosters, and closing by roster, institution and clock."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.training.attendance.domain import StandingRecord, attendance_digest
from services.training.class_sessions.domain import Interval
from shared.contracts.training import AttendanceRecordedV1
from tests.api_client import codes, done, refused
from tests.training.scenario import Scenario


async def test_a_roster_closes_its_session_with_one_event_of_count_and_digest(scenario: Scenario) -> None:
    course = await scenario.course()
    ids = await scenario.register(course, 3)
    await scenario.after(course, 0)
    answer = await scenario.roster(course, 0, ids, minutes=300)
    assert [row["result"]["minutes"] for row in done(answer)["results"]] == [300] * 3
    (event,) = await scenario.emitted(AttendanceRecordedV1)
    rows = await scenario.rows("SELECT * FROM standing_attendance")
    standing = [
        StandingRecord(
            row.attendance_id, row.class_session_id, row.enrolment_id, row.person_id,
            Interval(row.checked_in_at, row.checked_out_at), row.minutes, row.kind,
        )
        for row in rows
    ]  # fmt: skip
    assert (event.attendance_count, event.attendance_digest) == (3, attendance_digest(standing))
    closed = await scenario.session(course, 0)
    assert (closed["status"], closed["attendance_digest"]) == ("closed", event.attendance_digest)
    assert {await scenario.status_of(enrolment) for enrolment in ids} == {"attending"}
    assert refused(await scenario.roster(course, 0, ids)) == (409, "class_session_not_open")
    assert len(await scenario.emitted(AttendanceRecordedV1)) == 1


async def test_a_roster_answers_row_by_row_and_stays_open_for_what_was_refused(scenario: Scenario) -> None:
    course, other = await scenario.course(), await scenario.course()
    first, second, third = await scenario.register(course, 3)
    (requested,) = await scenario.enrol(course, scenario.holder())
    (elsewhere,) = await scenario.register(other, 1)
    await scenario.after(course, 0)
    early = {**course.stay(0), "checked_in_at": (course.time(0, "starts_at") - timedelta(minutes=31)).isoformat()}
    late = {**course.stay(0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=31)).isoformat()}
    future = {**course.stay(0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=20)).isoformat()}
    said = [
        (first, course.stay(0)), (first, course.stay(0)), (second, early), (second, late), (second, future),
        (requested, course.stay(0)), (elsewhere, course.stay(0)), (uuid4(), course.stay(0)),
    ]  # fmt: skip
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/rosters"
    rows = [{"enrolment_id": str(enrolment), **when} for enrolment, when in said]
    assert codes(done(await scenario.post(course.account, path, {"rows": rows}))) == [
        None, "attendance_recorded_already", "attendance_outside_session", "attendance_outside_session",
        "attendance_in_future", "enrolment_not_attending", "enrolment_not_found", "enrolment_not_found",
    ]  # fmt: skip
    assert (await scenario.session(course, 0))["status"] == "open"
    await scenario.run_timers()
    assert codes(done(await scenario.roster(course, 0, [second, third]))) == [None, None]
    assert (await scenario.session(course, 0))["attendance_count"] == 3


async def test_a_roster_comes_after_the_session_and_before_its_deadline(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    await scenario.database.set_business_time(course.time(0, "ends_at") - timedelta(minutes=1))
    assert refused(await scenario.roster(course, 0, [enrolment])) == (409, "class_session_not_over")
    await scenario.database.set_business_time(course.time(0, "ends_at") + timedelta(days=15, seconds=30))
    answer = await scenario.roster(course, 0, [enrolment])
    assert answer.json()["code"] in {"class_session_over", "class_session_not_open"}


async def test_the_institution_closes_an_empty_session(scenario: Scenario) -> None:
    course = await scenario.course()
    await scenario.after(course, 0)
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/closings"
    closed = done(await scenario.post(course.account, path))
    assert (closed["status"], closed["attendance_count"]) == ("closed", 0)
    assert refused(await scenario.post(course.account, path)) == (409, "wrong_state")
    assert refused(await scenario.post(course.account, f"/v1/class-sessions/{course.sessions[1]['id']}/closings")) == (
        409,
        "class_session_not_over",
    )


async def test_the_clock_closes_what_waited_for_a_roster_in_vain(scenario: Scenario) -> None:
    course = await scenario.course()
    await scenario.after(course, 0)
    await scenario.run_timers()
    assert (await scenario.session(course, 0))["status"] == "planned"
    await scenario.database.set_business_time(course.time(0, "ends_at") + timedelta(days=15))
    await scenario.run_timers()
    assert (await scenario.session(course, 0))["status"] == "closed"
    (event,) = await scenario.emitted(AttendanceRecordedV1)
    assert event.attendance_count == 0


async def test_nobody_is_in_two_places_at_once(scenario: Scenario) -> None:
    """Two classes cannot have one person on one day, so the neighbouring session of the same class is tried."""
    account, trainer = await scenario.institution(), await scenario.person()
    days = scenario.sessions(await scenario.today() + timedelta(days=7), trainer, "A")
    noon = datetime.fromisoformat(days[0]["ends_at"])
    extra = {**days[0], "starts_at": noon.isoformat(), "ends_at": (noon + timedelta(hours=1)).isoformat()}
    course = await scenario.course(account, trainer, sessions=[days[0], extra, *days[1:]])
    (enrolment,) = await scenario.register(course, 1)
    await scenario.after(course, 1)
    stays_on = {**course.stay(0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=20)).isoformat()}
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/rosters"
    assert codes(
        done(await scenario.post(account, path, {"rows": [{"enrolment_id": str(enrolment), **stays_on}]}))
    ) == [None]
    assert codes(done(await scenario.roster(course, 1, [enrolment], minutes=60))) == ["attendance_overlaps"]


async def test_people_see_what_their_attendance_comes_to(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [enrolment], minutes=350))
    sheet = done(await scenario.get(course.holders[0].account, f"/v1/enrolments/{enrolment}/attendance"))
    assert (sheet["counted_minutes"], sheet["planned_minutes"], sheet["class_hours"]) == (350, 2880, 7)
    assert sheet["enough"] is False
    assert [record["minutes"] for record in sheet["records"]] == [350]
    seen = done(await scenario.get(course.account, f"/v1/class-sessions/{course.sessions[0]['id']}/attendance"))
    assert [UUID(record["enrolment_id"]) for record in seen["data"]] == [enrolment]


async def test_two_rosters_at_once_close_a_session_once(scenario: Scenario) -> None:
    course = await scenario.course()
    ids = await scenario.register(course, 4)
    await scenario.after(course, 0)
    answers = await asyncio.gather(*(scenario.roster(course, 0, ids) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await scenario.emitted(AttendanceRecordedV1)) == 1
    assert len(await scenario.rows("SELECT id FROM attendance")) == 4
