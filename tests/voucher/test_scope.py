"""Who sees what by area, and that two records of one officer are one officer (DOMAIN §4, 8 and 15)."""

from uuid import uuid4

import pytest

from services.voucher.workers.service import supersede
from shared.kernel.clock import business_date
from tests.clock import business_now
from tests.voucher.door import Actor, Door, code_of, officer, worker
from tests.voucher.test_vouchers_api import active_batch, claimed, proposal
from tests.voucher.town import AREA, ELSEWHERE, SKILL, Town


@pytest.mark.parametrize(("areas", "sees"), [((AREA,), True), (("410400",), True), ((ELSEWHERE,), False), ((), False)])
async def test_an_auditor_sees_his_areas_only(door: Door, town: Town, areas: tuple[str, ...], sees: bool) -> None:  # noqa: FBT001  # a table
    person, batch_id = await town.person(), await active_batch(door)
    voucher, auditor = await claimed(door, person, batch_id), Actor("auditor", None, areas)
    for path, name in ((f"/v1/vouchers/{voucher['id']}", "voucher_not_found"),
                       (f"/v1/vouchers/{voucher['id']}/holds", "voucher_not_found"),
                       (f"/v1/batches/{batch_id}", "batch_not_found")):  # fmt: skip
        answer = await door.get(path, auditor)
        assert answer.status_code == (200 if sees else 404), path
        assert sees or code_of(answer) == name
    for path in ("/v1/vouchers", "/v1/batches"):
        assert len((await door.get(path, auditor)).json()["data"]) == sees, path


async def test_an_officer_with_two_records_does_not_approve_himself(door: Door, town: Town) -> None:
    first, second = await town.person(), await town.person()
    batch_id = (await door.post("/v1/batches", officer(person=first), proposal())).json()["id"]
    holder, open_batch = await town.person(), await active_batch(door)
    path = f"/v1/vouchers/{(await claimed(door, holder, open_batch))['id']}"
    await door.post(f"{path}/cancellations", officer(person=first), {"reason_code": "claimed_in_error"})
    async with town.database.api.unit_of_work() as uow:
        await supersede(uow, first, second)
    himself = officer(person=second)
    for act, body in (("approvals", None), ("rejections", {"reason": "no money"})):
        assert code_of(await door.post(f"/v1/batches/{batch_id}/{act}", himself, body)) == "batch_self_approval"
    assert code_of(await door.post(f"{path}/cancellation-approvals", himself)) == "cancel_self_approval"
    assert (await door.post(f"/v1/batches/{batch_id}/approvals", officer())).json()["status"] == "active"


async def test_nobody_serves_himself_at_a_counter(door: Door, town: Town) -> None:
    clerk, colleague, alias = [await town.person() for _ in range(3)]
    async with town.database.api.unit_of_work() as uow:
        await supersede(uow, alias, clerk)
    batch_id = await active_batch(door)
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
        (clerk, {"person_id": str(await town.person()), "second_officer_id": str(alias)}, "counter_officers_alike"),
    ):
        answer = await door.post("/v1/counter-claims", officer(AREA, person=serving), body | said)
        assert code_of(answer) == code
    assert (await door.get("/v1/vouchers", worker(clerk))).json()["data"] == []
    assert (await door.get("/v1/counter-claims", Actor("auditor", uuid4(), (ELSEWHERE,)))).json()["data"] == []


async def test_an_officer_states_nothing_about_himself(door: Door, town: Town) -> None:
    himself, alias, other = [await town.person() for _ in range(3)]
    async with town.database.api.unit_of_work() as uow:
        await supersede(uow, alias, himself)
    day = str(business_date(await town.now()))
    extract = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "bureau", "as_of": day}
    group = {"group": "veteran", "evidence": "x", "source": "bureau", "as_of": day}
    clerk = officer(person=himself)
    for record in (himself, alias):
        for act, body in (("register-extracts", extract), ("groups", group),
                          ("supersessions", {"survivor_id": str(other)})):  # fmt: skip
            assert code_of(await door.post(f"/v1/workers/{record}/{act}", clerk, body)) == "own_record"
        answer = await door.post(f"/v1/workers/{other}/supersessions", clerk, {"survivor_id": str(record)})
        assert code_of(answer) == "own_record"
    assert (await door.post(f"/v1/workers/{other}/register-extracts", clerk, extract)).status_code == 201
    assert (await door.post(f"/v1/workers/{himself}/register-extracts", officer(), extract)).status_code == 201
