"""Payouts that two officers rejected for good, and objections to that."""

from datetime import date
from typing import Any

import httpx

from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.payouts.service import place_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.contracts.voucher import VoucherLapsedV1
from shared.security import Principal
from tests.api_client import ApiClient
from tests.payout.scenario import Case, Scenario, codes
from tests.payout.steps import advance
from tests.registered import registered_person

SAID = "名单中确有此人,考勤记录附后"
UPHOLD = {"outcome": "upheld", "reason_code": "attendance_proven"}
DISMISS = {"outcome": "dismissed", "reason_code": "never_attended"}
LAST_DAY = date(2033, 3, 21)
"""Ten working days after Monday, 7 March 2033."""


def own_case(**more: Any) -> Case:
    """A case of a registered person, who can act."""
    return Case(person_id=registered_person(), **more)


async def reject(scenario: Scenario, payout: PayoutFacts, *, by: tuple[Principal, Principal] | None = None) -> None:
    """Two officers reject it for good: one holds it, another ends it."""
    holder, rejecter = by or (scenario.second, scenario.reviewer)
    async with scenario.database.api.unit_of_work(holder.actor) as uow:
        await place_hold(uow, holder, payout.id, "doubt")
    async with scenario.database.api.unit_of_work(rejecter.actor) as uow:
        outcomes = await reject_payouts(uow, rejecter, {payout.id: Rejection("not_trained", final=True)})
    assert codes(outcomes.values()) == [None]


async def rejected(scenario: Scenario, case: Case, *, state: PayoutState = PayoutState.CHECKED) -> PayoutFacts:
    """A payout that two officers rejected for good when it had come to `state`; its voucher lapsed."""
    await scenario.begin()
    payout = await scenario.open(case)
    await advance(scenario, state, payout)
    await reject(scenario, payout)
    await scenario.receive(scenario.next_event(VoucherLapsedV1, case.voucher_id, code="not_trained"))
    return await scenario.now_of(payout)


async def lodge(client: ApiClient, by: Principal, payout: PayoutFacts, **more: str) -> httpx.Response:
    """Object to the rejection of a payout."""
    return await client.post(by, f"/v1/payouts/{payout.id}/objections", {"statement": SAID, **more})


async def rule(client: ApiClient, by: Principal, lodged: httpx.Response, said: dict[str, str]) -> httpx.Response:
    """Decide an objection."""
    return await client.post(by, f"{lodged.headers['Location']}/rulings", said)
