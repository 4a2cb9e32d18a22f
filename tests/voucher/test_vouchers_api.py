"""Batches and vouchers over HTTP: the routes, who may call them, and what strangers find."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.voucher.mandates.models import Mandate
from shared.kernel.clock import business_date
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import canonical_public_number
from shared.security import parse_key_set, read_presence_code
from tests.clock import business_now, recorded_now
from tests.voucher.door import Actor, Door, code_of, officer, worker
from tests.voucher.town import AREA, ELSEWHERE, INSTITUTION, SKILL, Town

AUDITOR = Actor("auditor", uuid4(), ("410400",))


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


async def active_batch(door: Door, **said: Any) -> str:
    """The id of a batch that two officers put out."""
    proposed = await door.post("/v1/batches", officer(), proposal(**said))
    assert proposed.status_code == 201, proposed.text
    batch_id = proposed.json()["id"]
    approved = await door.post(f"/v1/batches/{batch_id}/approvals", officer())
    assert (approved.status_code, approved.json()["status"]) == (201, "active"), approved.text
    return str(batch_id)


async def claimed(door: Door, person: UUID, batch_id: str) -> dict[str, Any]:
    """The voucher that a claim answers."""
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    answer = await door.post("/v1/vouchers", worker(person), body)
    assert answer.status_code == 201, answer.text
    voucher: dict[str, Any] = answer.json()
    return voucher


async def test_a_claim_over_http(door: Door, town: Town) -> None:
    person = await town.person()
    batch_id = await active_batch(door)
    voucher = await claimed(door, person, batch_id)
    assert voucher["status"] == "claimed"
    assert voucher["person_id"] == str(person)
    assert (voucher["skill_code"], voucher["level"], voucher["area"]) == (*SKILL, AREA)
    assert canonical_public_number(voucher["number"], "PDS") == voucher["number"]
    again = await door.post(
        "/v1/vouchers", worker(person), {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    )
    assert (again.status_code, code_of(again)) == (409, "voucher_already_live")
    assert (await door.get(f"/v1/batches/{batch_id}", officer())).json()["claimed"] == 1


async def test_a_repeated_claim_has_the_same_answer(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    first, second = [await door.post("/v1/vouchers", worker(person), body, key="k1") for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


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
        ({"kind": "targeted", "quantity": 1, "holders": [str(uuid4())]}, 409, "holder_unknown"),
    ],
)
async def test_a_proposal_must_make_sense(door: Door, said: dict[str, Any], status: int, code: str) -> None:
    answer = await door.post("/v1/batches", officer(), proposal(**said))
    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_an_officer_proposes_and_decides_within_his_areas(door: Door) -> None:
    local = officer(ELSEWHERE)
    assert code_of(await door.post("/v1/batches", local, proposal())) == "batch_outside_scope"
    assert code_of(await door.post("/v1/batches", local, proposal(areas=["410400"]))) == "batch_outside_scope"
    proposed = (await door.post("/v1/batches", officer(AREA), proposal())).json()["id"]
    for act, body in (("approvals", None), ("rejections", {"reason": "x"}), ("closings", None)):
        answer = await door.post(f"/v1/batches/{proposed}/{act}", local, body)
        assert (answer.status_code, code_of(answer)) == (404, "batch_not_found")
    assert (await door.get(f"/v1/batches/{proposed}", local)).status_code == 404
    assert (await door.get(f"/v1/batches/{proposed}", worker(uuid4()))).status_code == 404


async def test_whoever_proposed_does_not_decide(door: Door) -> None:
    maker = officer()
    proposed = (await door.post("/v1/batches", maker, proposal())).json()["id"]
    assert code_of(await door.post(f"/v1/batches/{proposed}/approvals", maker)) == "batch_self_approval"
    other_account_same_person = officer(AREA, person=maker.person)
    assert (
        code_of(await door.post(f"/v1/batches/{proposed}/approvals", other_account_same_person))
        == "batch_self_approval"
    )
    rejected = await door.post(f"/v1/batches/{proposed}/rejections", officer(), {"reason": "wrong fund"})
    assert (rejected.json()["status"], rejected.json()["reject_reason"]) == ("rejected", "wrong fund")


async def test_a_closed_batch_takes_no_claims(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    assert (await door.post(f"/v1/batches/{batch_id}/closings", officer())).json()["status"] == "closed"
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    assert code_of(await door.post("/v1/vouchers", worker(person), body)) == "batch_not_active"


async def test_lists_show_what_the_caller_may_see(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    await door.post("/v1/batches", officer(), proposal(areas=[ELSEWHERE]))
    voucher = await claimed(door, person, batch_id)
    for actor, count in ((worker(person), 1), (worker(uuid4()), 0), (officer(AREA), 1), (officer(ELSEWHERE), 0),
                         (AUDITOR, 1), (Actor("institution", uuid4(), institution=INSTITUTION), 0)):  # fmt: skip
        page = await door.get("/v1/vouchers", actor, limit=10)
        assert len(page.json()["data"]) == count, actor
        shown = await door.get(f"/v1/vouchers/{voucher['id']}", actor)
        assert (shown.status_code == 200) == bool(count), actor
    for actor, count in ((worker(person), 1), (officer(AREA), 1), (officer(ELSEWHERE), 1), (officer(), 2)):
        assert len((await door.get("/v1/batches", actor)).json()["data"]) == count, actor
    assert len((await door.get("/v1/batches", officer(), status="proposed")).json()["data"]) == 1
    assert len((await door.get("/v1/batches", worker(person), status="proposed")).json()["data"]) == 0


async def test_eligibility_is_told_with_its_reasons(door: Door, town: Town) -> None:
    batch_id = await active_batch(door)
    path = f"/v1/batches/{batch_id}/eligibility"
    assert (await door.get(path, worker(await town.person()))).json() == {"verdict": "eligible", "reasons": []}
    nobody_asked = await door.get(path, worker(await town.person(extract={})))
    assert nobody_asked.json()["verdict"] == "unknown"
    assert [one["code"] for one in nobody_asked.json()["reasons"]] == ["fiscal_payroll_unknown"]
    elsewhere = (await door.get(path, worker(await town.person(area=ELSEWHERE)))).json()
    assert (elsewhere["verdict"], elsewhere["reasons"][0]["code"]) == ("ineligible", "area_outside_batch")
    assert code_of(await door.get(path, worker(uuid4()))) == "person_not_found"
    asked = await door.get(path, worker(await town.person()), skill_code=SKILL[0], level=5)
    assert code_of(asked) == "skill_not_in_batch"


async def test_a_presence_code_is_for_the_holder_alone(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    voucher = await claimed(door, person, batch_id)
    path = f"/v1/vouchers/{voucher['id']}/presence-codes"
    answer = await door.post(path, worker(person), {"institution": INSTITUTION})
    assert answer.status_code == 201
    keys = parse_key_set(json.loads(town.keys.presence_jwks))
    code = read_presence_code(answer.json()["code"], keys, at=recorded_now())
    assert (str(code.voucher_id), code.person_id, code.institution) == (voucher["id"], person, INSTITUTION)
    assert (code.skill_code, code.level) == SKILL
    assert code_of(await door.post(path, worker(uuid4()), {"institution": INSTITUTION})) == "voucher_not_found"
    assert code_of(await door.post(path, worker(person), {"institution": "9" * 18})) == "credit_code_invalid"


async def test_the_holder_gives_a_mandate_with_the_code(door: Door, town: Town) -> None:
    """D5 委托代领: his own act, kept here, named in the signed code; without it he is paid himself."""
    person, batch_id = await town.person(), await active_batch(door)
    path = f"/v1/vouchers/{(await claimed(door, person, batch_id))['id']}/presence-codes"
    keys, plant = parse_key_set(json.loads(town.keys.presence_jwks)), make_credit_code("410402", 77)
    for body, payee in (({}, None), ({"mandate": False}, None), ({"mandate": True}, INSTITUTION),
                        ({"mandate": True, "payee": plant}, plant)):  # fmt: skip
        answer = (await door.post(path, worker(person), {"institution": INSTITUTION, **body})).json()
        mandate = read_presence_code(answer["code"], keys, at=recorded_now()).mandate
        assert answer["mandate_id"] == (str(mandate.id) if mandate else None)
        assert (mandate.payee_id if mandate else None) == payee
    for malformed in ({"payee": plant}, {"mandate": False, "payee": plant}, {"mandate": "ja"}):
        refused = await door.post(path, worker(person), {"institution": INSTITUTION, **malformed})
        assert code_of(refused) == "validation_failed"
    wrong = await door.post(path, worker(person), {"institution": INSTITUTION, "mandate": True, "payee": "9" * 18})
    assert code_of(wrong) == "credit_code_invalid"
    stranger = await door.post(path, worker(uuid4()), {"institution": INSTITUTION, "mandate": True})
    assert code_of(stranger) == "voucher_not_found"
    async with town.database.api.unit_of_work() as uow:
        kept = list(await uow.session.scalars(select(Mandate).order_by(Mandate.id)))
    assert [one.payee_id for one in kept] == [INSTITUTION, plant]
    assert {(one.person_id, one.institution) for one in kept} == {(person, INSTITUTION)}


async def test_holds_stop_presenting_until_the_last_is_lifted(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    path = f"/v1/vouchers/{(await claimed(door, person, batch_id))['id']}"
    holds = [(await door.post(f"{path}/holds", officer(AREA), {"reason_code": "audit"})).json() for _ in range(2)]
    present = {"institution": INSTITUTION}
    for hold in holds:
        assert code_of(await door.post(f"{path}/presence-codes", worker(person), present)) == "held"
        lifted = await door.post(f"{path}/holds/{hold['id']}/lift", officer(AREA))
        assert lifted.json()["lifted_at"] is not None
    assert code_of(await door.post(f"{path}/holds/{holds[0]['id']}/lift", officer(AREA))) == "hold_not_found"
    assert (await door.post(f"{path}/presence-codes", worker(person), present)).status_code == 201
    assert len((await door.get(f"{path}/holds", AUDITOR)).json()) == 2


async def test_two_officers_cancel(door: Door, town: Town) -> None:
    person, batch_id = await town.person(), await active_batch(door)
    path = f"/v1/vouchers/{(await claimed(door, person, batch_id))['id']}"
    maker = officer()
    assert code_of(await door.post(f"{path}/cancellation-approvals", officer())) == "cancellation_not_proposed"
    proposed = await door.post(f"{path}/cancellations", maker, {"reason_code": "claimed_in_error"})
    assert proposed.json()["status"] == "claimed"
    again = await door.post(f"{path}/cancellations", officer(), {"reason_code": "x"})
    assert code_of(again) == "cancellation_pending"
    assert code_of(await door.post(f"{path}/cancellation-approvals", maker)) == "cancel_self_approval"
    assert (await door.post(f"{path}/cancellation-approvals", officer())).json()["status"] == "cancelled"
    await claimed(door, person, batch_id)


@pytest.mark.parametrize(
    "act", ["holds", "cancellations", "cancellation-approvals", "holds/0b5f8c1e-0000-7000-8000-000000000001/lift"]
)
async def test_a_foreign_officer_finds_no_voucher(door: Door, town: Town, act: str) -> None:
    voucher = await town.claimed()
    body = {"reason_code": "audit"} if act in ("holds", "cancellations") else None
    answer = await door.post(f"/v1/vouchers/{voucher.id}/{act}", officer(ELSEWHERE), body)
    assert (answer.status_code, code_of(answer)) == (404, "voucher_not_found")


async def test_a_claim_at_the_counter(door: Door, town: Town) -> None:
    person, first, second = [await town.person() for _ in range(3)]
    batch_id = await active_batch(door)
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
        assert code_of(await door.post("/v1/counter-claims", clerk, body | said)) == code
    assert code_of(await door.post("/v1/counter-claims", officer(ELSEWHERE, person=first), body)) == "person_not_found"
    answer = await door.post("/v1/counter-claims", clerk, body)
    assert (answer.status_code, answer.json()["status"], answer.json()["person_id"]) == (201, "claimed", str(person))
    for actor, count in ((officer(AREA), 1), (officer(ELSEWHERE), 0), (AUDITOR, 1)):
        page = (await door.get("/v1/counter-claims", actor)).json()["data"]
        assert [one["voucher_id"] for one in page] == [answer.json()["id"]] * count
    drawn = [len((await door.get("/v1/counter-claims", AUDITOR, sampled=one)).json()["data"]) for one in (True, False)]
    assert sum(drawn) == 1


async def test_claims_at_once_share_units_of_work_and_are_answered_one_by_one(door: Door, town: Town) -> None:
    """Twelve ask for eight, one of them twice with one key; each gets his own answer, after his own commit."""
    people, batch_id = [await town.person() for _ in range(12)], await active_batch(door, quantity=8)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    answers = await asyncio.gather(
        *(door.post("/v1/vouchers", worker(person), body) for person in people),
        *(door.post("/v1/vouchers", worker(people[0]), body, key="same") for _ in range(2)),
    )
    first = [one for one in answers[:12] if one.status_code == 201]
    assert {one.json()["person_id"] for one in first} <= {str(person) for person in people}
    codes = [code_of(one) for one in answers if one.status_code != 201]
    assert set(codes) <= {"quota_exhausted", "voucher_already_live", "request_in_progress"}
    assert (await door.get(f"/v1/batches/{batch_id}", officer())).json()["claimed"] == 8
    async with town.database.worker.engine.connect() as connection:
        births = await connection.scalars(text("SELECT xmin::text FROM vouchers"))
        assert len(set(births)) < 8


async def test_a_refused_claim_is_decided_anew_under_the_same_key(door: Door, town: Town) -> None:
    person, batch_id = await town.person(extract={}), await active_batch(door)
    body = {"batch_id": batch_id, "skill_code": SKILL[0], "level": SKILL[1]}
    assert code_of(await door.post("/v1/vouchers", worker(person), body, key="k")) == "eligibility_unknown"
    as_of = str(business_date(await town.now()))
    extract = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "portal", "as_of": as_of}
    await door.post(f"/v1/workers/{person}/register-extracts", Actor("portal"), extract)
    assert (await door.post("/v1/vouchers", worker(person), body, key="k")).status_code == 201
    reused = await door.post("/v1/vouchers", worker(person), body | {"level": 3}, key="k")
    assert (reused.status_code, code_of(reused)) == (422, "idempotency_key_reused")
