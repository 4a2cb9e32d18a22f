"""A holder whom the register of deaths names: two officers decide the heirs' case, and their account is paid (R10)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from services.payout.accounts.domain import AccountMissing, HeirsAccountMissing
from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from services.payout.holds.domain import Hold
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.service import approve_payouts, correct_payouts
from shared.contracts.voucher import VoucherHeldV1, VoucherHoldLiftedV1
from shared.kernel.ids import uuid7
from shared.persistence.refusals import constraint_of
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.money_returns.test_money_returns import answered, instruction_of, report
from tests.payout.scenario import MONDAY, Case, Scenario, codes, decide, officer, school, worker
from tests.payout.steps import AFTER_THE_NOTICE, advance

OWN, HEIRS = "6222020000000088", "6222020000000096"


def workers_own(case: Case) -> Case:
    """The worker is paid."""
    return replace(case, payee_kind="worker", payee_id=str(case.person_id), mandate_id=None)


async def die(scenario: Scenario, case: Case) -> str:
    """Voucher holds the voucher, because the register of deaths names its holder; the hold's id."""
    hold_id = uuid7()
    said = {"hold_id": hold_id, "reason_code": "holder_deceased", "business_at": await now(scenario)}
    await scenario.receive(scenario.next_event(VoucherHeldV1, case.voucher_id, **said))
    return str(hold_id)


async def now(scenario: Scenario) -> datetime:
    """Business time."""
    async with scenario.database.api.unit_of_work() as uow:
        return uow.now


async def standing_on(scenario: Scenario, payout: PayoutFacts) -> Hold:
    """The one open hold of a payout."""
    async with scenario.database.api.unit_of_work() as uow:
        (standing,) = await open_holds(uow, [payout.id])
    return standing


async def let_go(scenario: Scenario, client: ApiClient, payout: PayoutFacts) -> str:
    """One officer answers for the heirs' case, another lets it go on; the code of the refusal, if it is one."""
    path = f"/v1/payouts/{payout.id}/holds/{(await standing_on(scenario, payout)).id}/take-overs"
    taken = await client.post(scenario.reviewer, path, {"reason_code": "heirs_known"})
    if taken.status_code != 201:
        return code_of(taken)
    lifted = await client.post(officer(Role.OFFICER, "410402"), f"{taken.headers['Location']}/lift")
    assert lifted.status_code == 200
    return ""


async def test_a_dead_holders_payout_goes_on_by_two_officers(scenario: Scenario, client: ApiClient) -> None:
    """The institution taught them, and is paid once two officers have looked at the heirs' case."""
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await die(scenario, case)
    path, first, second = f"/v1/payouts/{payout.id}/holds", scenario.reviewer, officer(Role.OFFICER, "410402")
    standing = await standing_on(scenario, payout)
    assert code_of(await client.post(first, f"{path}/{standing.id}/lift")) == "hold_needs_two"
    taken = await client.post(first, f"{path}/{standing.id}/take-overs", {"reason_code": "training_was_given"})
    assert taken.status_code == 201
    assert code_of(await client.post(first, f"{taken.headers['Location']}/lift")) == "same_person"
    assert (await client.post(second, f"{taken.headers['Location']}/lift")).status_code == 200
    await advance(scenario, PayoutState.CLEARED, payout)


async def test_an_institution_does_not_read_what_the_register_answered(scenario: Scenario, client: ApiClient) -> None:
    """That the payout is held, and since when, it does (DOMAIN §4, 15)."""
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    await die(scenario, case)
    shown = {}
    for who in (school(case.institution), scenario.reviewer):
        (hold,) = (await client.get(who, f"/v1/payouts/{payout.id}")).json()["holds"]
        shown[who.role] = (hold["source"], hold["reason_code"])
    assert shown == {Role.INSTITUTION: ("voucher", None), Role.OFFICER: ("voucher", "holder_deceased")}


@pytest.fixture
async def case(scenario: Scenario) -> Case:
    """A worker who is to be paid, with an account of their own that has cooled off."""
    await scenario.begin()
    case = workers_own(Case())
    await scenario.account(case.payee_id, kind="worker", number=OWN)
    await scenario.database.set_business_time(MONDAY + timedelta(days=4))
    return case


async def test_a_dead_workers_money_goes_to_an_account_of_the_heirs(
    scenario: Scenario, client: ApiClient, case: Case
) -> None:
    """Never to the one named in their life: another is confirmed by finance first (D5)."""
    payout = await scenario.open(case)
    await die(scenario, case)
    assert await let_go(scenario, client, payout) == "heirs_account_missing"
    await scenario.account(case.payee_id, kind="worker", number=HEIRS)
    assert await let_go(scenario, client, payout) == "heirs_account_missing", "it cools off"
    await scenario.database.set_business_time(MONDAY + timedelta(days=8))
    assert await let_go(scenario, client, payout) == ""


async def test_heirs_may_come_before_the_payout_opens(scenario: Scenario, client: ApiClient, case: Case) -> None:
    await die(scenario, case)
    await scenario.account(case.payee_id, kind="worker", number=HEIRS)
    await scenario.database.set_business_time(MONDAY + timedelta(days=9))
    payout = await scenario.open(case)
    assert await let_go(scenario, client, payout) == ""


async def test_what_was_approved_for_the_dead_workers_account_is_not_let_go(
    scenario: Scenario, client: ApiClient, case: Case
) -> None:
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open(case))
    await die(scenario, case)
    await scenario.account(case.payee_id, kind="worker", number=HEIRS)
    await scenario.database.set_business_time(MONDAY + timedelta(days=8))
    assert await let_go(scenario, client, payout) == "heirs_account_missing"


async def test_the_dead_workers_number_is_nobodys_again(scenario: Scenario, case: Case) -> None:
    """Whoever has their login names nothing, and two of finance do not confirm it for the heirs."""
    await scenario.open(case)
    async with scenario.database.api.unit_of_work() as uow:
        named = AccountProposal("worker", case.payee_id, "102100099996", HEIRS, "某某")
        in_life = (await propose_account(uow, officer(Role.FINANCE), named)).account.id
    await scenario.database.set_business_time(MONDAY + timedelta(days=5))
    await die(scenario, case)
    with pytest.raises(HeirsAccountMissing):
        async with scenario.database.api.unit_of_work() as uow:
            await confirm_account(uow, officer(Role.FINANCE), in_life, "某某")
    with pytest.raises(HeirsAccountMissing):
        await scenario.account(case.payee_id, kind="worker", number=OWN)
    with pytest.raises(HeirsAccountMissing):
        async with scenario.database.api.unit_of_work() as uow:
            await propose_account(uow, worker(case.person_id), named)


async def test_money_that_comes_back_after_the_death_goes_to_the_heirs(scenario: Scenario, client: ApiClient) -> None:
    """The usual course: the bank froze the account. What the worker had named beside it in life is not paid either."""
    case = workers_own(Case())
    await scenario.database.set_business_time(MONDAY - timedelta(days=5))
    await scenario.account(case.payee_id, kind="worker", number=OWN)
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    await answered(scenario)
    await scenario.account(case.payee_id, kind="worker", number="6222020000000070")
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=4))
    await die(scenario, case)
    await report(scenario, await instruction_of(scenario, payout, 1))
    assert codes(await decide(scenario, correct_payouts, scenario.reviewer, payout)) == ["held"]
    assert await let_go(scenario, client, payout) == "heirs_account_missing"
    await scenario.account(case.payee_id, kind="worker", number=HEIRS)
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=8))
    assert await let_go(scenario, client, payout) == ""
    (corrected,) = await decide(scenario, correct_payouts, scenario.reviewer, payout)
    assert isinstance(corrected, PayoutFacts)
    (approved,) = await decide(scenario, approve_payouts, scenario.approver, payout)
    assert isinstance(approved, PayoutFacts)
    pinned = await scenario.sql(
        "owner", "SELECT revision FROM instructions JOIN accounts ON accounts.id = account_id ORDER BY pinned_at"
    )
    assert [row.revision for row in pinned] == [1, 3]


@pytest.mark.parametrize("by_sql", [False, True], ids=["decided", "by SQL"])
async def test_who_lives_after_all_is_not_paid_to_the_heirs(scenario: Scenario, case: Case, *, by_sql: bool) -> None:
    payout = await scenario.open(case)
    hold_id = await die(scenario, case)
    heirs = await scenario.account(case.payee_id, kind="worker", number=HEIRS)
    await scenario.database.set_business_time(MONDAY + timedelta(days=9))
    await scenario.run_timers()
    back = {"business_at": await now(scenario), "reason_code": "holder_deceased", "hold_id": hold_id}
    await scenario.receive(scenario.next_event(VoucherHoldLiftedV1, case.voucher_id, **back))
    (payout,) = await advance(scenario, PayoutState.REVIEWED, payout)
    if not by_sql:
        assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == [AccountMissing.code]
        return
    pin = """
        INSERT INTO instructions (id, payout_id, attempt, account_id, payee_kind, payee_id, amount_fen, pinned_at)
        SELECT id, id, 1, :account, payee_kind, payee_id, amount_fen, now() FROM payouts
    """
    with pytest.raises(DBAPIError) as refused:
        await scenario.sql("api", pin, account=heirs)
    assert constraint_of(refused.value) == "hr_instructions"
