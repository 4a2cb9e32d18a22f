"""Every event says who did it (DOMAIN R21): the officer's account, the timer, or what was consumed."""

from services.payout.payouts.domain import PayoutState
from shared.contracts.voucher import VoucherHeldV1
from shared.kernel.ids import uuid7
from tests.api_client import ApiClient
from tests.payout.scenario import Case, Scenario
from tests.payout.steps import advance


async def test_every_event_names_its_actor(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open(case))
    await client.post(scenario.reviewer, "/v1/payout-reviews", {"rows": [{"payout_id": str(payout.id)}]})
    await scenario.receive(scenario.next_event(VoucherHeldV1, case.voucher_id, hold_id=uuid7(), reason_code="sample"))
    consumer = {"kind": "consumer", "id": "payout", "role": None, "person_id": None}
    officer = {
        "kind": "account",
        "id": scenario.reviewer.account,
        "role": "officer",
        "person_id": str(scenario.reviewer.person_id),
    }
    for name, actor in (
        ("opened", consumer),
        ("checked", {**consumer, "kind": "timer", "id": "payout.check"}),
        ("reviewed", officer),
        ("held", consumer),
    ):
        (event,) = await scenario.events(f"payout.{name}")
        assert event["actor"] == actor, name
