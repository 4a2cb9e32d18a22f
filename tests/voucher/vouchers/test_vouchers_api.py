"""Vouchers over HTTP: who sees, holds and cancels them."""

from uuid import uuid4

import pytest

from tests.voucher.api_client import Account, ApiClient, code_of, officer, worker
from tests.voucher.requests import AUDITOR, active_batch, claimed, proposal
from tests.voucher.scenario import AREA, ELSEWHERE, INSTITUTION, Scenario


async def test_lists_show_what_the_caller_may_see(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    await client.post("/v1/batches", officer(), proposal(areas=[ELSEWHERE]))
    voucher = await claimed(client, person, batch_id)
    for actor, count in ((worker(person), 1), (worker(uuid4()), 0), (officer(AREA), 1), (officer(ELSEWHERE), 0),
                         (AUDITOR, 1), (Account("institution", uuid4(), institution=INSTITUTION), 0)):  # fmt: skip
        page = await client.get("/v1/vouchers", actor, limit=10)
        assert len(page.json()["data"]) == count, actor
        shown = await client.get(f"/v1/vouchers/{voucher['id']}", actor)
        assert (shown.status_code == 200) == bool(count), actor
    for actor, count in ((worker(person), 1), (officer(AREA), 1), (officer(ELSEWHERE), 1), (officer(), 2)):
        assert len((await client.get("/v1/batches", actor)).json()["data"]) == count, actor
    assert len((await client.get("/v1/batches", officer(), status="proposed")).json()["data"]) == 1
    assert len((await client.get("/v1/batches", worker(person), status="proposed")).json()["data"]) == 0


async def test_holds_stop_presenting_until_the_last_is_lifted(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, person, batch_id))['id']}"
    holds = [(await client.post(f"{path}/holds", officer(AREA), {"reason_code": "audit"})).json() for _ in range(2)]
    present = {"institution": INSTITUTION}
    for hold in holds:
        assert code_of(await client.post(f"{path}/presence-codes", worker(person), present)) == "held"
        lifted = await client.post(f"{path}/holds/{hold['id']}/lift", officer(AREA))
        assert lifted.json()["lifted_at"] is not None
    assert code_of(await client.post(f"{path}/holds/{holds[0]['id']}/lift", officer(AREA))) == "hold_not_found"
    assert (await client.post(f"{path}/presence-codes", worker(person), present)).status_code == 200
    assert len((await client.get(f"{path}/holds", AUDITOR)).json()["data"]) == 2


async def test_two_officers_cancel(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, person, batch_id))['id']}"
    maker = officer()
    assert code_of(await client.post(f"{path}/cancellation-approvals", officer())) == "cancellation_not_proposed"
    proposed = await client.post(f"{path}/cancellations", maker, {"reason_code": "claimed_in_error"})
    assert proposed.json()["status"] == "claimed"
    again = await client.post(f"{path}/cancellations", officer(), {"reason_code": "x"})
    assert code_of(again) == "cancellation_pending"
    assert code_of(await client.post(f"{path}/cancellation-approvals", maker)) == "cancel_self_approval"
    assert (await client.post(f"{path}/cancellation-approvals", officer())).json()["status"] == "cancelled"
    await claimed(client, person, batch_id)


@pytest.mark.parametrize(
    "act", ["holds", "cancellations", "cancellation-approvals", "holds/0b5f8c1e-0000-7000-8000-000000000001/lift"]
)
async def test_a_foreign_officer_finds_no_voucher(client: ApiClient, scenario: Scenario, act: str) -> None:
    voucher = await scenario.claimed()
    body = {"reason_code": "audit"} if act in ("holds", "cancellations") else None
    answer = await client.post(f"/v1/vouchers/{voucher.id}/{act}", officer(ELSEWHERE), body)
    assert (answer.status_code, code_of(answer)) == (404, "voucher_not_found")
