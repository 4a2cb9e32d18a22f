"""Every route for its own roles, and the whole course over HTTP."""

from dataclasses import asdict

import httpx
import pytest

from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from shared.security import Principal, Role
from tests.api_client import ApiClient, code_of
from tests.payout.scenario import SCHOOL, YEAR, Case, Scenario, school
from tests.payout.steps import AFTER_THE_NOTICE, CONTACT, advance
from tests.registered import registered_person

EVERYBODY = (Role.WORKER, Role.PORTAL, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.FINANCE, Role.AUDITOR,
             Role.OPERATOR)  # fmt: skip


SOME = "00000000-0000-7000-8000-000000000000"


ROUTES: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("POST", "/v1/funds", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/raises", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/reductions", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/carry-overs", (Role.FINANCE,)),
    ("POST", "/v1/fund-carry-overs", (Role.FINANCE,)),
    ("POST", "/v1/fund-carry-over-approvals", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/closings", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/approvals", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/rejections", (Role.FINANCE,)),
    ("GET", "/v1/funds", (Role.FINANCE, Role.OFFICER, Role.AUDITOR)),
    ("GET", f"/v1/funds/{SOME}", (Role.FINANCE, Role.OFFICER, Role.AUDITOR)),
    ("GET", "/v1/ledger", (Role.FINANCE, Role.AUDITOR)),
    ("POST", "/v1/accounts", (Role.INSTITUTION, Role.WORKER, Role.FINANCE)),
    ("POST", f"/v1/accounts/{SOME}/confirmations", (Role.FINANCE,)),
    ("GET", "/v1/accounts", (Role.INSTITUTION, Role.WORKER, Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/accounts/{SOME}", (Role.INSTITUTION, Role.WORKER, Role.FINANCE, Role.AUDITOR)),
    ("POST", "/v1/payouts", (Role.INSTITUTION, Role.OFFICER)),
    ("GET", "/v1/payouts", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/payouts/{SOME}", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/payouts/{SOME}/holds", (Role.OFFICER,)),
    ("GET", f"/v1/payouts/{SOME}/holds/{SOME}", (Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/payouts/{SOME}/holds/{SOME}/lift", (Role.OFFICER,)),
    ("POST", f"/v1/payouts/{SOME}/holds/{SOME}/take-overs", (Role.OFFICER,)),
    *(
        ("POST", f"/v1/payout-{decision}", (Role.OFFICER,))
        for decision in ("reviews", "approvals", "second-approvals", "publications", "rejections", "corrections")
    ),
    ("GET", "/v1/payout-totals", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("GET", "/v1/notice-records", (Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/notices/{SOME}/objections", (Role.WORKER, Role.OFFICER)),
    ("POST", f"/v1/payouts/{SOME}/objections", (Role.WORKER, Role.INSTITUTION, Role.OFFICER)),
    ("GET", "/v1/objections", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)),
    ("GET", f"/v1/objections/{SOME}", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.AUDITOR)),
    *(
        ("POST", f"/v1/objections/{SOME}/{decision}", (Role.OFFICER,))
        for decision in ("proposals", "decisions", "returns", "rulings")
    ),
    ("POST", "/v1/clawbacks", (Role.OFFICER,)),
    ("GET", "/v1/clawbacks", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/clawbacks/{SOME}", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    *(
        ("POST", f"/v1/clawbacks/{SOME}/{decision}", (Role.OFFICER, Role.FINANCE))
        for decision in ("measures", "approvals", "rejections")
    ),
    ("POST", "/v1/incoming-payments", (Role.FINANCE,)),
    ("GET", "/v1/incoming-payments", (Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/incoming-payments/{SOME}", (Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/incoming-payments/{SOME}/matches", (Role.FINANCE,)),
    ("POST", "/v1/rate-changes", (Role.OFFICER,)),
    ("GET", "/v1/rate-changes", (Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/rate-changes/{SOME}", (Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/rate-changes/{SOME}/approvals", (Role.OFFICER,)),
    ("POST", f"/v1/rate-changes/{SOME}/rejections", (Role.OFFICER,)),
    ("GET", "/v1/money-returns", (Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/money-returns/{SOME}/dismissals", (Role.FINANCE,)),
    ("POST", "/v1/payment-batches", (Role.FINANCE,)),
    ("POST", f"/v1/payment-batches/{SOME}/releases", (Role.FINANCE,)),
    ("GET", "/v1/payment-batches", (Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/payment-batches/{SOME}", (Role.FINANCE, Role.AUDITOR)),
    ("GET", "/v1/payment-files", (Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/payment-files/{SOME}", (Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/payment-files/{SOME}/downloads", (Role.FINANCE,)),
    ("POST", "/v1/bank-reports", (Role.FINANCE,)),
    ("GET", "/v1/bank-reports", (Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/bank-reports/{SOME}", (Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/bank-reports/{SOME}/confirmations", (Role.FINANCE,)),
    ("POST", f"/v1/bank-reports/{SOME}/rejections", (Role.FINANCE,)),
    ("GET", "/v1/bank-report-rows", (Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/bank-report-rows/{SOME}/dismissals", (Role.FINANCE,)),
)


def rows(*ids: str) -> dict[str, list[dict[str, str]]]:
    """A list to decide on."""
    return {"rows": [{"payout_id": payout_id} for payout_id in ids]}


@pytest.mark.parametrize(("method", "path", "roles"), ROUTES)
async def test_a_route_is_for_its_roles(client: ApiClient, method: str, path: str, roles: tuple[Role, ...]) -> None:
    for role in EVERYBODY:
        caller = Principal("somebody", registered_person(), role, SCHOOL, frozenset({"410400"}))
        answer = await (client.get(caller, path) if method == "GET" else client.post(caller, path, {}))
        assert (answer.status_code == httpx.codes.FORBIDDEN) == (role not in roles), (role, answer.text)
    assert (await client.get(None, path)).status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.METHOD_NOT_ALLOWED)


async def test_from_claim_to_release_over_http(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin(budget_fen=1)
    case = Case()
    opened = await scenario.open(case)
    claimed = await client.post(school(), "/v1/payouts", {"voucher_id": str(case.voucher_id)})
    assert (claimed.status_code, claimed.headers["Location"]) == (201, f"/v1/payouts/{opened.id}")
    fund = await client.post(scenario.cashier, "/v1/funds", {
        "fund_source": case.fund_source, "area": "410402", "year": YEAR, "budget_fen": 160_000,
    })  # fmt: skip
    assert (fund.status_code, fund.json()["available_fen"], fund.json()["proposed_fen"]) == (201, 0, 160_000)
    assert (await client.get(scenario.cashier, fund.headers["Location"])).json() == fund.json()
    approvals = f"{fund.headers['Location']}/approvals"
    assert code_of(await client.post(scenario.cashier, approvals)) == "fund_same_person"
    assert (await client.post(scenario.releaser, approvals)).json()["available_fen"] == 160_000
    await scenario.run_timers()
    own = rows(str(opened.id))
    for officer_, decision, status in (
        (scenario.reviewer, "reviews", "reviewed"),
        (scenario.approver, "approvals", "approved"),
        (scenario.approver, "publications", "published"),
    ):
        body = own | asdict(CONTACT) if decision == "publications" else own
        answer = (await client.post(officer_, f"/v1/payout-{decision}", body)).json()
        assert (answer["accepted"], answer["results"][0]["result"]["status"]) == (1, status)
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    built = (await client.post(scenario.cashier, "/v1/payment-batches", {"fund_id": fund.json()["id"]})).json()
    assert (built["count"], built["amount_fen"], built["refused"]) == (1, 160_000, [])
    same = await client.post(scenario.cashier, f"/v1/payment-batches/{built['id']}/releases")
    assert (same.status_code, code_of(same)) == (409, "same_person")
    released = await client.post(scenario.releaser, f"/v1/payment-batches/{built['id']}/releases")
    assert (released.status_code, released.json()["status"]) == (200, "released")
    shown = (await client.get(scenario.cashier, f"/v1/payment-batches/{built['id']}")).json()
    assert shown["items"] == [{"payout_id": str(opened.id), "attempt": 1}]
    ledger = (await client.get(scenario.cashier, "/v1/ledger")).json()
    assert ledger["sum_fen"] == 0
    own_lines = [line for line in ledger["accounts"] if line["fund_id"] == fund.json()["id"]]
    assert {line["account"]: line["balance_fen"] for line in own_lines} == {
        "appropriation": -160_000,
        "available": 0,
        "reserved": 160_000,
    }


async def test_ten_thousand_payouts_are_decided_by_one_list_with_a_row_for_each_that_is_refused(
    scenario: Scenario, client: ApiClient
) -> None:
    await scenario.begin()
    checked = await advance(scenario, PayoutState.CHECKED, *[await scenario.open() for _ in range(3)])
    ids = [str(uuid7()) for _ in range(10_000 - len(checked))] + [str(payout.id) for payout in checked]
    answer = (await client.post(scenario.reviewer, "/v1/payout-reviews", rows(*ids))).json()
    assert (answer["accepted"], answer["refused"]) == (3, 9_997)
    assert [result["index"] for result in answer["results"]] == list(range(10_000))
    assert {result["error"]["code"] for result in answer["results"][:-3]} == {"payout_not_found"}
    more = await client.post(scenario.reviewer, "/v1/payout-reviews", rows(*ids, str(uuid7())))
    assert code_of(more) == "validation_failed"
