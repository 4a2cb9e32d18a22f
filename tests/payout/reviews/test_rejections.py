"""A rejection is for correction or for good, and what was refused for a cause that is gone opens by itself (R2, R3)."""

from dataclasses import replace
from datetime import date

import pytest

from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.payouts.service import place_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.contracts.voucher import VoucherLapsedV1, VoucherUncertifiedV1
from shared.kernel.ids import uuid7
from shared.security import Principal
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import refused, step_refused
from tests.payout.scenario import Case, Scenario, codes, school
from tests.payout.steps import advance


async def reject(scenario: Scenario, caller: Principal, payout: PayoutFacts, *, final: bool) -> str | None:
    async with scenario.database.api.unit_of_work() as uow:
        outcomes = await reject_payouts(uow, caller, {payout.id: Rejection("not_trained", final=final)})
    (code,) = codes(outcomes.values())
    return code


async def hold(scenario: Scenario, caller: Principal, payout: PayoutFacts) -> None:
    async with scenario.database.api.unit_of_work() as uow:
        await place_hold(uow, caller, payout.id, "not_trained")


async def claim(scenario: Scenario, client: ApiClient, case: Case) -> str | None:
    answer = await client.post(school(), "/v1/payouts", {"voucher_id": str(case.voucher_id)})
    return None if answer.is_success else code_of(answer)


@pytest.mark.parametrize("state", [PayoutState.OPENED, PayoutState.REVIEWED, PayoutState.CLEARED])
async def test_two_officers_reject_for_good_and_nothing_is_opened_any_more(
    scenario: Scenario, client: ApiClient, state: PayoutState
) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await advance(scenario, state, payout)
    assert await reject(scenario, scenario.second, payout, final=True) == "second_officer_needed"
    await hold(scenario, scenario.second, payout)
    assert await reject(scenario, scenario.second, payout, final=True) == "second_officer_needed"
    assert await reject(scenario, scenario.reviewer, payout, final=True) is None
    ended = await scenario.now_of(payout)
    assert (ended.status, ended.final, ended.code) == (PayoutState.REJECTED, True, "not_trained")
    assert (await scenario.events("payout.rejected"))[-1]["final"] is True
    assert await claim(scenario, client, case) == "voucher_lapsed"
    await scenario.run_timers()
    assert len(await scenario.payouts_of(case)) == 1


async def test_a_voucher_is_returned_for_correction_three_times(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    await scenario.open(case)
    for _ in range(3):
        assert await reject(scenario, scenario.reviewer, (await scenario.payouts_of(case))[-1], final=False) is None
        assert await claim(scenario, client, case) is None
    fourth = (await scenario.payouts_of(case))[-1]
    assert await reject(scenario, scenario.second, fourth, final=False) == "returned_too_often"
    await hold(scenario, scenario.second, fourth)
    assert await reject(scenario, scenario.reviewer, fourth, final=True) is None


async def test_the_database_takes_no_final_rejection_of_one_officer(scenario: Scenario) -> None:
    await scenario.begin()
    payout = await scenario.open()
    alone = "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x', final = true"
    assert await step_refused(scenario, "api", alone, action="reject", person=scenario.reviewer.person) == "tw_payouts"
    assert await reject(scenario, scenario.reviewer, payout, final=False) is None
    for statement, constraint in (
        ("UPDATE payouts SET final = true", "st_payouts"),
        ("UPDATE payouts SET final = true, status = 'opened', version = version + 1", "lc_payouts"),
    ):
        assert await refused(scenario, "owner", statement) == constraint
    await scenario.force("payouts", "UPDATE payouts SET final = true")
    assert await refused(scenario, "owner", "UPDATE payouts SET final = false") == "fi_payouts"
    columns = [row[0] for row in await scenario.sql("owner", COLUMNS)]
    again = ", ".join("gen_random_uuid()" if name == "id" else name for name in columns)
    copied = f"INSERT INTO payouts ({', '.join(columns)}) SELECT {again} FROM payouts"
    assert await refused(scenario, "owner", copied) == "fi_payouts"


COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'payouts' ORDER BY ordinal_position"


async def test_nothing_is_opened_for_a_voucher_that_lapsed(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    assert await reject(scenario, scenario.reviewer, payout, final=False) is None
    await scenario.receive(scenario.next_event(VoucherLapsedV1, case.voucher_id, code="unpaid_in_time"))
    assert await claim(scenario, client, case) == "voucher_lapsed"


RATE = {
    "programme": "training_voucher", "certificate_kind": "special_equipment", "level": 0, "act": "review",
    "amount_fen": 30_000, "valid_from": "2033-03-01", "paid_to": "training_institution", "source": "test document",
}  # fmt: skip


async def test_refused_at_the_opening_for_a_missing_rate_it_opens_once_two_officers_add_the_row(
    scenario: Scenario, client: ApiClient
) -> None:
    await scenario.begin()
    case = Case(kind="special_equipment", level=0, act="review", skill_code="SE-N1")
    assert (await scenario.open(case)).code == "rate_missing"
    await scenario.run_timers()
    assert len(await scenario.payouts_of(case)) == 1, "as long as the cause is there"
    path = (await client.post(scenario.approver, "/v1/rate-changes", RATE)).headers["Location"]
    await client.post(scenario.second, f"{path}/approvals")
    await scenario.run_timers()
    await scenario.run_timers()
    _, opened = await scenario.payouts_of(case)
    assert (opened.status, opened.amount_fen) == (PayoutState.CHECKED, 30_000)
    await advance(scenario, PayoutState.SENT, opened)


async def test_refused_at_the_opening_for_a_fund_rule_it_opens_once_the_rule_is_there(scenario: Scenario) -> None:
    await scenario.begin()
    case = Case(fund_source="local_talent_fund")
    assert (await scenario.open(case)).code == "fund_source_not_allowed"
    await scenario.sql(
        "owner",
        "INSERT INTO fund_rules VALUES ('local_talent_fund', 'training_voucher', '2033-01-01', NULL, 'x', '', 'test')",
    )
    await scenario.run_timers()
    assert [payout.status for payout in await scenario.payouts_of(case)] == ["rejected", "opened"]


async def test_a_benefit_that_another_had_opens_once_the_other_is_refused(scenario: Scenario) -> None:
    await scenario.begin()
    first = Case()
    second = Case(person_id=first.person_id)
    payout = await scenario.open(first)
    assert (await scenario.open(second)).code == "payout_already_live"
    await hold(scenario, scenario.second, payout)
    assert await reject(scenario, scenario.reviewer, payout, final=True) is None
    await scenario.run_timers()
    assert [payout.status for payout in await scenario.payouts_of(second)] == ["rejected", "opened"]


@pytest.mark.parametrize("order", ["revoked first", "certified first"])
async def test_after_a_revocation_another_certificate_is_paid_once(scenario: Scenario, order: str) -> None:
    """Whatever arrives first: evaluation says that it is revoked, voucher that there is another."""
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await advance(scenario, PayoutState.CHECKED, payout)
    revoked = scenario.next_event(
        CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="fraud"
    )
    uncertified = scenario.next_event(
        VoucherUncertifiedV1, case.voucher_id, certificate_id=case.certificate_id, code="certificate_revoked"
    )
    other = replace(case, certificate_id=uuid7())
    again = [scenario.issued(other), scenario.certified(other)]
    await scenario.receive(
        *((revoked, uncertified, *again) if order == "revoked first" else (uncertified, *again, revoked))
    )
    await scenario.run_timers()
    await scenario.run_timers()
    refused_one, opened = await scenario.payouts_of(case)
    assert (refused_one.status, refused_one.code, refused_one.final) == ("rejected", "certificate_revoked", False)
    assert (opened.status, opened.certificate_id) == ("checked", other.certificate_id)
    await advance(scenario, PayoutState.SENT, opened)


async def test_an_uncertified_voucher_is_not_claimed_for(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    assert await reject(scenario, scenario.reviewer, payout, final=False) is None
    await scenario.receive(
        scenario.next_event(
            VoucherUncertifiedV1, case.voucher_id, certificate_id=case.certificate_id, code="certificate_revoked"
        )
    )
    assert await claim(scenario, client, case) == "certificate_missing"
