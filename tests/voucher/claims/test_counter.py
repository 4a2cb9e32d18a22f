"""Claims at a counter: three people, a card read for this claim, evidence."""

from uuid import uuid4

from tests.api_client import Account, ApiClient, code_of
from tests.clock import business_now
from tests.voucher.requests import AUDITOR, active_batch, officer, worker
from tests.voucher.scenario import AREA, ELSEWHERE, SKILL, Scenario


async def test_a_claim_at_the_counter(client: ApiClient, scenario: Scenario) -> None:
    person, first, second = [await scenario.person() for _ in range(3)]
    batch_id = await active_batch(client)
    body = {
        "person_id": str(person),
        "batch_id": batch_id,
        "skill_code": SKILL[0],
        "level": SKILL[1],
        "second_officer_id": str(second),
        "card_read_at": business_now().isoformat(),
        "photo_digest": "ab" * 32,
        "site": "新华区政务服务中心",
    }
    clerk = officer(AREA, person=first)
    for said, code in (
        ({"second_officer_id": str(first)}, "counter_officers_alike"),
        ({"card_read_at": "2026-01-01T00:00:00Z"}, "card_read_too_old"),
        ({"second_officer_id": str(uuid4())}, "person_not_found"),
    ):
        assert code_of(await client.post(clerk, "/v1/counter-claims", body | said)) == code
    assert (
        code_of(await client.post(officer(ELSEWHERE, person=first), "/v1/counter-claims", body)) == "person_not_found"
    )
    answer = await client.post(clerk, "/v1/counter-claims", body)
    assert (answer.status_code, answer.json()["status"], answer.json()["person_id"]) == (201, "claimed", str(person))
    for actor, count in ((officer(AREA), 1), (officer(ELSEWHERE), 0), (AUDITOR, 1)):
        page = (await client.get(actor, "/v1/counter-claims")).json()["data"]
        assert [claim["voucher_id"] for claim in page] == [answer.json()["id"]] * count
    drawn = [
        len((await client.get(AUDITOR, "/v1/counter-claims", sampled=sampled)).json()["data"])
        for sampled in (True, False)
    ]
    assert sum(drawn) == 1


async def test_nobody_serves_themselves_at_a_counter(client: ApiClient, scenario: Scenario) -> None:
    clerk, colleague, alias = [await scenario.person() for _ in range(3)]
    await scenario.merge(alias, clerk)
    batch_id = await active_batch(client)
    body = {
        "person_id": str(clerk),
        "batch_id": batch_id,
        "skill_code": SKILL[0],
        "level": SKILL[1],
        "second_officer_id": str(colleague),
        "card_read_at": business_now().isoformat(),
        "photo_digest": "ab" * 32,
        "site": "新华区政务服务中心",
    }
    for serving, said, code in (
        (clerk, {}, "counter_own_claim"),
        (colleague, {"second_officer_id": str(clerk)}, "counter_own_claim"),
        (clerk, {"person_id": str(alias)}, "counter_own_claim"),
        (clerk, {"person_id": str(await scenario.person()), "second_officer_id": str(alias)}, "counter_officers_alike"),
    ):
        answer = await client.post(officer(AREA, person=serving), "/v1/counter-claims", body | said)
        assert code_of(answer) == code
    assert (await client.get(worker(clerk), "/v1/vouchers")).json()["data"] == []
    assert (await client.get(Account("auditor", areas=(ELSEWHERE,)), "/v1/counter-claims")).json()["data"] == []
