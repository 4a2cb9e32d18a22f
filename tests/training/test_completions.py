"""The end of a class: finishing, completion tests, verification."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from shared.contracts.training import EnrolmentCompletedV1
from tests.training.town import COMPETENCE, DAY_MINUTES, Town, codes, done, refused


async def test_a_class_finishes_when_its_last_session_is_over(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    path = f"/v1/classes/{course.id}/finishes"
    refused(await town.door.post(course.account, path), 409, "class_session_not_over")
    await town.after(course, 0)
    done(await town.roster(course, 0, [one]), 200)
    refused(await town.test(course, {one: 90}), 409, "class_not_finished")
    await town.after(course, -1)
    await town.tick()
    refused(await town.test(course, {one: 90}), 409, "class_not_finished")
    assert done(await town.door.post(course.account, path))["status"] == "finished"
    assert done(await town.door.post(course.account, path))["status"] == "finished"
    assert len(await town.told("class.finished")) == 1
    assert [event.attendance_count for event in await town.told("attendance.recorded")] == [1] + [0] * 7  # type: ignore[attr-defined]  # of its class


async def test_tests_need_not_wait_for_the_clocks_turn(town: Town) -> None:
    course = await town.course()
    (one,) = await town.register(course, 1)
    await town.attend_all(course, [one])
    answer = done(await town.test(course, {one: 60}), 200)
    assert answer["results"][0]["result"]["status"] == "completed"
    assert len(await town.told("class.finished")) == 1


async def test_four_fifths_of_the_time_are_needed_and_sixty_points(town: Town) -> None:
    course = await town.course()
    just, short, weak = await town.register(course, 3)
    needed = DAY_MINUTES * 8 * 80 // 100
    for session in range(8):
        await town.after(course, session)
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
        assert set(codes(await town.door.post(course.account, path, {"rows": said}))) == {"ok"}
    answer = done(await town.test(course, {just: 60, short: 100, weak: 59}), 200)
    assert [one["result"]["status"] for one in answer["results"]] == ["completed", "failed_attendance", "failed_test"]
    (event,) = await town.told("enrolment.completed")
    assert isinstance(event, EnrolmentCompletedV1)
    assert event.class_hours == needed // 45
    assert event.completed_on == await town.today()
    assert [one.id for one in await town.told("enrolment.attendance_failed")] == [short]
    assert [one.id for one in await town.told("enrolment.test_failed")] == [weak]


async def test_a_result_is_entered_once(town: Town) -> None:
    course = await town.course()
    one, two = await town.register(course, 2)
    (requested,) = await town.enrol(course, town.holder())
    await town.attend_all(course, [one, two])
    path = f"/v1/classes/{course.id}/completion-tests"
    rows = [{"enrolment_id": str(each), "score": 80} for each in (one, one, requested, uuid4())]
    assert codes(await town.door.post(course.account, path, {"rows": rows})) == [
        "ok", "enrolment_decided", "enrolment_not_attending", "enrolment_not_found",
    ]  # fmt: skip
    answers = await asyncio.gather(*(town.test(course, {two: score}) for score in (10, 90)))
    assert sorted(codes(answer)[0] for answer in answers) == ["enrolment_decided", "ok"]
    assert len(await town.rows("SELECT score FROM completion_tests")) == 2


async def test_scores_are_whole_points(town: Town) -> None:
    course = await town.course()
    await town.attend_all(course, await town.register(course, 1))
    path = f"/v1/classes/{course.id}/completion-tests"
    for score in (101, -1, 59.9, "60", None):
        body = {"rows": [{"enrolment_id": str(uuid4()), "score": score}]}
        assert codes(await town.door.post(course.account, path, body)) == ["validation_failed"]


async def test_verification_leaves_no_enrolment_undecided(town: Town) -> None:
    course = await town.course()
    tested, absent, untested = await town.register(course, 3)
    (requested,) = await town.enrol(course, town.holder())
    path = f"/v1/classes/{course.id}/verifications"
    refused(await town.door.post(town.officer, path), 409, "wrong_state")
    await town.attend_all(course, [tested, untested])
    done(await town.test(course, {tested: 90}), 200)
    assert done(await town.door.post(town.officer, path))["status"] == "verified"
    assert [await town.status_of(one) for one in (tested, absent, untested, requested)] == [
        "completed", "failed_attendance", "failed_test", "withdrawn",
    ]  # fmt: skip


async def test_a_specific_competence_completes_under_its_own_hours(town: Town) -> None:
    account, trainer = await town.institution(), await town.person()
    first = await town.today() + timedelta(days=7)
    course = await town.course(account, trainer, **COMPETENCE, sessions=town.sessions(first, trainer, "A", 5))
    holder = town.holder()
    row = {"presence_code": await town.code(holder, account.institution, **COMPETENCE)}
    (answer,) = done(await town.present(course, [row]), 200)["results"]
    enrolment = answer["result"]["id"]
    await town.hear(town.bound(course, holder, enrolment))
    await town.attend_all(course, [enrolment], 5)
    assert done(await town.test(course, {enrolment: 100}), 200)["results"][0]["result"]["status"] == "completed"
    assert (await town.told("enrolment.completed"))[0].class_hours == 40  # type: ignore[attr-defined]  # of its class
