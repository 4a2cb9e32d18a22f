"""Payouts over HTTP: who sees what, and holds."""

from dataclasses import replace

from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, officer, school, worker
from tests.payout.steps import advance


async def test_everybody_sees_their_own_and_a_foreign_id_is_not_found(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    own = (worker(case.person_id), school(), scenario.reviewer, officer(Role.FINANCE, "410402"), officer(Role.AUDITOR))
    foreign = (
        worker(uuid7()), school(OTHER_SCHOOL), officer(Role.OFFICER, "410403"), officer(Role.FINANCE, "410403"),
        officer(Role.AUDITOR, "410403"),
    )  # fmt: skip
    for caller in own:
        assert (await client.get(caller, f"/v1/payouts/{payout.id}")).json()["id"] == str(payout.id)
        listed = (await client.get(caller, "/v1/payouts", voucher_id=str(case.voucher_id), status="opened")).json()
        assert [shown["id"] for shown in listed["data"]] == [str(payout.id)]
    for caller in foreign:
        answer = await client.get(caller, f"/v1/payouts/{payout.id}")
        assert (answer.status_code, code_of(answer)) == (404, "payout_not_found")
        assert (await client.get(caller, "/v1/payouts")).json()["data"] == []


async def test_an_institutions_token_that_names_none_sees_nothing(client: ApiClient) -> None:
    answer = await client.get(replace(school(), institution=None), "/v1/payouts")
    assert (answer.status_code, code_of(answer)) == (401, "token_invalid")


async def test_who_decided_is_shown_inside_the_administration_only(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.REVIEWED, await scenario.open(case))
    inside = (await client.get(scenario.reviewer, f"/v1/payouts/{payout.id}")).json()
    outside = (await client.get(worker(case.person_id), f"/v1/payouts/{payout.id}")).json()
    assert [decision["action"] for decision in inside["decisions"]] == ["review"]
    assert outside["decisions"] == []


async def test_holds_over_http(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    payout = await scenario.open()
    placed = await client.post(scenario.reviewer, f"/v1/payouts/{payout.id}/holds", {"reason_code": "objection"})
    hold = placed.json()
    assert (placed.status_code, hold["source"], hold["lifted_at"]) == (201, "officer", None)
    assert placed.headers["Location"] == f"/v1/payouts/{payout.id}/holds/{hold['id']}"
    assert (await client.get(scenario.cashier, placed.headers["Location"])).json() == hold
    listed = (await client.get(scenario.reviewer, "/v1/payouts", held="true")).json()["data"]
    assert [payout["id"] for payout in listed] == [str(payout.id)]
    assert (await client.get(scenario.reviewer, f"/v1/payouts/{payout.id}")).json()["holds"] == [hold]
    path = f"{placed.headers['Location']}/lift"
    for missing in (
        await client.post(officer(Role.OFFICER, "410403"), path),
        await client.get(officer(Role.OFFICER, "410403"), placed.headers["Location"]),
    ):
        assert (missing.status_code, code_of(missing)) == (404, "payout_not_found")
    lifted = await client.post(scenario.reviewer, path)
    assert (lifted.status_code, lifted.json()["lifted_at"] is None) == (200, False)
    again = await client.post(scenario.reviewer, path)
    assert (again.status_code, code_of(again)) == (404, "hold_not_found")
    assert (await client.get(scenario.cashier, placed.headers["Location"])).json() == lifted.json()
