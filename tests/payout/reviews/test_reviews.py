"""The officers' decisions: who, when, on what, and what happens when somebody else is at it too."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.payout.accounts.service import retire_superseded
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import CityOfficerNeeded, PayoutState, SamePerson
from services.payout.payouts.queries import decisions_of
from services.payout.payouts.service import lift_hold, place_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import (
    approve_payouts,
    reject_payouts,
    review_payouts,
    second_approve_payouts,
)
from shared.contracts.evaluation import CertificateRevokedV1, CertificateSuspendedV1
from shared.kernel.clock import SHANGHAI, end_of_day
from shared.kernel.ids import uuid7
from shared.reference.calendar import end_of_working_days
from shared.security import Principal, Role, ScopeMissing
from tests.payout.attacks import step_refused
from tests.payout.scenario import (
    MONDAY,
    Case,
    Scenario,
    accepted,
    codes,
    decide,
    officer,
)
from tests.payout.steps import advance, publish_payouts, release


async def test_every_step_needs_another_natural_person(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    city_officer = scenario.approver
    accepted(await decide(scenario, review_payouts, city_officer, payout))
    second_account = replace(city_officer, account="the-same-person-again")
    assert codes(await decide(scenario, approve_payouts, second_account, payout)) == ["same_person"]
    accepted(await decide(scenario, approve_payouts, scenario.second, payout))
    assert codes(await decide(scenario, second_approve_payouts, city_officer, payout)) == ["same_person"]


async def test_two_records_of_one_officer_are_one_person(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    twin = officer(Role.OFFICER)
    await scenario.merge(twin.person, scenario.reviewer.person)
    assert codes(await decide(scenario, approve_payouts, twin, payout)) == ["same_person"]


async def test_nobody_decides_on_their_own_money(scenario: Scenario) -> None:
    await scenario.begin()
    payout = await scenario.open(replace(Case(), person_id=scenario.reviewer.person))
    await scenario.run_timers()
    assert codes(await decide(scenario, review_payouts, scenario.reviewer, payout)) == ["same_person"]


async def test_a_token_without_a_person_decides_nothing(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    with pytest.raises(ScopeMissing):
        await decide(scenario, review_payouts, replace(scenario.reviewer, person_id=None), payout)


async def test_areas_and_the_city(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    foreign = officer(Role.OFFICER, "410403")
    assert codes(await decide(scenario, review_payouts, foreign, payout)) == ["payout_not_found"]
    for decision in (approve_payouts, second_approve_payouts, publish_payouts):
        with pytest.raises(CityOfficerNeeded):
            await decide(scenario, decision, foreign, payout)


async def test_each_payout_is_answered_by_itself(scenario: Scenario) -> None:
    await scenario.begin()
    first, two = await advance(scenario, PayoutState.CHECKED, await scenario.open(), await scenario.open())
    unknown = replace(first, id=uuid7())
    outcomes = await decide(scenario, review_payouts, scenario.reviewer, two, unknown, first)
    assert codes(outcomes) == [None, "payout_not_found", None]
    assert [outcome.id for outcome in outcomes if not isinstance(outcome, Exception)] == [two.id, first.id]


async def test_a_suspended_certificate_stops_every_decision(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open(case))
    await scenario.receive(
        scenario.next_event(
            CertificateSuspendedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="complaint"
        )
    )
    assert codes(await decide(scenario, review_payouts, scenario.reviewer, payout)) == ["held"]


async def test_a_certificate_whose_status_never_arrived_is_not_valid(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.verified(case), scenario.certified(case))
    await scenario.run_timers()
    payout = await scenario.payout_of(case)
    assert codes(await decide(scenario, review_payouts, scenario.reviewer, payout)) == ["certificate_not_valid"]


async def test_a_forged_certificate_row_is_refused_and_held(scenario: Scenario) -> None:
    """Somebody with the database's owner changed a copy after the opening: the approval verifies it anew."""
    await scenario.begin()
    honest = Case()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open(honest))
    await scenario.sql("owner", "ALTER TABLE certificate_copies DISABLE TRIGGER USER")
    await scenario.sql(
        "owner",
        "UPDATE certificate_copies SET jws = :jws WHERE certificate_id = :id",
        jws=scenario.sign(honest, level=3), id=honest.certificate_id,
    )  # fmt: skip
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == ["certificate_unverified"]
    assert (await scenario.now_of(payout)).open_holds == 1
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == ["held"]


async def test_approval_pins_the_account_that_is_usable_at_that_moment(scenario: Scenario) -> None:
    await scenario.begin()
    first, two = await advance(scenario, PayoutState.REVIEWED, await scenario.open(), await scenario.open())
    changed = await scenario.account(first.payee_id, number="6222020000000002")
    accepted(await decide(scenario, approve_payouts, scenario.approver, first))
    await scenario.database.set_business_time(MONDAY + timedelta(hours=71))
    async with scenario.database.worker.unit_of_work() as uow:
        assert await retire_superseded(uow, 10) == 0
    await scenario.database.set_business_time(MONDAY + timedelta(hours=72, minutes=1))
    async with scenario.database.worker.unit_of_work() as uow:
        assert await retire_superseded(uow, 10) == 1
    accepted(await decide(scenario, approve_payouts, scenario.approver, two))
    rows = await scenario.sql("owner", "SELECT payout_id, account_id FROM instructions")
    pinned = {row.payout_id: row.account_id for row in rows}
    assert (pinned[first.id] != changed, pinned[two.id] == changed) == (True, True)
    assert len(await scenario.events("account.retired")) == 1


async def test_no_account_and_an_account_that_cools_off(scenario: Scenario) -> None:
    await scenario.begin()
    case = replace(Case(), mandate_id=None)
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open(case))
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == ["account_missing"]
    await scenario.account(str(case.person_id), kind="worker", number="6222020000000009")
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == ["account_cooling_off"]
    await scenario.database.set_business_time(MONDAY + timedelta(hours=72, minutes=1))
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))


async def test_an_amount_above_the_limit_needs_a_second_approval_before_it_is_published(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.sql("owner", "UPDATE dated_rules SET value = 159999 WHERE name = 'second_approval_above_fen'")
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    assert codes(await decide(scenario, publish_payouts, scenario.approver, payout)) == ["second_approval_missing"]
    accepted(await decide(scenario, second_approve_payouts, scenario.second, payout))
    third = officer(Role.OFFICER)
    assert codes(await decide(scenario, second_approve_payouts, third, payout)) == ["second_approval_given"]
    accepted(await decide(scenario, publish_payouts, scenario.approver, payout))
    assert codes(await decide(scenario, publish_payouts, scenario.approver, payout)) == ["wrong_state"]


async def test_the_limit_itself_needs_none(scenario: Scenario) -> None:
    await scenario.begin()
    await scenario.sql("owner", "UPDATE dated_rules SET value = 160000 WHERE name = 'second_approval_above_fen'")
    await advance(scenario, PayoutState.PUBLISHED, await scenario.open())


@pytest.mark.parametrize(
    ("published_at", "last_day"),
    [
        pytest.param(datetime(2033, 3, 7, 0, 1, tzinfo=SHANGHAI), date(2033, 3, 14), id="a Monday's first minute"),
        pytest.param(datetime(2033, 3, 7, 23, 58, tzinfo=SHANGHAI), date(2033, 3, 14), id="a Monday's last minutes"),
        pytest.param(datetime(2033, 3, 11, 10, tzinfo=SHANGHAI), date(2033, 3, 18), id="a Friday"),
        pytest.param(datetime(2033, 3, 12, 10, tzinfo=SHANGHAI), date(2033, 3, 18), id="a Saturday"),
        pytest.param(datetime(2033, 3, 30, 10, tzinfo=SHANGHAI), date(2033, 4, 7), id="across 清明节"),
    ],
)
async def test_the_public_notice_lasts_five_whole_working_days(
    scenario: Scenario, published_at: datetime, last_day: date
) -> None:
    """R25: whatever hour or kind of day it begins on."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    await scenario.database.set_business_time(published_at)
    (published,) = accepted(await decide(scenario, publish_payouts, scenario.approver, payout))
    assert published.notice_ends_at == end_of_day(last_day)
    assert published.calendar_provisional, "no notice has named the holidays of 2033 yet"
    await scenario.database.set_business_time(end_of_day(last_day) - timedelta(minutes=1))
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.PUBLISHED
    await scenario.database.set_business_time(end_of_day(last_day))
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.CLEARED


@pytest.mark.parametrize("day", ["2026-12-24", "2026-12-28", "2027-01-16", "2027-09-29", "2031-01-20", "2098-12-28"])
async def test_the_database_counts_the_same_working_days(scenario: Scenario, day: str) -> None:
    """R19: the statutory days too, of a year that has no notice yet."""
    counted = "SELECT end_of_working_days(CAST(:day AS text)::date, 5) AS ends_at"
    (row,) = await scenario.sql("api", counted, day=day)
    assert row.ends_at == end_of_working_days(date.fromisoformat(day), 5)


async def test_approvals_at_once_take_one_step(scenario: Scenario) -> None:
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.REVIEWED, *[await scenario.open() for _ in range(4)])
    approvers = [officer(Role.OFFICER) for _ in range(4)]
    lists = [payouts, payouts[::-1], payouts, payouts[::-1]]
    answers = await asyncio.gather(
        *(decide(scenario, approve_payouts, approver, *some) for approver, some in zip(approvers, lists, strict=True))
    )
    assert sorted(str(code) for answer in answers for code in codes(answer)) == ["None"] * 4 + ["wrong_state"] * 12
    rows = await scenario.sql("owner", "SELECT count(*) AS n FROM instructions")
    assert rows[0].n == 4
    assert len(await scenario.events("payout.approved")) == 4


async def test_an_approval_and_a_revocation_at_once_never_leave_an_approved_payout(scenario: Scenario) -> None:
    await scenario.begin()
    cases = [Case() for _ in range(6)]
    payouts = await advance(scenario, PayoutState.REVIEWED, *[await scenario.open(case) for case in cases])
    revoked = [
        scenario.next_event(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="fraud")
        for case in cases
    ]
    await asyncio.gather(
        *(scenario.receive(event) for event in revoked),
        *(decide(scenario, approve_payouts, officer(Role.OFFICER), payout) for payout in payouts),
    )
    assert {(await scenario.now_of(payout)).status for payout in payouts} == {PayoutState.REJECTED}


@pytest.mark.parametrize(
    "state", [PayoutState.APPROVED, PayoutState.PUBLISHED, PayoutState.CLEARED, PayoutState.BATCHED]
)
async def test_what_two_approved_two_reject(scenario: Scenario, state: PayoutState) -> None:
    """One officer stops the money at once, and does not end it: that takes another, by SQL too."""
    await scenario.begin()
    (payout,) = await advance(scenario, state, await scenario.open())

    async def reject(caller: Principal) -> list[str | None]:
        async with scenario.database.api.unit_of_work() as uow:
            return codes((await reject_payouts(uow, caller, {payout.id: Rejection("false_roster")})).values())

    assert await reject(scenario.reviewer) == ["second_officer_needed"]
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, scenario.reviewer, payout.id, "false_roster")
    assert await reject(scenario.reviewer) == ["second_officer_needed"]
    alone = "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x'"
    await scenario.sql("owner", "DROP TRIGGER money ON payouts")
    stopped = await step_refused(scenario, "api", alone, action="reject", person=scenario.reviewer.person)
    assert stopped == "tw_payouts"
    assert await reject(scenario.second) == [None]


async def test_each_rejection_is_answered_by_itself(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    for refusals in ([None, "payout_not_found"], ["wrong_state", "payout_not_found"]):
        async with scenario.database.api.unit_of_work() as uow:
            unknown = uuid7()
            reasons = dict.fromkeys((payout.id, unknown), Rejection("false_roster"))
            outcomes = await reject_payouts(uow, scenario.reviewer, reasons)
        assert codes([outcomes[payout.id], outcomes[unknown]]) == refusals
    assert (await scenario.now_of(payout)).code == "false_roster"


async def test_every_persons_step_is_written_down(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.PUBLISHED, await scenario.open())
    async with scenario.database.api.unit_of_work() as uow:
        decisions = await decisions_of(uow, payout.id)
    people: list[Principal] = [scenario.reviewer, scenario.approver, scenario.approver]
    assert [(decision.version, decision.action, decision.person_id) for decision in decisions] == [
        (version, action, caller.person)
        for version, action, caller in zip((3, 4, 5), ("review", "approve", "publish"), people, strict=True)
    ]


async def test_two_records_of_one_officer_are_one_person_when_it_comes_out_between_two_steps(
    scenario: Scenario,
) -> None:
    """The record under which the officer reviewed is superseded by the one under which they approve."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open())
    await scenario.merge(scenario.reviewer.person, scenario.approver.person)
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == ["same_person"]


async def test_two_records_of_one_officer_that_come_out_after_the_release_stop_the_money(scenario: Scenario) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.BATCHED, await scenario.open())
    (item,) = await scenario.sql("owner", "SELECT batch_id FROM payment_batch_items")
    await release(scenario, item.batch_id)
    await scenario.merge(scenario.reviewer.person, scenario.releaser.person)
    await scenario.run_timers()
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.BATCHED, 1)


async def test_a_beneficiary_under_an_old_record_neither_publishes_nor_lifts_a_hold(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open(case))
    beneficiary = officer(Role.OFFICER)
    await scenario.merge(case.person_id, beneficiary.person)
    assert codes(await decide(scenario, publish_payouts, beneficiary, payout)) == ["same_person"]
    held = await scenario.open(replace(Case(), person_id=case.person_id, level=3, eligibility="unknown"))
    async with scenario.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [held.id])
    with pytest.raises(SamePerson):
        async with scenario.database.api.unit_of_work() as uow:
            await lift_hold(uow, beneficiary, held.id, hold.id)
