"""The end of a class: finishing, completion tests, verification."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from shared.contracts.training import (
    AttendanceRecordedV1,
    ClassFinishedV1,
    EnrolmentAttendanceFailedV1,
    EnrolmentCompletedV1,
    EnrolmentTestFailedV1,
)
from shared.kernel.clock import business_date
from tests.api_client import codes, done, refused
from tests.training.scenario import COMPETENCE, DAY_MINUTES, Scenario


async def test_a_class_finishes_when_its_last_session_is_over(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    path = f"/v1/classes/{course.id}/finishes"
    assert refused(await scenario.post(course.account, path)) == (409, "class_session_not_over")
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [enrolment]))
    assert refused(await scenario.test(course, {enrolment: 90})) == (409, "class_not_finished")
    await scenario.after(course, -1)
    await scenario.run_timers()
    assert refused(await scenario.test(course, {enrolment: 90})) == (409, "class_not_finished")
    assert done(await scenario.post(course.account, path))["status"] == "finished"
    assert done(await scenario.post(course.account, path))["status"] == "finished"
    assert len(await scenario.emitted(ClassFinishedV1)) == 1
    assert [event.attendance_count for event in await scenario.emitted(AttendanceRecordedV1)] == [1] + [0] * 7


async def test_tests_need_not_wait_for_the_clocks_turn(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    await scenario.attend_all(course, [enrolment])
    answer = done(await scenario.test(course, {enrolment: 60}))
    assert answer["results"][0]["result"]["status"] == "completed"
    assert len(await scenario.emitted(ClassFinishedV1)) == 1


async def test_four_fifths_of_the_time_are_needed_and_sixty_points(scenario: Scenario) -> None:
    course = await scenario.course()
    just, short, weak = await scenario.register(course, 3)
    needed = DAY_MINUTES * 8 * 80 // 100
    for session in range(8):
        await scenario.after(course, session)
        rows = [(weak, DAY_MINUTES)]
        if session < 6:
            rows += [(just, DAY_MINUTES), (short, DAY_MINUTES)]
        elif session == 6:
            rows += [(just, needed - 6 * DAY_MINUTES), (short, needed - 6 * DAY_MINUTES - 1)]
        path = f"/v1/class-sessions/{course.sessions[session]['id']}/rosters"
        begins_at = course.time(session, "starts_at")
        said = [
            {
                "enrolment_id": str(enrolment),
                "checked_in_at": begins_at.isoformat(),
                "checked_out_at": (begins_at + timedelta(minutes=minutes)).isoformat(),
            }
            for enrolment, minutes in rows
        ]
        assert set(codes(done(await scenario.post(course.account, path, {"rows": said})))) == {None}
    answer = done(await scenario.test(course, {just: 60, short: 100, weak: 59}))
    assert [row["result"]["status"] for row in answer["results"]] == ["completed", "failed_attendance", "failed_test"]
    (event,) = await scenario.emitted(EnrolmentCompletedV1)
    assert event.class_hours == needed // 45
    assert event.completed_on == await scenario.today()
    assert [event.id for event in await scenario.emitted(EnrolmentAttendanceFailedV1)] == [short]
    assert [event.id for event in await scenario.emitted(EnrolmentTestFailedV1)] == [weak]


async def test_a_result_is_entered_once(scenario: Scenario) -> None:
    course = await scenario.course()
    first, second = await scenario.register(course, 2)
    (requested,) = await scenario.enrol(course, scenario.holder())
    await scenario.attend_all(course, [first, second])
    path = f"/v1/classes/{course.id}/completion-tests"
    held = {"score": 80, "held_on": (await scenario.today()).isoformat()}
    rows = [{"enrolment_id": str(each), **held} for each in (first, first, requested, uuid4())]
    assert codes(done(await scenario.post(course.account, path, {"rows": rows}))) == [
        None, "enrolment_decided", "enrolment_not_attending", "enrolment_not_found",
    ]  # fmt: skip
    answers = await asyncio.gather(*(scenario.test(course, {second: score}) for score in (10, 90)))
    assert {codes(done(answer))[0] for answer in answers} == {"enrolment_decided", None}
    assert len(await scenario.rows("SELECT score FROM completion_tests")) == 2


async def test_scores_are_whole_points(scenario: Scenario) -> None:
    course = await scenario.course()
    await scenario.attend_all(course, await scenario.register(course, 1))
    path = f"/v1/classes/{course.id}/completion-tests"
    for score in (101, -1, 59.9, "60", None):
        body = {"rows": [{"enrolment_id": str(uuid4()), "score": score, "held_on": "2026-05-01"}]}
        assert codes(done(await scenario.post(course.account, path, body))) == ["validation_failed"]


async def test_verification_leaves_no_enrolment_undecided(scenario: Scenario) -> None:
    course = await scenario.course()
    tested, absent, untested = await scenario.register(course, 3)
    (requested,) = await scenario.enrol(course, scenario.holder())
    path = f"/v1/classes/{course.id}/verifications"
    assert refused(await scenario.post(scenario.officer, path)) == (409, "wrong_state")
    await scenario.attend_all(course, [tested, untested])
    done(await scenario.test(course, {tested: 90}))
    assert done(await scenario.post(scenario.officer, path))["status"] == "verified"
    assert [await scenario.status_of(enrolment) for enrolment in (tested, absent, untested, requested)] == [
        "completed", "failed_attendance", "failed_test", "withdrawn",
    ]  # fmt: skip


async def test_a_specific_competence_completes_under_its_own_hours(scenario: Scenario) -> None:
    account, trainer = await scenario.institution(), await scenario.person()
    first = await scenario.today() + timedelta(days=7)
    course = await scenario.course(account, trainer, **COMPETENCE, sessions=scenario.sessions(first, trainer, "A", 5))
    holder = scenario.holder()
    row = {"presence_code": await scenario.code(holder, account.institution, **COMPETENCE)}
    (answer,) = done(await scenario.present(course, [row]))["results"]
    enrolment = answer["result"]["id"]
    await scenario.receive(scenario.bound(course, holder, enrolment))
    await scenario.attend_all(course, [enrolment], 5)
    assert done(await scenario.test(course, {enrolment: 100}))["results"][0]["result"]["status"] == "completed"
    assert (await scenario.emitted(EnrolmentCompletedV1))[0].class_hours == 40


async def test_the_voucher_of_a_failed_training_is_presented_to_another_class_and_of_a_completed_one_never(
    scenario: Scenario,
) -> None:
    course = await scenario.course()
    enrolments = await scenario.register(course, 2)
    await scenario.run_timers()
    await scenario.attend_all(course, enrolments)
    await scenario.run_timers()
    done(await scenario.test(course, dict(zip(enrolments, (40, 90), strict=True))))
    another = await scenario.course(course.account, course.trainer)
    rows = [{"presence_code": await scenario.code(holder, course.account.institution)} for holder in course.holders]
    assert codes(done(await scenario.present(another, rows))) == [None, "voucher_already_presented"]


async def test_a_test_that_is_typed_late_keeps_its_day(scenario: Scenario) -> None:
    """Completed on the day of the test: not before the last session, not after today (R17)."""
    course = await scenario.course()
    early, late, future = await scenario.register(course, 3)
    await scenario.attend_all(course, [early, late, future])
    ended_on = business_date(course.time(-1, "ends_at"))
    await scenario.database.set_business_time(course.time(-1, "ends_at") + timedelta(days=9))
    today = await scenario.today()
    for enrolment, held_on, code in (
        (early, ended_on - timedelta(days=1), "tested_before_the_end"),
        (future, today + timedelta(days=1), "day_not_yet"),
        (late, ended_on + timedelta(days=2), None),
    ):
        assert codes(done(await scenario.test(course, {enrolment: 90}, held_on))) == [code]
    (completed,) = await scenario.emitted(EnrolmentCompletedV1)
    assert (completed.id, completed.completed_on) == (late, ended_on + timedelta(days=2))
