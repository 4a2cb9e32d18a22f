"""Callers, bodies and requests that several tests of the HTTP interface begin with."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.api_client import Account, ApiClient
from tests.clock import business_now
from tests.registered import registered_person
from tests.voucher.scenario import AREA, SKILL

PORTAL = Account("portal")
AUDITOR = Account("auditor", areas=("410400",))


def worker(person: UUID) -> Account:
    """The worker's own account."""
    return Account("worker", person)


def officer(*areas: str, person: UUID | None = None) -> Account:
    """Some officer of these areas, of the whole city if none is named."""
    return Account("officer", person or registered_person(), areas=areas or ("410400",))


async def merged(client: ApiClient, record: UUID, survivor: UUID, **said: Any) -> dict[str, Any]:
    """The merger of two records that two officers agreed to."""
    body = {"person_id": str(record), "survivor_id": str(survivor), "reason_code": "same_person", "evidence": "同一人"}
    proposed = await client.post(officer(), "/v1/mergers", body | said)
    assert proposed.status_code == 201, proposed.text
    approved = await client.post(officer(), f"/v1/mergers/{proposed.json()['id']}/approvals")
    assert (approved.status_code, approved.json()["status"]) == (200, "merged"), approved.text
    merger: dict[str, Any] = approved.json()
    return merger


def proposal(**said: Any) -> dict[str, Any]:
    """A batch as an officer proposes it."""
    now = business_now()
    usual = {
        "kind": "general",
        "programme": "training_voucher",
        "title": "2026 年第四季度职业培训券",
        "quantity": 5,
        "skills": [{"skill_code": SKILL[0], "level": SKILL[1]}],
        "areas": [AREA],
        "audience_groups": [],
        "claim_from": (now - timedelta(minutes=5)).isoformat(),
        "claim_until": (now + timedelta(days=30)).isoformat(),
        "validity_days": 90,
        "fund_source": "employment_subsidy_fund",
        "rules_version": "2022-03",
    }
    return usual | said


async def active_batch(client: ApiClient, **said: Any) -> str:
    """The id of a batch that two officers put out."""
    proposed = await client.post(officer(), "/v1/batches", proposal(**said))
    assert proposed.status_code == 201, proposed.text
    batch_id = proposed.json()["id"]
    approved = await client.post(officer(), f"/v1/batches/{batch_id}/approvals")
    assert (approved.status_code, approved.json()["status"]) == (200, "active"), approved.text
    return str(batch_id)


async def claimed(client: ApiClient, person: UUID, batch_id: str) -> dict[str, Any]:
    """The voucher that a claim answers."""
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    answer = await client.post(worker(person), "/v1/vouchers", body)
    assert answer.status_code == 201, answer.text
    voucher: dict[str, Any] = answer.json()
    return voucher
