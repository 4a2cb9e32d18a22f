"""Holds: from whom, until when, and what they do not stop."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from services.payout.holds.domain import Hold, HoldNeedsTwo, HoldOfAnotherSource, HoldSource, Placement
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutFacts, PayoutNotFound, PayoutState, WorkRules
from services.payout.payouts.queries import PayoutFilter, list_payouts
from services.payout.payouts.service import lift_hold, place_hold, place_holds, take_over_hold
from services.payout.reviews.service import review_payouts
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateReinstatedV1, CertificateRevokedV1, CertificateSuspendedV1
from shared.contracts.training import InstitutionReinstatedV1, InstitutionRemovedV1, InstitutionSuspendedV1
from shared.contracts.voucher import VoucherCancelledV1, VoucherHeldV1, VoucherHoldLiftedV1
from shared.kernel.clock import business_date, start_of_day
from shared.kernel.errors import HoldNotFound
from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import WrongState
from shared.persistence.refusals import constraint_of
from shared.reference.calendar import working_days_after
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.scenario import MONDAY, SCHOOL, Case, Scenario, accepted, codes, decide, officer
from tests.payout.steps import AFTER_THE_NOTICE, advance, publish_payouts
from tests.worker_process import overdue


def status_event(scenario: Scenario, event: type[Event], case: Case) -> Event:
    """Evaluation changes a certificate's status."""
    return scenario.next_event(event, case.certificate_id, since=date(2033, 3, 7), reason_code="complaint")


async def hold(scenario: Scenario, payout: PayoutFacts, reason_code: str = "objection") -> Hold:
    """The reviewer holds a payout."""
    async with scenario.database.api.unit_of_work() as uow:
        return await place_hold(uow, scenario.reviewer, payout.id, reason_code)


async def test_an_objection_freezes_exactly_that_payout_until_it_is_lifted(scenario: Scenario) -> None:
    await scenario.begin()
    first, two = await advance(scenario, PayoutState.PUBLISHED, await scenario.open(), await scenario.open())
    placed = await hold(scenario, first)
    assert (placed.reason_code, (await scenario.now_of(first)).open_holds) == ("objection", 1)
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    assert (await scenario.now_of(first)).status is PayoutState.PUBLISHED
    assert (await scenario.now_of(two)).status is PayoutState.CLEARED
    async with scenario.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [first.id])
        await lift_hold(uow, scenario.reviewer, first.id, objection.id)
    await scenario.run_timers()
    assert (await scenario.now_of(first)).status is PayoutState.CLEARED
    assert [event["reason_code"] for event in await scenario.events("payout.held")] == ["objection"]
    assert [event["reason_code"] for event in await scenario.events("payout.hold_lifted")] == ["objection"]


async def test_two_holds_are_both_lifted_before_anything_goes_on(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    await hold(scenario, payout, "complaint")
    await hold(scenario, payout, "sample")
    twice = await scenario.now_of(payout)
    assert (twice.open_holds, twice.version) == (2, payout.version + 2)
    async with scenario.database.api.unit_of_work() as uow:
        first, _ = await open_holds(uow, [payout.id])
        await lift_hold(uow, scenario.reviewer, payout.id, first.id)
    assert codes(await decide(scenario, review_payouts, scenario.reviewer, payout)) == ["held"]
    with pytest.raises(HoldNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await lift_hold(uow, scenario.reviewer, payout.id, first.id)


async def test_foreign_officers_and_ended_payouts(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    foreign = officer(Role.OFFICER, "410403")
    with pytest.raises(PayoutNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await place_hold(uow, foreign, payout.id, "objection")
    with pytest.raises(PayoutNotFound):
        async with scenario.database.api.unit_of_work() as uow:
            await lift_hold(uow, foreign, payout.id, uuid7())
    await scenario.receive(scenario.next_event(VoucherCancelledV1, case.voucher_id, reason_code="mistake"))
    with pytest.raises(WrongState):
        await hold(scenario, payout)


async def test_a_suspended_institution_is_not_paid_until_it_is_back(scenario: Scenario) -> None:
    await scenario.begin()
    first, two = await scenario.open(), await scenario.open()
    await scenario.receive(
        scenario.next_event(InstitutionSuspendedV1, SCHOOL, area="410402", scope=(), reason_code="findings")
    )
    await scenario.receive(
        scenario.next_event(InstitutionRemovedV1, SCHOOL, area="410402", scope=(), reason_code="findings")
    )
    assert [(await scenario.now_of(each)).open_holds for each in (first, two)] == [1, 1]
    async with scenario.database.api.unit_of_work() as uow:
        (by_training,) = await open_holds(uow, [first.id])
    with pytest.raises(HoldNeedsTwo):
        async with scenario.database.api.unit_of_work() as uow:
            await lift_hold(uow, scenario.reviewer, first.id, by_training.id)
    await scenario.receive(
        scenario.next_event(InstitutionReinstatedV1, SCHOOL, area="410402", scope=(), reason_code="in_order")
    )
    await advance(scenario, PayoutState.CHECKED, first, two)


async def stopped(scenario: Scenario, source: HoldSource) -> tuple[PayoutFacts, Hold]:
    """A payout that a register, or a removed institution, holds."""
    payout = await scenario.open(
        replace(Case(), eligibility="unknown" if source is HoldSource.ELIGIBILITY else "eligible")
    )
    if source is HoldSource.INSTITUTION:
        for left in (InstitutionSuspendedV1, InstitutionRemovedV1):
            await scenario.receive(scenario.next_event(left, SCHOOL, area="410402", scope=(), reason_code="findings"))
    async with scenario.database.api.unit_of_work() as uow:
        (standing,) = await open_holds(uow, [payout.id])
    assert standing.source is source
    return payout, standing


@pytest.mark.parametrize("source", [HoldSource.ELIGIBILITY, HoldSource.INSTITUTION])
async def test_what_no_event_will_lift_two_officers_lift_with_a_reason(
    scenario: Scenario, client: ApiClient, source: HoldSource
) -> None:
    """R10, and DOMAIN §3 of a removed institution: one answers for it, another lifts it, and then it is paid."""
    await scenario.begin()
    payout, standing = await stopped(scenario, source)
    path, first, second = f"/v1/payouts/{payout.id}/holds", scenario.reviewer, officer(Role.OFFICER, "410402")
    assert code_of(await client.post(first, f"{path}/{standing.id}/lift")) == "hold_needs_two"
    taken = await client.post(first, f"{path}/{standing.id}/take-overs", {"reason_code": "families_paid_wages"})
    assert (taken.status_code, taken.json()["source"]) == (201, "taken_over")
    assert (await scenario.now_of(payout)).open_holds == 1, "it never stands free in between"
    assert code_of(await client.post(first, f"{taken.headers['Location']}/lift")) == "same_person"
    assert (await client.post(second, f"{taken.headers['Location']}/lift")).status_code == 200
    assert code_of(await client.post(second, f"{path}/{standing.id}/take-overs", {"reason_code": "again"})) == (
        "hold_not_found"
    )
    await advance(scenario, PayoutState.CLEARED, payout)
    reasons = [event["reason_code"] for event in await scenario.events("payout.hold_lifted")]
    assert reasons == [standing.reason_code, "families_paid_wages"]


async def test_of_two_officers_at_once_one_takes_a_hold_over_and_one_lifts_it(
    scenario: Scenario, client: ApiClient
) -> None:
    await scenario.begin()
    payout, standing = await stopped(scenario, HoldSource.ELIGIBILITY)
    path, reason = f"/v1/payouts/{payout.id}/holds", {"reason_code": "answered_by_letter"}
    officers = [officer(Role.OFFICER, "410402") for _ in range(3)]
    answers = await asyncio.gather(
        *(client.post(each, f"{path}/{standing.id}/take-overs", reason) for each in officers)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404]
    (taken,) = [answer.headers["Location"] for answer in answers if answer.status_code == 201]
    assert (await scenario.now_of(payout)).open_holds == 1
    lifts = await asyncio.gather(*(client.post(each, f"{taken}/lift") for each in officers))
    codes_of = sorted(code_of(answer) or "" for answer in lifts if answer.status_code != 200)
    assert len(codes_of) == 2, "one of the two others lifted it"
    assert set(codes_of) <= {"hold_not_found", "same_person"}
    assert (await scenario.now_of(payout)).open_holds == 0


async def test_what_an_event_may_still_lift_nobody_takes_over(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    payout = await scenario.open()
    await scenario.receive(
        scenario.next_event(InstitutionSuspendedV1, SCHOOL, area="410402", scope=(), reason_code="findings")
    )
    own = await hold(scenario, payout)
    async with scenario.database.api.unit_of_work() as uow:
        by_source = {standing.source: standing for standing in await open_holds(uow, [payout.id])}
    for source in (HoldSource.INSTITUTION, HoldSource.OFFICER):
        path = f"/v1/payouts/{payout.id}/holds/{by_source[source].id}/take-overs"
        assert code_of(await client.post(scenario.approver, path, {"reason_code": "x"})) == "hold_of_another_source"
    assert own.id == by_source[HoldSource.OFFICER].id


@pytest.mark.parametrize("source", [HoldSource.ELIGIBILITY, HoldSource.INSTITUTION])
async def test_by_sql_one_officer_lifts_no_such_hold(scenario: Scenario, source: HoldSource) -> None:
    """As the role of the API: alone, in two records of one person, or of an institution that may come back."""
    await scenario.begin()
    payout, standing = await stopped(scenario, source)
    lift = "UPDATE payout_holds SET lifted_at = now() + interval '9 years', lifted_by = :by WHERE id = :hold"
    with pytest.raises(DBAPIError) as refused:
        await scenario.sql("api", lift, by=scenario.reviewer.person, hold=standing.id)
    assert constraint_of(refused.value) == "wo_payout_holds"
    async with scenario.database.api.unit_of_work() as uow:
        taken = await take_over_hold(uow, scenario.reviewer, payout.id, standing.id, "families_paid_wages")
    alias = officer(Role.OFFICER, "410402").person
    merge = "UPDATE persons SET survivor_id = :to, merged_into = :to WHERE id = :id"
    await scenario.sql("worker", merge, to=taken.placed_by, id=alias)
    for by in (taken.placed_by, alias):
        with pytest.raises(DBAPIError) as refused:
            await scenario.sql("api", lift, by=by, hold=taken.id)
        assert constraint_of(refused.value) == "ck_payout_holds_by_two"


async def test_a_removed_institution_s_payouts_are_due_within_thirty_working_days(scenario: Scenario) -> None:
    await scenario.begin()
    await stopped(scenario, HoldSource.INSTITUTION)
    due = working_days_after(business_date(MONDAY), 30)
    for day, late in ((due, 0), (due + timedelta(days=1), 1)):
        await scenario.database.set_business_time(start_of_day(day) + timedelta(hours=12))
        assert (await overdue(scenario.database))["removed_institution"] == late


@pytest.mark.parametrize("state", [PayoutState.OPENED, PayoutState.CHECKED, PayoutState.CLEARED, PayoutState.SENT])
async def test_a_removed_institution_holds_what_it_would_be_paid_and_no_worker(
    scenario: Scenario, state: PayoutState
) -> None:
    case = replace(Case(), payee_kind="worker", mandate_id=None)
    await scenario.database.set_business_time(MONDAY - timedelta(days=5))
    await scenario.account(str(case.person_id), kind="worker", number="6222020000000009")
    await scenario.begin()
    own, workers = await scenario.open(), await scenario.open(case)
    await advance(scenario, state, own, workers)
    removed = scenario.next_event(InstitutionRemovedV1, SCHOOL, area="410402", scope=(), reason_code="findings")
    await scenario.receive(removed, removed)
    assert [(await scenario.now_of(each)).open_holds for each in (own, workers)] == [1, 0]


async def test_a_suspended_certificate_holds_and_a_reinstated_one_releases(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await scenario.receive(status_event(scenario, CertificateSuspendedV1, case))
    assert (await scenario.now_of(payout)).open_holds == 1
    await scenario.receive(status_event(scenario, CertificateReinstatedV1, case))
    await advance(scenario, PayoutState.REVIEWED, payout)


async def test_the_vouchers_hold_stands_on_its_payout(scenario: Scenario) -> None:
    await scenario.begin()
    case, hold_id = Case(), uuid7()
    payout = await scenario.open(case)
    held = scenario.next_event(VoucherHeldV1, case.voucher_id, hold_id=hold_id, reason_code="complaint")
    await scenario.receive(held, held)
    assert (await scenario.now_of(payout)).open_holds == 1
    await scenario.receive(
        scenario.next_event(VoucherHoldLiftedV1, case.voucher_id, hold_id=hold_id, reason_code="complaint")
    )
    assert (await scenario.now_of(payout)).open_holds == 0


async def test_a_cancelled_voucher_withdraws_its_payout_and_frees_the_money(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open(case))
    await scenario.receive(scenario.next_event(VoucherCancelledV1, case.voucher_id, reason_code="mistake"))
    assert (await scenario.now_of(payout)).status is PayoutState.WITHDRAWN
    (fund,) = await scenario.sql("owner", "SELECT reserved_fen FROM funds")
    assert fund.reserved_fen == 0
    assert [event["code"] for event in await scenario.events("payout.withdrawn")] == ["voucher_cancelled"]


@pytest.mark.parametrize("state", [PayoutState.OPENED, PayoutState.REVIEWED, PayoutState.CLEARED, PayoutState.BATCHED])
async def test_a_revocation_before_sending_rejects(scenario: Scenario, state: PayoutState) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, state, await scenario.open(case))
    await hold(scenario, payout)
    await scenario.receive(status_event(scenario, CertificateRevokedV1, case))
    rejected = await scenario.now_of(payout)
    assert (rejected.status, rejected.code) == (PayoutState.REJECTED, "certificate_revoked")
    (fund,) = await scenario.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (0, 0)


async def test_a_revocation_after_sending_opens_exactly_one_case_and_is_listed(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    revoked = status_event(scenario, CertificateRevokedV1, case)
    await scenario.receive(revoked, revoked)
    late = await scenario.now_of(payout)
    assert (late.status, late.open_holds) == (PayoutState.SENT, 1)
    async with scenario.database.api.unit_of_work() as uow:
        listed = await list_payouts(
            uow, scenario.reviewer, PayoutFilter(held=True), WorkRules(10, 10, 30), after=None, limit=10
        )
        (revocation,) = await open_holds(uow, [payout.id])
    assert [payout.id for payout in listed] == [payout.id]
    with pytest.raises(HoldOfAnotherSource):
        async with scenario.database.api.unit_of_work() as uow:
            await lift_hold(uow, scenario.reviewer, payout.id, revocation.id)


async def test_a_hold_stops_publication_too(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    await hold(scenario, payout)
    assert codes(await decide(scenario, publish_payouts, scenario.approver, payout)) == ["held"]
    async with scenario.database.api.unit_of_work() as uow:
        (objection,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, scenario.approver, payout.id, objection.id)
    accepted(await decide(scenario, publish_payouts, scenario.approver, payout))


async def test_three_holds_at_once_are_three_steps(scenario: Scenario) -> None:
    """Each hold is an edge with its own event, also where one act places several on one payout."""
    await scenario.begin()
    payout = await scenario.open()
    other = await scenario.open()
    placements = [
        Placement(held.id, HoldSource.OFFICER, str(uuid7()), "sample") for held in (payout, payout, other, payout)
    ]
    async with scenario.database.worker.unit_of_work() as uow:
        await place_holds(uow, placements)
    now = await scenario.now_of(payout)
    assert (now.open_holds, now.version, (await scenario.now_of(other)).open_holds) == (3, payout.version + 3, 1)
    held = [event for event in await scenario.events("payout.held") if event["id"] == str(payout.id)]
    assert [event["version"] for event in held] == [now.version - 2, now.version - 1, now.version]
    assert len({event["hold_id"] for event in held}) == 3
