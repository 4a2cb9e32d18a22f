"""One scenario that calls every operation of voucher: the examples of its OpenAPI document."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from tests.api_client import ApiClient
from tests.databases import ServiceDatabase
from tests.examples import NOON, Recorder
from tests.voucher.people import registered
from tests.voucher.requests import AUDITOR, PORTAL, officer, proposal, worker
from tests.voucher.scenario import AREA, INSTITUTION, SKILL, Scenario

CHOICE = {"skill_code": SKILL[0], "level": SKILL[1]}
TODAY = "2036-05-19"
EXTRACT = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "省社会保险信息系统", "as_of": TODAY}


async def test_examples(
    voucher: ServiceDatabase, scenario: Scenario, client: ApiClient, record_examples: Callable[..., Recorder]
) -> None:
    await voucher.set_business_time(NOON)
    clerk, colleague, alias, visitor = [await scenario.person() for _ in range(4)]
    recorder = record_examples("voucher", sampled=False, expires_at="2036-05-19T04:01:00Z")
    recorder.listen(client.client)
    person = await registered(client)
    await _people(client, person, alias)
    batch = await _batches(client)
    choice = {"batch_id": batch, **CHOICE}
    await client.get(worker(person), f"/v1/batches/{batch}/eligibility", **CHOICE)
    claimed = (await client.post(worker(person), "/v1/vouchers", choice)).json()["id"]
    await _vouchers(client, person, claimed, choice)
    served = {
        "person_id": str(visitor),
        **choice,
        "second_officer_id": str(colleague),
        "card_read_at": NOON.isoformat(),
    }
    shown = {"photo_digest": "ab" * 32, "site": "新华区政务服务中心"}
    await voucher.set_business_time(NOON + timedelta(minutes=5))
    await client.post(officer(AREA, person=clerk), "/v1/counter-claims", served | shown)
    await client.get(AUDITOR, "/v1/counter-claims", limit=1)
    await client.post(officer(), f"/v1/batches/{batch}/closings")
    recorder.check()


async def _people(client: ApiClient, person: UUID, alias: UUID) -> None:
    bureau = officer(AREA)
    await client.get(worker(person), f"/v1/workers/{person}")
    unmask = {"reason_code": "complaint", "fields": ["phone"]}
    await client.post(bureau, f"/v1/workers/{person}/unmaskings", unmask)
    group = {"group": "veteran", "evidence": "退役军人优待证", "source": "区退役军人事务局", "as_of": TODAY}
    await client.post(bureau, f"/v1/workers/{person}/groups", group)
    other = {
        "programme": "unemployment_skills_subsidy",
        "skill_code": "4-03-02-02",
        "level": 5,
        "taken_on": "2035-03-01",
    }
    await client.post(PORTAL, f"/v1/workers/{person}/register-extracts", EXTRACT | {"other_benefits": [other]})
    await client.post(worker(alias), f"/v1/workers/{alias}/phone-changes", {"phone": "13900001111"})
    await client.post(bureau, f"/v1/workers/{alias}/area-changes", {"area": AREA})
    name = {"name": "欧阳敏", "reason_code": "police_decision", "evidence": "平公(户)更名字第 12 号"}
    proposed = (await client.post(bureau, f"/v1/workers/{alias}/name-proposals", name)).json()["id"]
    await client.post(officer(AREA), f"/v1/workers/{alias}/name-proposals/{proposed}/approvals")
    await client.get(worker(alias), f"/v1/workers/{alias}/changes")
    await _mergers(client, person, alias)


async def _mergers(client: ApiClient, person: UUID, alias: UUID) -> None:
    bureau, colleague = officer(AREA), officer(AREA)
    said = {"reason_code": "card_of_before_1999", "evidence": "平公(户)证明第 31 号:15 位号码与现号码为同一人"}
    body = {"person_id": str(alias), "survivor_id": str(person), **said}
    for by, act in ((colleague, "refusals"), (bureau, "withdrawals")):
        merger = (await client.post(bureau, "/v1/mergers", body)).json()["id"]
        await client.post(by, f"/v1/mergers/{merger}/{act}")
    merger = (await client.post(bureau, "/v1/mergers", body)).json()["id"]
    path = f"/v1/mergers/{merger}"
    await client.post(colleague, f"{path}/approvals")
    apart = {"reason_code": "two_persons", "evidence": "平公(户)证明第 40 号:两人同名"}
    for by, act in ((colleague, "refusals"), (bureau, "withdrawals"), (colleague, "approvals")):
        await client.post(bureau, f"{path}/separations", apart)
        await client.post(by, f"{path}/separation-{act}")
    await client.get(bureau, path)
    await client.get(bureau, "/v1/mergers", status="separated", limit=1)


async def _batches(client: ApiClient) -> str:
    window = {"claim_from": "2036-05-19T03:00:00Z", "claim_until": "2036-06-18T16:00:00Z"}
    asked = proposal(title="2036 年第二季度职业培训券", **window)
    refused = (await client.post(officer(AREA), "/v1/batches", asked)).json()["id"]
    await client.post(officer(), f"/v1/batches/{refused}/rejections", {"reason": "额度未落实"})
    batch: str = (await client.post(officer(AREA), "/v1/batches", asked)).json()["id"]
    await client.post(officer(), f"/v1/batches/{batch}/approvals")
    await client.get(officer(AREA), "/v1/batches", status="active", limit=1)
    await client.get(officer(AREA), f"/v1/batches/{batch}")
    return batch


async def _vouchers(client: ApiClient, person: UUID, voucher: str, choice: dict[str, object]) -> None:
    bureau, path = officer(AREA), f"/v1/vouchers/{voucher}"
    await client.get(worker(person), "/v1/vouchers", limit=1)
    await client.get(worker(person), path)
    await client.post(worker(person), f"{path}/presence-codes", {"institution": INSTITUTION, "mandate": True})
    hold = (await client.post(bureau, f"{path}/holds", {"reason_code": "audit"})).json()["id"]
    await client.get(bureau, f"{path}/holds")
    await client.get(bureau, f"{path}/holds/{hold}")
    await client.post(bureau, f"{path}/holds/{hold}/lift")
    for undone in ((officer(AREA), "cancellation-refusals"), (bureau, "cancellation-withdrawals")):
        await client.post(bureau, f"{path}/cancellations", {"reason_code": "claimed_in_error"})
        await client.post(undone[0], f"{path}/{undone[1]}")
    await client.post(bureau, f"{path}/cancellations", {"reason_code": "claimed_in_error"})
    await client.post(officer(AREA), f"{path}/cancellation-approvals")
    given_back = (await client.post(worker(person), "/v1/vouchers", choice)).json()["id"]
    await client.post(worker(person), f"/v1/vouchers/{given_back}/give-back")
