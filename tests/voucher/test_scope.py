"""Who sees what by area, and that two records of one officer are one officer (DOMAIN §4, 8 and 15)."""

import pytest

from tests.api_client import Account, ApiClient, code_of
from tests.voucher.requests import active_batch, claimed, officer, proposal
from tests.voucher.scenario import AREA, ELSEWHERE, Scenario


@pytest.mark.parametrize(("areas", "sees"), [((AREA,), 1), (("410400",), 1), ((ELSEWHERE,), 0), ((), 0)])
async def test_an_auditor_sees_their_areas_only(
    client: ApiClient, scenario: Scenario, areas: tuple[str, ...], sees: int
) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    voucher, auditor = await claimed(client, person, batch_id), Account("auditor", areas=areas)
    for path, name in ((f"/v1/vouchers/{voucher['id']}", "voucher_not_found"),
                       (f"/v1/vouchers/{voucher['id']}/holds", "voucher_not_found"),
                       (f"/v1/batches/{batch_id}", "batch_not_found")):  # fmt: skip
        answer = await client.get(auditor, path)
        assert answer.status_code == (200 if sees else 404), path
        assert sees or code_of(answer) == name
    for path in ("/v1/vouchers", "/v1/batches"):
        assert len((await client.get(auditor, path)).json()["data"]) == sees, path


async def test_two_records_of_one_officer_do_not_approve_each_other(client: ApiClient, scenario: Scenario) -> None:
    first, second = await scenario.person(), await scenario.person()
    batch_id = (await client.post(officer(person=first), "/v1/batches", proposal())).json()["id"]
    holder, open_batch = await scenario.person(), await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, holder, open_batch))['id']}"
    await client.post(officer(person=first), f"{path}/cancellations", {"reason_code": "claimed_in_error"})
    await scenario.merge(first, second)
    the_same = officer(person=second)
    for act, body in (("approvals", None), ("rejections", {"reason": "no money"})):
        assert code_of(await client.post(the_same, f"/v1/batches/{batch_id}/{act}", body)) == "batch_self_approval"
    assert code_of(await client.post(the_same, f"{path}/cancellation-approvals")) == "cancel_self_approval"
    assert (await client.post(officer(), f"/v1/batches/{batch_id}/approvals")).json()["status"] == "active"
