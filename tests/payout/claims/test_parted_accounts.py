"""Two records that were merged by mistake are parted: an account named meanwhile is nobody's until it is named anew."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.payout.accounts.domain import AccountMissing, AccountNotYours
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts
from shared.kernel.errors import DomainError
from shared.security import Principal
from tests.payout.accounts.test_accounts import confirm, propose
from tests.payout.scenario import MONDAY, Case, Scenario, accepted, codes, decide, worker
from tests.payout.steps import advance
from tests.worker_process import receive_in

OTHERS_NUMBER = "6222020000000021"
OWN_NUMBER = "6222020000000022"


async def states(scenario: Scenario) -> list[str]:
    """How the workers' accounts stand, oldest first."""
    rows = await scenario.sql("owner", "SELECT status FROM accounts WHERE owner_kind = 'worker' ORDER BY id")
    return [row.status for row in rows]


async def name_account(scenario: Scenario, by: Principal, owner: UUID, number: str) -> None:
    """Somebody names an account, two of finance confirm it, and its cool-off passes."""
    await confirm(scenario, await propose(scenario, by, number=number, owner=("worker", str(owner))))


@pytest.mark.parametrize("parted_is_paid", [True, False])
async def test_nobody_is_paid_to_an_account_that_the_other_named_while_both_were_one(
    scenario: Scenario,
    parted_is_paid: bool,  # noqa: FBT001  # a parameter
) -> None:
    """Whichever of the two is paid: who named it stands as the survivor in either case."""
    await scenario.begin()
    await scenario.database.set_business_time(MONDAY + timedelta(hours=1))
    record, survivor = replace(Case(), payee_kind="worker", mandate_id=None), Case()
    record = replace(record, payee_id=str(record.person_id))
    parted, other = record.person_id, survivor.person_id
    if not parted_is_paid:
        parted, other = other, parted
    await scenario.merge(parted, other)
    await name_account(scenario, worker(other), record.person_id, OTHERS_NUMBER)
    await scenario.separate(parted, other)
    await scenario.database.set_business_time(MONDAY + timedelta(days=4))
    payout = await scenario.open(record)
    assert payout.open_holds == 0, "it was opened after they were parted"
    (payout,) = await advance(scenario, PayoutState.REVIEWED, payout)
    assert codes(await decide(scenario, approve_payouts, scenario.approver, payout)) == [AccountMissing.code]
    assert await states(scenario) == ["retired"]
    assert len(await scenario.events("account.retired")) == 1
    await name_account(scenario, worker(record.person_id), record.person_id, OWN_NUMBER)
    await scenario.database.set_business_time(MONDAY + timedelta(days=8))
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))
    (pinned,) = await scenario.sql("owner", "SELECT a.status FROM instructions JOIN accounts AS a ON a.id = account_id")
    assert pinned.status == "confirmed"


async def test_what_was_named_before_the_merger_stays_and_what_waits_since_is_retired(scenario: Scenario) -> None:
    await scenario.begin()
    record, survivor = Case().person_id, Case().person_id
    await scenario.register(record, survivor)
    await name_account(scenario, worker(record), record, OWN_NUMBER)
    await scenario.database.set_business_time(MONDAY + timedelta(hours=1))
    await scenario.merge(record, survivor)
    await propose(scenario, worker(survivor), number=OTHERS_NUMBER, owner=("worker", str(record)))
    await confirm(
        scenario,
        await propose(scenario, worker(record), number="6222020000000023", owner=("worker", str(survivor))),
        times=1,
    )
    assert await states(scenario) == ["confirmed", "proposed", "endorsed"]
    await scenario.separate(record, survivor)
    assert await states(scenario) == ["confirmed", "retired", "retired"]


async def test_of_a_merger_of_unknown_time_no_account_stays(scenario: Scenario) -> None:
    await scenario.begin()
    record, survivor = Case().person_id, Case().person_id
    await scenario.register(record, survivor)
    await name_account(scenario, worker(record), record, OWN_NUMBER)
    await scenario.merge(record, survivor)
    await scenario.sql("owner", "DELETE FROM merger_facts")
    await scenario.separate(record, survivor)
    assert await states(scenario) == ["retired"]


async def test_a_proposal_and_the_parting_at_once_leave_no_account_of_the_other(scenario: Scenario) -> None:
    """The proposal waits for the parting, and is then another person's: refused."""
    await scenario.begin()
    record, survivor = Case().person_id, Case().person_id
    await scenario.merge(record, survivor)
    parted = scenario.parted(record, survivor)
    async with scenario.database.worker.unit_of_work() as uow:
        await receive_in(uow, "payout", parted)
        proposing = asyncio.create_task(
            propose(scenario, worker(survivor), number=OTHERS_NUMBER, owner=("worker", str(record)))
        )
        await asyncio.sleep(0.5)
    with pytest.raises(DomainError) as caught:
        await proposing
    assert caught.value.code == AccountNotYours.code
    assert await states(scenario) == []
