"""Rosters, closing by roster, institution and clock, corrections and make-ups."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.training.attendance.domain import Standing, attendance_digest
from services.training.class_sessions.domain import Interval
from shared.contracts.training import AttendanceRecordedV1
from tests.training.town import DAY_MINUTES, Course, Town, codes, done, refused


async def correct(town: Town, course: Course, session: int, *rows: dict[str, Any]) -> httpx.Response:
    """An officer's corrections of a session."""
    path = f"/v1/class-sessions/{course.sessions[session]['id']}/corrections"
    said = [{"kind": "correction", "reason_code": "device_error", **row} for row in rows]
    return await town.door.post(town.officer, path, {"rows": said})


def times(course: Course, session: int, minutes: int = DAY_MINUTES) -> dict[str, str]:
    """From a session's begin on."""
    begins_at = course.time(session, "starts_at")
    ends_at = begins_at + timedelta(minutes=minutes)
    return {"checked_in_at": begins_at.isoformat(), "checked_out_at": ends_at.isoformat()}


async def state(town: Town, course: Course, session: int) -> dict[str, Any]:
    """A session as its institution sees it."""
    document: dict[str, Any] = done(
        await town.door.get(course.account, f"/v1/class-sessions/{course.sessions[session]['id']}"), 200
    )
    return document


async def test_a_roster_closes_its_session_with_one_event_of_count_and_digest(town: Town) -> None:
    course = await town.course()
    ids = await town.register(course, 3)
    await town.after(course, 0)
    answer = await town.roster(course, 0, ids, minutes=300)
    assert [one["result"]["minutes"] for one in done(answer, 200)["results"]] == [300] * 3
    (event,) = await town.told("attendance.recorded")
    assert isinstance(event, AttendanceRecordedV1)
    rows = await town.rows("SELECT * FROM standing_attendance")
    standing = [
        Standing(
            row.attendance_id, row.class_session_id, row.enrolment_id, row.person_id,
            Interval(row.checked_in_at, row.checked_out_at), row.minutes, row.kind,
        )
        for row in rows
    ]  # fmt: skip
    assert (event.attendance_count, event.attendance_digest) == (3, attendance_digest(standing))
    closed = await state(town, course, 0)
    assert (closed["status"], closed["attendance_digest"]) == ("closed", event.attendance_digest)
    assert {await town.status_of(one) for one in ids} == {"attending"}
    refused(await town.roster(course, 0, ids), 409, "class_session_not_open")
    assert len(await town.told("attendance.recorded")) == 1


async def test_a_roster_answers_row_by_row_and_stays_open_for_what_was_refused(town: Town) -> None:
    course, other = await town.course(), await town.course()
    one, two, three = await town.register(course, 3)
    (requested,) = await town.enrol(course, town.holder())
    (elsewhere,) = await town.register(other, 1)
    await town.after(course, 0)
    early = {**times(course, 0), "checked_in_at": (course.time(0, "starts_at") - timedelta(minutes=31)).isoformat()}
    late = {**times(course, 0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=31)).isoformat()}
    future = {**times(course, 0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=20)).isoformat()}
    said = [
        (one, times(course, 0)), (one, times(course, 0)), (two, early), (two, late), (two, future),
        (requested, times(course, 0)), (elsewhere, times(course, 0)), (uuid4(), times(course, 0)),
    ]  # fmt: skip
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/rosters"
    rows = [{"enrolment_id": str(enrolment), **when} for enrolment, when in said]
    assert codes(await town.door.post(course.account, path, {"rows": rows})) == [
        "ok", "attendance_recorded_already", "attendance_outside_session", "attendance_outside_session",
        "attendance_in_future", "enrolment_not_attending", "enrolment_not_found", "enrolment_not_found",
    ]  # fmt: skip
    assert (await state(town, course, 0))["status"] == "open"
    await town.tick()
    assert codes(await town.roster(course, 0, [two, three])) == ["ok", "ok"]
    assert (await state(town, course, 0))["attendance_count"] == 3


async def test_a_roster_comes_after_the_session_and_before_its_deadline(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    await town.database.set_business_time(course.time(0, "ends_at") - timedelta(minutes=1))
    refused(await town.roster(course, 0, [one]), 409, "class_session_not_over")
    await town.database.set_business_time(course.time(0, "ends_at") + timedelta(days=15, seconds=30))
    answer = await town.roster(course, 0, [one])
    assert answer.json()["code"] in {"class_session_over", "class_session_not_open"}


async def test_the_institution_closes_an_empty_session(town: Town) -> None:
    course = await town.course()
    await town.after(course, 0)
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/closings"
    closed = done(await town.door.post(course.account, path))
    assert (closed["status"], closed["attendance_count"]) == ("closed", 0)
    refused(await town.door.post(course.account, path), 409, "wrong_state")
    refused(
        await town.door.post(course.account, f"/v1/class-sessions/{course.sessions[1]['id']}/closings"),
        409,
        "class_session_not_over",
    )


async def test_the_clock_closes_what_waited_for_a_roster_in_vain(town: Town) -> None:
    course = await town.course()
    await town.after(course, 0)
    await town.tick()
    assert (await state(town, course, 0))["status"] == "planned"
    await town.database.set_business_time(course.time(0, "ends_at") + timedelta(days=15))
    await town.tick()
    assert (await state(town, course, 0))["status"] == "closed"
    (event,) = await town.told("attendance.recorded")
    assert event.attendance_count == 0  # type: ignore[attr-defined]  # of its class


async def test_nobody_is_in_two_places_at_once(town: Town) -> None:
    """Two classes cannot have one person on one day, so the neighbouring session of the same class is tried."""
    account, trainer = await town.institution(), await town.person()
    days = town.sessions(await town.today() + timedelta(days=7), trainer, "A")
    noon = datetime.fromisoformat(days[0]["ends_at"])
    extra = {**days[0], "starts_at": noon.isoformat(), "ends_at": (noon + timedelta(hours=1)).isoformat()}
    course = await town.course(account, trainer, sessions=[days[0], extra, *days[1:]])
    (one,) = await town.register(course, 1)
    await town.after(course, 1)
    stays_on = {**times(course, 0), "checked_out_at": (course.time(0, "ends_at") + timedelta(minutes=20)).isoformat()}
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/rosters"
    assert codes(await town.door.post(account, path, {"rows": [{"enrolment_id": str(one), **stays_on}]})) == ["ok"]
    assert codes(await town.roster(course, 1, [one], minutes=60)) == ["attendance_overlaps"]


async def test_a_correction_supersedes_and_is_told_once(town: Town) -> None:
    course = await town.course()
    one, two = await town.register(course, 2)
    await town.after(course, 0)
    done(await town.roster(course, 0, [one]), 200)
    shorter = {"enrolment_id": str(one), **times(course, 0, 100)}
    answer = await correct(town, course, 0, shorter, shorter, {"enrolment_id": str(two), **times(course, 0)})
    assert codes(answer) == ["ok", "attendance_recorded_already", "attendance_nothing_to_correct"]
    (event,) = await town.told("attendance.corrected")
    assert (event.version, event.attendance_count) == (4, 1)  # type: ignore[attr-defined]  # of its class
    (standing,) = await town.rows("SELECT minutes, kind FROM standing_attendance")
    assert (standing.minutes, standing.kind) == (100, "correction")
    history = await town.rows("SELECT kind, supersedes, entered_by FROM attendance ORDER BY id")
    assert [row.kind for row in history] == ["roster", "correction"]
    assert history[1].entered_by == town.officer.person
    assert (await state(town, course, 0))["attendance_digest"] == event.attendance_digest  # type: ignore[attr-defined]  # of its class


async def test_a_record_is_voided_and_made_up_again(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    await town.after(course, 0)
    done(await town.roster(course, 0, [one]), 200)
    assert codes(await correct(town, course, 0, {"enrolment_id": str(one)})) == ["ok"]
    assert await town.rows("SELECT * FROM standing_attendance") == []
    assert (await state(town, course, 0))["attendance_count"] == 0
    again = {"enrolment_id": str(one), **times(course, 0)}
    assert codes(await correct(town, course, 0, again)) == ["attendance_nothing_to_correct"]
    make_up = {**again, **times(course, 0, 100), "kind": "make_up", "reason_code": "forgot"}
    assert codes(await correct(town, course, 0, make_up)) == ["ok"]
    (standing,) = await town.rows("SELECT minutes, kind FROM standing_attendance")
    assert (standing.minutes, standing.kind) == (100, "make_up")


async def test_make_ups_fill_a_tenth_of_the_hours(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    for session in (0, 1):
        await town.after(course, session)
        done(await town.door.post(course.account, f"/v1/class-sessions/{course.sessions[session]['id']}/closings"))
    tenth = DAY_MINUTES * 8 // 10
    forgot = {"enrolment_id": str(one), "kind": "make_up", "reason_code": "forgot"}
    assert codes(await correct(town, course, 0, {**forgot, **times(course, 0, tenth + 1)})) == ["make_ups_exhausted"]
    assert codes(await correct(town, course, 0, {**forgot, **times(course, 0, tenth)})) == ["ok"]
    assert codes(await correct(town, course, 1, {**forgot, **times(course, 1, 1)})) == ["make_ups_exhausted"]
    assert await town.status_of(one) == "attending"
    assert codes(await correct(town, course, 0, {**forgot, **times(course, 0, 1)})) == ["attendance_recorded_already"]
    assert codes(await correct(town, course, 1, forgot)) == ["correction_times_invalid"]


async def test_corrections_are_an_officers_of_closed_sessions_until_the_class_is_verified(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    row = {"enrolment_id": str(one), **times(course, 0)}
    refused(await correct(town, course, 0, row), 409, "class_session_not_closed")
    await town.attend_all(course, [one])
    done(await town.door.post(course.account, f"/v1/classes/{course.id}/finishes"))
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/corrections"
    body = {"rows": [{**row, "kind": "correction", "reason_code": "device_error"}]}
    refused(await town.door.post(course.account, path, body), 403, "role_not_allowed")
    refused(await town.door.post(town.foreign_officer, path, body), 404, "class_session_not_found")
    done(await town.test(course, {one: 90}), 200)
    assert codes(await correct(town, course, 0, row)) == ["enrolment_not_attending"]
    done(await town.door.post(town.officer, f"/v1/classes/{course.id}/verifications"))
    refused(await correct(town, course, 0, row), 409, "class_verified")


async def test_a_failed_correction_leaves_the_record_standing_for_its_neighbours(town: Town) -> None:
    course = await town.course()
    one, two = await town.register(course, 2)
    await town.after(course, 0)
    done(await town.roster(course, 0, [one, two]), 200)
    backwards = {"enrolment_id": str(one), **times(course, 0), "checked_out_at": times(course, 0)["checked_in_at"]}
    half = {"enrolment_id": str(two), "checked_in_at": times(course, 0)["checked_in_at"]}
    assert codes(await correct(town, course, 0, backwards, half)) == [
        "attendance_outside_session", "correction_times_invalid",
    ]  # fmt: skip
    assert await town.told("attendance.corrected") == []
    assert (await state(town, course, 0))["attendance_count"] == 2


async def test_a_person_sees_what_his_attendance_comes_to(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    await town.after(course, 0)
    done(await town.roster(course, 0, [one], minutes=350), 200)
    sheet = done(await town.door.get(course.holders[0].account, f"/v1/enrolments/{one}/attendance"), 200)
    assert (sheet["counted_minutes"], sheet["planned_minutes"], sheet["class_hours"]) == (350, 2880, 7)
    assert sheet["enough"] is False
    assert [record["minutes"] for record in sheet["records"]] == [350]
    seen = done(await town.door.get(course.account, f"/v1/class-sessions/{course.sessions[0]['id']}/attendance"), 200)
    assert [UUID(record["enrolment_id"]) for record in seen] == [one]


async def test_two_rosters_at_once_close_a_session_once(town: Town) -> None:
    course = await town.course()
    ids = await town.register(course, 4)
    await town.after(course, 0)
    answers = await asyncio.gather(*(town.roster(course, 0, ids) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await town.told("attendance.recorded")) == 1
    assert len(await town.rows("SELECT id FROM attendance")) == 4
