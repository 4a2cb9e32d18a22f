"""Changes of name, phone and area: by whom they are made, what they keep, and what they leave true."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from services.voucher.workers.models import Worker
from shared.kernel.citizen_id import make_citizen_id
from shared.security import subject_digest
from tests.api_client import Account, ApiClient, code_of
from tests.voucher.people import ID_NUMBER, registered
from tests.voucher.requests import merged, officer, worker
from tests.voucher.scenario import AREA, ELSEWHERE, Scenario

OTHER_NUMBER = make_citizen_id(AREA, date(1990, 1, 1), 11)
NAME = {"name": "欧阳四", "reason_code": "police_decision", "evidence": "平公(户)更名字第 12 号"}


async def history(scenario: Scenario, person: UUID) -> list[dict[str, Any]]:
    """What was kept, in order."""
    async with scenario.database.owner.engine.connect() as connection:
        found = await connection.execute(text("SELECT * FROM worker_changes ORDER BY version"))
        return [dict(row) for row in found.mappings() if row["person_id"] == person]


async def revealed(client: ApiClient, person: UUID, *fields: str) -> dict[str, Any]:
    """Fields in the clear."""
    asked = {"reason_code": "complaint", "fields": list(fields)}
    answer = await client.post(officer(), f"/v1/workers/{person}/unmaskings", asked)
    return dict(answer.json())


async def test_a_phone_is_changed_by_its_person_or_at_the_counter(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    path = f"/v1/workers/{person}/phone-changes"
    for by, phone in ((worker(person), "138 0000 1111"), (officer(AREA), "0375-2222333")):
        changed = await client.post(by, path, {"phone": phone})
        assert changed.status_code == 200
        assert (await revealed(client, person, "phone"))["phone"] == phone.replace(" ", "")
    assert code_of(await client.post(worker(person), path, {"phone": "no phone"})) == "phone_invalid"
    for stranger in (worker(uuid4()), officer(ELSEWHERE)):
        assert code_of(await client.post(stranger, path, {"phone": "13800002222"})) == "person_not_found"
    kept = await history(scenario, person)
    assert [(row["field"], row["version"]) for row in kept] == [("phone", 2), ("phone", 3)]
    assert b"1380000" not in kept[1]["previous_encrypted"]
    assert await scenario.emitted(person) == ["person.registered", "person.phone_changed", "person.phone_changed"]


async def test_an_area_is_changed_by_an_officer_to_one_of_the_twelve(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    path = f"/v1/workers/{person}/area-changes"
    assert code_of(await client.post(worker(person), path, {"area": ELSEWHERE})) == "role_not_allowed"
    assert code_of(await client.post(officer(ELSEWHERE), path, {"area": ELSEWHERE})) == "person_not_found"
    for area, code in (("410400", "whole_city_no_area"), ("410499", "area_unknown")):
        assert code_of(await client.post(officer(AREA), path, {"area": area})) == code
    own = Account("officer", person, areas=(AREA,))
    assert code_of(await client.post(own, path, {"area": ELSEWHERE})) == "own_record"
    moved = await client.post(officer(AREA), path, {"area": ELSEWHERE})
    assert (moved.status_code, moved.json()["area"]) == (200, ELSEWHERE)
    assert [(row["field"], row["previous_area"]) for row in await history(scenario, person)] == [("area", AREA)]
    assert await scenario.emitted(person) == ["person.registered", "person.moved"]
    assert code_of(await client.get(officer(AREA), f"/v1/workers/{person}")) == "person_not_found"


async def test_a_name_is_changed_by_two_officers(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    before = (await client.get(worker(person), f"/v1/workers/{person}")).json()
    first, second = officer(AREA), officer(AREA)
    path = f"/v1/workers/{person}/name-proposals"
    assert code_of(await client.post(worker(person), path, NAME)) == "role_not_allowed"
    proposed = await client.post(first, path, NAME)
    assert (proposed.status_code, proposed.json()["name"]) == (201, "欧**")
    assert "更名字" not in proposed.text
    approve = f"{path}/{proposed.json()['id']}/approvals"
    assert (await revealed(client, person, "name"))["name"] == "李四"
    assert code_of(await client.post(first, approve)) == "name_proposal_self_approval"
    own = Account("officer", person, areas=(AREA,))
    assert code_of(await client.post(own, approve)) == "own_record"
    approved = await client.post(second, approve)
    assert (approved.status_code, approved.json()["name"]) == (200, "欧**")
    assert (await revealed(client, person, "name"))["name"] == "欧阳四"
    assert code_of(await client.post(officer(AREA), approve)) == "name_proposal_not_found"
    (kept,) = await history(scenario, person)
    assert kept["previous_digest"] == before["subject_digest"] != approved.json()["subject_digest"]
    async with scenario.database.api.unit_of_work() as uow:
        record = await uow.session.get_one(Worker, person)
        salt = bytes.fromhex(record.reveal("salt", uow.keys.fields))
    assert approved.json()["subject_digest"] == subject_digest(salt, "欧阳四", ID_NUMBER)
    assert kept["previous_digest"] == subject_digest(salt, "李四", ID_NUMBER)
    emitted = await scenario.emitted(person)
    assert emitted == ["person.registered", "person.name_proposed", "person.renamed"]
    assert (await scenario.last_emitted(person))["masked_name"] == "欧**"


async def test_who_may_see_a_person_sees_what_the_record_said_before_masked(client: ApiClient) -> None:
    person = await registered(client)
    path = f"/v1/workers/{person}"
    assert (await client.get(worker(person), f"{path}/changes")).json() == {"data": []}
    proposer, approver, mover = officer(AREA), officer(AREA), officer(AREA)
    await client.post(worker(person), f"{path}/phone-changes", {"phone": "13800001111"})
    proposal = (await client.post(proposer, f"{path}/name-proposals", NAME)).json()["id"]
    await client.post(approver, f"{path}/name-proposals/{proposal}/approvals")
    await client.post(mover, f"{path}/area-changes", {"area": ELSEWHERE})
    seen = (await client.get(worker(person), f"{path}/changes")).json()["data"]
    assert [(row["version"], row["field"], row["previous"], row["proposed_by"], row["changed_by"]) for row in seen] == [
        (2, "phone", "139****5678", None, str(person)),
        (4, "name", "李*", str(proposer.person), str(approver.person)),
        (5, "area", AREA, None, str(mover.person)),
    ]
    assert (await client.get(officer(ELSEWHERE), f"{path}/changes")).json()["data"] == seen
    for stranger in (worker(uuid4()), officer(AREA)):
        assert code_of(await client.get(stranger, f"{path}/changes")) == "person_not_found"


async def test_a_name_that_two_officers_approve_at_once_is_changed_once(client: ApiClient, scenario: Scenario) -> None:
    person = await registered(client)
    path = f"/v1/workers/{person}/name-proposals"
    proposal = (await client.post(officer(AREA), path, NAME)).json()["id"]
    answers = await asyncio.gather(*(client.post(officer(AREA), f"{path}/{proposal}/approvals") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert len(await history(scenario, person)) == 1


async def test_only_the_latest_proposal_of_a_name_is_approved(client: ApiClient) -> None:
    person = await registered(client)
    path = f"/v1/workers/{person}/name-proposals"
    first, later = [(await client.post(officer(AREA), path, NAME | {"name": name})).json() for name in ("王五", "赵六")]
    for proposal, code in ((first["id"], "name_proposal_not_found"), (uuid4(), "name_proposal_not_found")):
        assert code_of(await client.post(officer(AREA), f"{path}/{proposal}/approvals")) == code
    assert (await client.post(officer(AREA), f"{path}/{later['id']}/approvals")).status_code == 200
    assert (await revealed(client, person, "name"))["name"] == "赵六"


async def test_a_superseded_record_is_not_changed(client: ApiClient) -> None:
    survivor, person = await registered(client), await registered(client, id_number=OTHER_NUMBER, name="李四四")
    await merged(client, person, survivor)
    for act, body in (("phone-changes", {"phone": "13800001111"}), ("area-changes", {"area": AREA}),
                      ("name-proposals", NAME)):  # fmt: skip
        assert code_of(await client.post(officer(), f"/v1/workers/{person}/{act}", body)) == "wrong_state"
