"""Voucher's answers, withdrawals and expulsions; duplicates and disorder."""

from uuid import UUID

from shared.contracts.training import EnrolmentRefusedV1, EnrolmentRegisteredV1, EnrolmentWithdrawnV1
from tests.api_client import done, refused
from tests.training.scenario import Scenario


async def test_requested_enrolments_count_and_a_refused_one_frees_its_seat(scenario: Scenario) -> None:
    course = await scenario.course(seats=2)
    first, second, third = (scenario.holder() for _ in range(3))
    rows = [
        {"presence_code": await scenario.code(holder, course.account.institution)} for holder in (first, second, third)
    ]
    answer = done(await scenario.present(course, rows))
    assert answer["results"][2]["error"]["code"] == "class_full"
    enrolment = UUID(answer["results"][0]["result"]["id"])
    await scenario.receive(scenario.bind_refused(course, first, enrolment, "voucher_held"))
    assert await scenario.status_of(enrolment) == "refused"
    (event,) = await scenario.emitted(EnrolmentRefusedV1)
    assert event.reason_code == "voucher_held"
    await scenario.enrol(course, third)
    assert await scenario.seats_taken(course) == 2


async def test_voucher_binds(scenario: Scenario) -> None:
    course, holder = await scenario.course(), scenario.holder()
    (enrolment,) = await scenario.enrol(course, holder)
    bound = scenario.bound(course, holder, enrolment)
    await scenario.receive(bound, bound)
    assert await scenario.status_of(enrolment) == "registered"
    assert len(await scenario.emitted(EnrolmentRegisteredV1)) == 1


async def test_a_bind_of_another_voucher_registers_nobody(scenario: Scenario) -> None:
    course, holder = await scenario.course(), scenario.holder()
    (enrolment,) = await scenario.enrol(course, holder)
    await scenario.receive(scenario.bound(course, scenario.holder(), enrolment))
    assert await scenario.status_of(enrolment) == "requested"


async def test_an_answer_that_comes_after_a_withdrawal_changes_nothing(scenario: Scenario) -> None:
    course = await scenario.course()
    for answer in ("bound", "refused"):
        holder = scenario.holder()
        (enrolment,) = await scenario.enrol(course, holder)
        path = f"/v1/enrolments/{enrolment}/withdrawals"
        done(await scenario.post(holder.account, path, {"reason_code": "changed_mind"}))
        event = scenario.bound if answer == "bound" else None
        await scenario.receive(
            event(course, holder, enrolment)
            if event
            else scenario.bind_refused(course, holder, enrolment, "voucher_held")
        )
        assert await scenario.status_of(enrolment) == "withdrawn"
    assert await scenario.seats_taken(course) == 0


async def test_voucher_unbinds(scenario: Scenario) -> None:
    course = await scenario.course()
    (registered,) = await scenario.register(course, 1)
    holder = course.holders[0]
    unbound = scenario.unbound(course, holder, registered)
    await scenario.receive(unbound, unbound)
    assert await scenario.status_of(registered) == "withdrawn"
    (event,) = await scenario.emitted(EnrolmentWithdrawnV1)
    assert (event.voucher_id, event.reason_code) == (holder.voucher, "withdrawn_by_officer")
    assert await scenario.seats_taken(course) == 0


async def test_a_withdrawal_is_possible_until_a_session_counted(scenario: Scenario) -> None:
    course = await scenario.course()
    stays, leaves = await scenario.register(course, 2)
    await scenario.after(course, 0)
    done(await scenario.roster(course, 0, [stays]))
    body = {"reason_code": "changed_mind"}
    assert refused(await scenario.post(course.account, f"/v1/enrolments/{stays}/withdrawals", body)) == (
        409,
        "wrong_state",
    )
    left = done(await scenario.post(course.account, f"/v1/enrolments/{leaves}/withdrawals", body))
    assert left["status"] == "withdrawn"


async def test_a_withdrawn_holder_may_come_again(scenario: Scenario) -> None:
    course, holder = await scenario.course(), scenario.holder()
    (enrolment,) = await scenario.enrol(course, holder)
    path = f"/v1/enrolments/{enrolment}/withdrawals"
    done(await scenario.post(holder.account, path, {"reason_code": "mistake"}))
    await scenario.enrol(course, holder)
    assert await scenario.seats_taken(course) == 1


async def test_who_is_expelled_keeps_their_seat_taken(scenario: Scenario) -> None:
    course = await scenario.course()
    (enrolment,) = await scenario.register(course, 1)
    path = f"/v1/enrolments/{enrolment}/expulsions"
    assert done(await scenario.post(course.account, path))["status"] == "expelled"
    assert refused(await scenario.post(course.account, path)) == (409, "wrong_state")
    assert await scenario.seats_taken(course) == 1
