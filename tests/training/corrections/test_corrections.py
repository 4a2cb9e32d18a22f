"""Corrections of closed sessions, and make-ups."""

from typing import Any

import httpx

from shared.contracts.training import AttendanceCorrectedV1
from tests.api_client import codes, done, refused
from tests.training.scenario import DAY_MINUTES, Course, Scenario


async def correct(scenario: Scenario, course: Course, session: int, *rows: dict[str, Any]) -> httpx.Response:
    """An officer's corrections of a session."""
    path = f"/v1/class-sessions/{course.sessions[session]['id']}/corrections"
    said = [{"kind": "correction", "reason_code": "device_error", **row} for row in rows]
    return await scenario.post(scenario.officer, path, {"rows": said})


async def test_a_correction_supersedes_and_is_published_once(scenario: Scenario) -> None:
    course = await scenario.course()
    first, second = await scenario.register(course, 2)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [first]))
    shorter = {"enrolment_id": str(first), **course.stay(0, 100)}
    answer = await correct(scenario, course, 0, shorter, shorter, {"enrolment_id": str(second), **course.stay(0)})
    assert codes(done(answer)) == [None, "attendance_recorded_already", "attendance_nothing_to_correct"]
    (event,) = await scenario.emitted(AttendanceCorrectedV1)
    assert (event.version, event.attendance_count) == (4, 1)
    (standing,) = await scenario.rows("SELECT minutes, kind FROM standing_attendance")
    assert (standing.minutes, standing.kind) == (100, "correction")
    history = await scenario.rows("SELECT kind, supersedes, entered_by FROM attendance ORDER BY id")
    assert [row.kind for row in history] == ["roster", "correction"]
    assert history[1].entered_by == scenario.officer.person
    assert (await scenario.session(course, 0))["attendance_digest"] == event.attendance_digest


async def test_a_record_is_voided_and_made_up_again(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [enrolment]))
    assert codes(done(await correct(scenario, course, 0, {"enrolment_id": str(enrolment)}))) == [None]
    assert await scenario.rows("SELECT * FROM standing_attendance") == []
    assert (await scenario.session(course, 0))["attendance_count"] == 0
    again = {"enrolment_id": str(enrolment), **course.stay(0)}
    assert codes(done(await correct(scenario, course, 0, again))) == ["attendance_nothing_to_correct"]
    make_up = {**again, **course.stay(0, 100), "kind": "make_up", "reason_code": "forgot"}
    assert codes(done(await correct(scenario, course, 0, make_up))) == [None]
    (standing,) = await scenario.rows("SELECT minutes, kind FROM standing_attendance")
    assert (standing.minutes, standing.kind) == (100, "make_up")


async def test_make_ups_fill_a_tenth_of_the_hours(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    for session in (0, 1):
        await scenario.after(course, session)
        done(await scenario.post(course.account, f"/v1/class-sessions/{course.sessions[session]['id']}/closings"))
    tenth = DAY_MINUTES * 8 // 10
    forgot = {"enrolment_id": str(enrolment), "kind": "make_up", "reason_code": "forgot"}
    assert codes(done(await correct(scenario, course, 0, {**forgot, **course.stay(0, tenth + 1)}))) == [
        "make_ups_exhausted"
    ]
    assert codes(done(await correct(scenario, course, 0, {**forgot, **course.stay(0, tenth)}))) == [None]
    assert codes(done(await correct(scenario, course, 1, {**forgot, **course.stay(1, 1)}))) == ["make_ups_exhausted"]
    assert await scenario.status_of(enrolment) == "attending"
    assert codes(done(await correct(scenario, course, 0, {**forgot, **course.stay(0, 1)}))) == [
        "attendance_recorded_already"
    ]
    assert codes(done(await correct(scenario, course, 1, forgot))) == ["correction_times_invalid"]


async def test_corrections_are_an_officers_of_closed_sessions_until_the_class_is_verified(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    row = {"enrolment_id": str(enrolment), **course.stay(0)}
    assert refused(await correct(scenario, course, 0, row)) == (409, "class_session_not_closed")
    await scenario.attend_all(course, [enrolment])
    done(await scenario.post(course.account, f"/v1/classes/{course.id}/finishes"))
    path = f"/v1/class-sessions/{course.sessions[0]['id']}/corrections"
    body = {"rows": [{**row, "kind": "correction", "reason_code": "device_error"}]}
    assert refused(await scenario.post(course.account, path, body)) == (403, "role_not_allowed")
    assert refused(await scenario.post(scenario.foreign_officer, path, body)) == (404, "class_session_not_found")
    done(await scenario.test(course, {enrolment: 90}))
    assert codes(done(await correct(scenario, course, 0, row))) == ["enrolment_not_attending"]
    done(await scenario.post(scenario.officer, f"/v1/classes/{course.id}/verifications"))
    assert refused(await correct(scenario, course, 0, row)) == (409, "class_verified")


async def test_a_failed_correction_leaves_the_record_standing_for_its_neighbours(scenario: Scenario) -> None:
    course = await scenario.course()
    first, second = await scenario.register(course, 2)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [first, second]))
    backwards = {"enrolment_id": str(first), **course.stay(0), "checked_out_at": course.stay(0)["checked_in_at"]}
    half = {"enrolment_id": str(second), "checked_in_at": course.stay(0)["checked_in_at"]}
    assert codes(done(await correct(scenario, course, 0, backwards, half))) == [
        "attendance_outside_session", "correction_times_invalid",
    ]  # fmt: skip
    assert await scenario.emitted(AttendanceCorrectedV1) == []
    assert (await scenario.session(course, 0))["attendance_count"] == 2
