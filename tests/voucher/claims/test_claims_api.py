"""Claims over HTTP: answered one by one, repeated, refused."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from shared.kernel.clock import business_date
from shared.kernel.ids import canonical_public_number
from tests.api_client import Account, ApiClient, code_of
from tests.voucher.requests import active_batch, claimed, officer, worker
from tests.voucher.scenario import AREA, ELSEWHERE, SKILL, Scenario


async def test_a_claim_over_http(client: ApiClient, scenario: Scenario) -> None:
    person = await scenario.person()
    batch_id = await active_batch(client)
    voucher = await claimed(client, person, batch_id)
    assert voucher["status"] == "claimed"
    assert voucher["person_id"] == str(person)
    assert (voucher["skill_code"], voucher["level"], voucher["area"]) == (*SKILL, AREA)
    assert canonical_public_number(voucher["number"], "PDS") == voucher["number"]
    again = await client.post(
        worker(person), "/v1/vouchers", {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    )
    assert (again.status_code, code_of(again)) == (409, "voucher_already_live")
    assert (await client.get(officer(), f"/v1/batches/{batch_id}")).json()["claimed"] == 1


async def test_a_repeated_claim_has_the_same_answer(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(), await active_batch(client)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    first, second = [await client.post(worker(person), "/v1/vouchers", body, key="k1") for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


async def test_eligibility_is_answered_with_its_reasons(client: ApiClient, scenario: Scenario) -> None:
    batch_id = await active_batch(client)
    path = f"/v1/batches/{batch_id}/eligibility"
    assert (await client.get(worker(await scenario.person()), path)).json() == {"verdict": "eligible", "reasons": []}
    nobody_asked = await client.get(worker(await scenario.person(extract={})), path)
    assert nobody_asked.json()["verdict"] == "unknown"
    assert [reason["code"] for reason in nobody_asked.json()["reasons"]] == ["fiscal_payroll_unknown"]
    elsewhere = (await client.get(worker(await scenario.person(area=ELSEWHERE)), path)).json()
    assert (elsewhere["verdict"], elsewhere["reasons"][0]["code"]) == ("ineligible", "area_outside_batch")
    assert code_of(await client.get(worker(uuid4()), path)) == "person_not_found"
    asked = await client.get(worker(await scenario.person()), path, skill_code=SKILL[0], level=5)
    assert code_of(asked) == "skill_not_in_batch"


async def test_claims_at_once_share_units_of_work_and_are_answered_one_by_one(
    client: ApiClient, scenario: Scenario
) -> None:
    """Twelve ask for eight, one of them twice with one key; each gets an answer after the commit."""
    people, batch_id = [await scenario.person() for _ in range(12)], await active_batch(client, quantity=8)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    answers = await asyncio.gather(
        *(client.post(worker(person), "/v1/vouchers", body) for person in people),
        *(client.post(worker(people[0]), "/v1/vouchers", body, key="same") for _ in range(2)),
    )
    first = [answer for answer in answers[:12] if answer.status_code == 201]
    assert {answer.json()["person_id"] for answer in first} <= {str(person) for person in people}
    codes = [code_of(answer) for answer in answers if answer.status_code != 201]
    assert set(codes) <= {"quota_exhausted", "voucher_already_live", "request_in_progress"}
    assert (await client.get(officer(), f"/v1/batches/{batch_id}")).json()["claimed"] == 8
    async with scenario.database.worker.engine.connect() as connection:
        inserted_by = await connection.scalars(text("SELECT xmin::text FROM vouchers"))
        assert len(set(inserted_by)) < 8


async def test_a_refused_claim_is_decided_anew_under_the_same_key(client: ApiClient, scenario: Scenario) -> None:
    person, batch_id = await scenario.person(extract={}), await active_batch(client)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    assert code_of(await client.post(worker(person), "/v1/vouchers", body, key="k")) == "eligibility_undecided"
    as_of = str(business_date(await scenario.now()))
    extract = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "portal", "as_of": as_of}
    await client.post(Account("portal"), f"/v1/workers/{person}/register-extracts", extract)
    assert (await client.post(worker(person), "/v1/vouchers", body, key="k")).status_code == 201
    reused = await client.post(worker(person), "/v1/vouchers", body | {"level": 3}, key="k")
    assert (reused.status_code, code_of(reused)) == (422, "idempotency_key_reused")
