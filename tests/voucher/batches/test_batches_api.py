"""Batches over HTTP: proposed by one officer, decided by another, seen by those who may."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api_client import ApiClient, code_of
from tests.voucher.requests import active_batch, officer, proposal, worker
from tests.voucher.scenario import AREA, ELSEWHERE, SKILL, Scenario


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"programme": "hiring_grant"}, 422, "programme_unknown"),
        ({"fund_source": "employment"}, 422, "fund_source_unknown"),
        ({"skills": [{"skill_code": "9-99-99-99", "level": 4}]}, 422, "skill_unknown"),
        ({"skills": [{"skill_code": SKILL[0], "level": 0}]}, 422, "skill_level_invalid"),
        ({"areas": ["110101"]}, 422, "area_unknown"),
        ({"claim_until": "2020-01-01T00:00:00Z"}, 422, "batch_contradicts"),
        ({"kind": "targeted"}, 422, "batch_contradicts"),
        ({"holders": [str(uuid4())]}, 422, "batch_contradicts"),
        ({"kind": "targeted", "quantity": 1, "holders": [str(uuid4())]}, 409, "holders_not_offerable"),
    ],
)
async def test_a_proposal_must_make_sense(client: ApiClient, said: dict[str, Any], status: int, code: str) -> None:
    answer = await client.post(officer(), "/v1/batches", proposal(**said))
    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_an_officer_proposes_and_decides_within_their_areas(client: ApiClient) -> None:
    local = officer(ELSEWHERE)
    assert code_of(await client.post(local, "/v1/batches", proposal())) == "area_outside_scope"
    assert code_of(await client.post(local, "/v1/batches", proposal(areas=["410400"]))) == "area_outside_scope"
    proposed = (await client.post(officer(AREA), "/v1/batches", proposal())).json()["id"]
    for act, body in (("approvals", None), ("rejections", {"reason": "x"}), ("closings", None)):
        answer = await client.post(local, f"/v1/batches/{proposed}/{act}", body)
        assert (answer.status_code, code_of(answer)) == (404, "batch_not_found")
    assert (await client.get(local, f"/v1/batches/{proposed}")).status_code == 404
    assert (await client.get(worker(uuid4()), f"/v1/batches/{proposed}")).status_code == 404


async def test_whoever_proposed_does_not_decide(client: ApiClient) -> None:
    maker = officer()
    proposed = (await client.post(maker, "/v1/batches", proposal())).json()["id"]
    assert code_of(await client.post(maker, f"/v1/batches/{proposed}/approvals")) == "batch_self_approval"
    other_account_same_person = officer(AREA, person=maker.person)
    assert (
        code_of(await client.post(other_account_same_person, f"/v1/batches/{proposed}/approvals"))
        == "batch_self_approval"
    )
    rejected = await client.post(officer(), f"/v1/batches/{proposed}/rejections", {"reason": "wrong fund"})
    assert (rejected.json()["status"], rejected.json()["reject_reason"]) == ("rejected", "wrong fund")


async def test_a_closed_batch_takes_no_claims(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    assert (await client.post(officer(), f"/v1/batches/{batch_id}/closings")).json()["status"] == "closed"
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    assert code_of(await client.post(worker(person), "/v1/vouchers", body)) == "batch_not_active"
