"""Vouchers over HTTP: who sees, holds and cancels them."""

from uuid import uuid4

import pytest

from tests.api_client import Account, ApiClient, code_of
from tests.voucher.requests import AUDITOR, active_batch, claimed, officer, proposal, worker
from tests.voucher.scenario import AREA, ELSEWHERE, INSTITUTION, Scenario


async def test_lists_show_what_the_caller_may_see(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    await client.post(officer(), "/v1/batches", proposal(areas=[ELSEWHERE]))
    voucher = await claimed(client, person, batch_id)
    for actor, count in ((worker(person), 1), (worker(uuid4()), 0), (officer(AREA), 1), (officer(ELSEWHERE), 0),
                         (AUDITOR, 1), (Account("institution", institution=INSTITUTION), 0)):  # fmt: skip
        page = await client.get(actor, "/v1/vouchers", limit=10)
        assert len(page.json()["data"]) == count, actor
        shown = await client.get(actor, f"/v1/vouchers/{voucher['id']}")
        assert (shown.status_code == 200) == bool(count), actor
    for actor, count in ((worker(person), 1), (officer(AREA), 1), (officer(ELSEWHERE), 1), (officer(), 2)):
        assert len((await client.get(actor, "/v1/batches")).json()["data"]) == count, actor
    assert len((await client.get(officer(), "/v1/batches", status="proposed")).json()["data"]) == 1
    assert len((await client.get(worker(person), "/v1/batches", status="proposed")).json()["data"]) == 0


async def test_holds_stop_presenting_until_the_last_is_lifted(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, person, batch_id))['id']}"
    holds = [(await client.post(officer(AREA), f"{path}/holds", {"reason_code": "audit"})).json() for _ in range(2)]
    present = {"institution": INSTITUTION}
    for hold in holds:
        assert code_of(await client.post(worker(person), f"{path}/presence-codes", present)) == "held"
        lifted = await client.post(officer(AREA), f"{path}/holds/{hold['id']}/lift")
        assert lifted.json()["lifted_at"] is not None
    assert code_of(await client.post(officer(AREA), f"{path}/holds/{holds[0]['id']}/lift")) == "hold_not_found"
    assert (await client.post(worker(person), f"{path}/presence-codes", present)).status_code == 200
    assert len((await client.get(AUDITOR, f"{path}/holds")).json()["data"]) == 2


async def test_two_officers_cancel(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, person, batch_id))['id']}"
    maker = officer()
    assert code_of(await client.post(officer(), f"{path}/cancellation-approvals")) == "cancellation_not_proposed"
    proposed = await client.post(maker, f"{path}/cancellations", {"reason_code": "claimed_in_error"})
    assert proposed.json()["status"] == "claimed"
    again = await client.post(officer(), f"{path}/cancellations", {"reason_code": "x"})
    assert code_of(again) == "cancellation_pending"
    assert code_of(await client.post(maker, f"{path}/cancellation-approvals")) == "cancel_self_approval"
    assert (await client.post(officer(), f"{path}/cancellation-approvals")).json()["status"] == "cancelled"
    await claimed(client, person, batch_id)


@pytest.mark.parametrize(
    "act", ["holds", "cancellations", "cancellation-approvals", "holds/0b5f8c1e-0000-7000-8000-000000000001/lift"]
)
async def test_a_foreign_officer_finds_no_voucher(client: ApiClient, scenario: Scenario, act: str) -> None:
    voucher = await scenario.claimed()
    body = {"reason_code": "audit"} if act in ("holds", "cancellations") else None
    answer = await client.post(officer(ELSEWHERE), f"/v1/vouchers/{voucher.id}/{act}", body)
    assert (answer.status_code, code_of(answer)) == (404, "voucher_not_found")
