"""Accounts over HTTP: masked, and each payee's own."""

from datetime import timedelta

from shared.kernel.ids import uuid7
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.scenario import MONDAY, OTHER_SCHOOL, SCHOOL, Scenario, officer, school, worker

SOME = "00000000-0000-7000-8000-000000000000"


async def test_accounts_over_http_are_masked_and_their_own(scenario: Scenario, client: ApiClient) -> None:
    await scenario.database.set_business_time(MONDAY)
    body = {
        "owner_kind": "institution", "owner_id": SCHOOL, "bank_code": "102100099996",
        "account_number": "6222020000000001", "account_name": "平顶山市职业培训学校",
    }  # fmt: skip
    proposed = await client.post(school(), "/v1/accounts", body)
    shown = proposed.json()
    assert (proposed.status_code, shown["status"], shown["usable_from"]) == (201, "proposed", None)
    assert (await client.get(school(), proposed.headers["Location"])).json() == shown
    assert code_of(await client.get(school(OTHER_SCHOOL), proposed.headers["Location"])) == "account_not_found"
    assert (shown["account_number"], shown["account_name"]) == ("************0001", "平*********")
    path, name = f"/v1/accounts/{shown['id']}/confirmations", {"payee_name": " 平顶山市 职业培训学校"}
    wrong = await client.post(scenario.cashier, path, {"payee_name": "平顶山市职业培训中心"})
    assert (wrong.status_code, code_of(wrong)) == (409, "account_name_differs")
    assert (await client.post(scenario.cashier, path, name)).json()["status"] == "endorsed"
    assert code_of(await client.post(scenario.cashier, path, name)) == "account_same_person"
    confirmed = (await client.post(scenario.releaser, path, name)).json()
    assert confirmed["status"] == "confirmed"
    assert confirmed["usable_from"] > (MONDAY + timedelta(hours=72)).isoformat()[:19]
    assert code_of(await client.post(officer(Role.FINANCE), path, name)) == "wrong_state"
    for caller, count in ((school(), 1), (school(OTHER_SCHOOL), 0), (worker(uuid7()), 0), (scenario.cashier, 1)):
        assert len((await client.get(caller, "/v1/accounts")).json()["data"]) == count
    foreign = await client.post(school(OTHER_SCHOOL), "/v1/accounts", body)
    assert (foreign.status_code, code_of(foreign)) == (403, "account_not_yours")
    crossed = await client.post(scenario.cashier, "/v1/accounts", {**body, "owner_kind": "worker"})
    assert (crossed.status_code, code_of(crossed)) == (422, "owner_id_invalid")
    assert (await client.post(scenario.cashier, f"/v1/accounts/{SOME}/confirmations", name)).status_code == 404


async def test_an_owner_is_named_by_an_id_or_refused(scenario: Scenario, client: ApiClient) -> None:
    """Whatever stands there: never a failure of ours."""
    await scenario.database.set_business_time(MONDAY)
    for kind in ("institution", "enterprise", "worker"):
        for owner_id in ("0" * 18, "0" * 36, SOME, "9" * 18, "", "410402199001011234"):
            body = {
                "owner_kind": kind, "owner_id": owner_id, "bank_code": "102100099996",
                "account_number": "6222020000000001", "account_name": "单位",
            }  # fmt: skip
            answer = await client.post(scenario.cashier, "/v1/accounts", body)
            assert answer.status_code in (201, 422), (kind, owner_id, answer.text)
            assert (answer.status_code == 201) is ((kind, owner_id) == ("worker", SOME)), (kind, owner_id)
