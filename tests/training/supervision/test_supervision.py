"""Supervision: who may, and what a suspension and a removal do to those who have not begun."""

import asyncio

import pytest

from shared.contracts.training import ClassStartedV1, EnrolmentWithdrawnV1, InstitutionRemovedV1
from tests.api_client import codes, done, refused
from tests.training.scenario import Scenario


async def test_only_officers_of_the_area_supervise(scenario: Scenario) -> None:
    account = await scenario.institution()
    path = f"/v1/institutions/{account.institution}"
    for act in ("listings", "warnings", "suspensions", "reinstatements", "removals"):
        body = {} if act == "listings" else {"reason_code": "hours_cut"}
        assert refused(await scenario.post(scenario.foreign_officer, f"{path}/{act}", body)) == (
            404,
            "institution_not_found",
        )
        assert refused(await scenario.post(account, f"{path}/{act}", body)) == (403, "role_not_allowed")


async def test_warned_suspended_reinstated_removed(scenario: Scenario) -> None:
    account = await scenario.institution()
    path, body = f"/v1/institutions/{account.institution}", {"reason_code": "hours_cut"}
    for act, status in (
        ("warnings", "warned"),
        ("warnings", "warned"),
        ("suspensions", "suspended"),
        ("reinstatements", "listed"),
        ("suspensions", "suspended"),
        ("removals", "removed"),
    ):
        assert done(await scenario.post(scenario.officer, f"{path}/{act}", body))["status"] == status
    assert refused(await scenario.post(scenario.officer, f"{path}/reinstatements", body)) == (409, "wrong_state")
    assert done(await scenario.get(None, path))["reason_code"] == "hours_cut"
    (event,) = await scenario.emitted(InstitutionRemovedV1)
    assert (event.reason_code, event.actor.person_id) == ("hours_cut", scenario.officer.person)


@pytest.mark.parametrize(
    ("act", "reason", "of_begun"),
    [("suspensions", "institution_suspended", "attending"), ("removals", "institution_removed", "withdrawn")],
)
async def test_who_has_not_begun_is_withdrawn_and_at_a_removed_institution_everybody(
    scenario: Scenario, act: str, reason: str, of_begun: str
) -> None:
    account = await scenario.institution()
    running = await scenario.course(account)
    (begun,) = await scenario.register(running, 1)
    await scenario.after(running, 0)
    done(await scenario.roster(running, 0, [begun]))
    course = await scenario.course(account)
    (registered,) = await scenario.register(course, 1)
    (requested,) = await scenario.enrol(course, scenario.holder())
    path = f"/v1/institutions/{account.institution}/{act}"
    done(await scenario.post(scenario.officer, path, {"reason_code": "hours_cut"}))
    assert [await scenario.status_of(enrolment) for enrolment in (begun, registered, requested)] == [
        of_begun, "withdrawn", "withdrawn",
    ]  # fmt: skip
    withdrawn = await scenario.emitted(EnrolmentWithdrawnV1)
    assert {event.reason_code for event in withdrawn} == {reason}
    (seats,) = await scenario.rows("SELECT taken FROM class_seats WHERE class_id = :id", id=course.id)
    assert seats.taken == 0
    code = await scenario.code(scenario.holder(), account.institution)
    assert refused(await scenario.present(course, [{"presence_code": code}])) == (409, "institution_not_active")
    draft = await scenario.draft(account, course.trainer, lead=30)
    assert refused(await scenario.post(account, "/v1/classes", draft)) == (409, "institution_not_active")


async def test_a_removed_institutions_classes_are_cancelled_and_give_back_trainer_and_room(scenario: Scenario) -> None:
    account, other = await scenario.institution(), await scenario.institution()
    course = await scenario.course(account, room="一号")
    path = f"/v1/institutions/{account.institution}/removals"
    done(await scenario.post(scenario.officer, path, {"reason_code": "hours_cut"}))
    shown = done(await scenario.get(account, f"/v1/classes/{course.id}"))
    assert shown["status"] == "cancelled"
    assert {session["status"] for session in shown["sessions"]} == {"dropped"}
    await scenario.course(other, trainer=course.trainer)


async def test_a_removed_institutions_running_class_is_stopped(scenario: Scenario) -> None:
    """R5: its trainees have their vouchers back, and trainer and room are free."""
    account = await scenario.institution()
    course = await scenario.course(account, room="一号")
    (begun,) = await scenario.register(course, 1)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [begun]))
    path = f"/v1/institutions/{account.institution}/removals"
    done(await scenario.post(scenario.officer, path, {"reason_code": "hours_cut"}))
    shown = done(await scenario.get(account, f"/v1/classes/{course.id}"))
    assert (shown["status"], shown["reason_code"]) == ("stopped", "institution_removed")
    assert [session["status"] for session in shown["sessions"]].count("dropped") == len(shown["sessions"]) - 1
    (withdrawn,) = await scenario.emitted(EnrolmentWithdrawnV1)
    assert (withdrawn.id, withdrawn.reason_code) == (begun, "institution_removed")


async def test_a_suspended_institutions_class_is_given_up_when_its_time_comes(scenario: Scenario) -> None:
    course, kept = await scenario.course(), await scenario.course()
    institution = course.account.institution
    done(await scenario.post(scenario.officer, f"/v1/institutions/{institution}/suspensions", {"reason_code": "check"}))
    await scenario.database.set_business_time(course.time(0, "starts_at"))
    assert await scenario.run_timers() == 2
    assert [row.status for row in await scenario.rows("SELECT status FROM classes ORDER BY id")] == [
        "cancelled",
        "running",
    ]
    assert (await scenario.emitted(ClassStartedV1))[0].id == kept.id


async def test_a_suspension_waits_for_an_enrolment_that_is_being_made(scenario: Scenario) -> None:
    """The shared lock on the institution: no enrolment slips in beside a suspension."""
    for _ in range(5):
        course = await scenario.course()
        code = await scenario.code(scenario.holder(), course.account.institution)
        path = f"/v1/institutions/{course.account.institution}/suspensions"
        enrolling = scenario.present(course, [{"presence_code": code}])
        suspending = scenario.post(scenario.officer, path, {"reason_code": "check"})
        answer, suspended = await asyncio.gather(enrolling, suspending)
        done(suspended)
        if answer.status_code == 200:
            assert codes(done(answer)) == [None]
        else:
            assert refused(answer) == (409, "institution_not_active")
        rows = await scenario.rows("SELECT status FROM enrolments WHERE class_id = :id", id=course.id)
        assert {row.status for row in rows} <= {"withdrawn"}
