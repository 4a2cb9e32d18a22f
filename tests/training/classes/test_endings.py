"""Classes that start, finish, are cancelled or stopped."""

from datetime import timedelta

from shared.contracts.training import ClassSessionDroppedV1, EnrolmentWithdrawnV1
from tests.api_client import done, refused
from tests.training.scenario import DAYS, Scenario


async def test_a_cancelled_class_gives_vouchers_seats_trainers_and_rooms_back(scenario: Scenario) -> None:
    course = await scenario.course(room="一号")
    (registered,) = await scenario.register(course, 1)
    (requested,) = await scenario.enrol(course, scenario.holder())
    path = f"/v1/classes/{course.id}/cancellations"
    assert done(await scenario.post(course.account, path, {"reason_code": "too_few"}))["status"] == "cancelled"
    assert {await scenario.status_of(enrolment) for enrolment in (registered, requested)} == {"withdrawn"}
    assert {event.reason_code for event in await scenario.emitted(EnrolmentWithdrawnV1)} == {"class_cancelled"}
    await scenario.course(course.account, trainer=course.trainer, room="一号")
    assert refused(await scenario.post(course.account, path, {"reason_code": "again"})) == (409, "wrong_state")


async def test_a_stopped_class_takes_no_voucher_from_anybody(scenario: Scenario) -> None:
    course = await scenario.course()
    attending, absent = await scenario.register(course, 2)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [attending]))
    assert await scenario.status_of(attending) == "attending"
    stopped = done(await scenario.post(scenario.officer, f"/v1/classes/{course.id}/stops", {"reason_code": "ghosts"}))
    assert stopped["status"] == "stopped"
    assert {await scenario.status_of(enrolment) for enrolment in (attending, absent)} == {"withdrawn"}
    assert len(await scenario.emitted(ClassSessionDroppedV1)) == DAYS - 1


async def test_the_clock_starts_and_finishes_a_class(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    assert await scenario.run_timers() == 0
    await scenario.database.set_business_time(course.time(0, "starts_at") - timedelta(seconds=5))
    assert await scenario.run_timers() == 0
    await scenario.database.set_business_time(course.time(0, "starts_at"))
    assert await scenario.run_timers() == 1
    await scenario.attend_all(course, [enrolment])
    assert await scenario.run_timers() == 1
    assert done(await scenario.get(course.account, f"/v1/classes/{course.id}"))["status"] == "finished"
