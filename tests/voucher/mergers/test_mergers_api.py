"""Two officers merge two records of one person, and two undo it until money rests on it (R16)."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from deploy.local.keys import Signing
from services.voucher.mergers.models import Merger
from services.voucher.mergers.queries import lock_merger
from services.voucher.workers.models import Worker
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1
from shared.kernel.ids import uuid7
from shared.security import read_key_set, read_presence_code
from tests.api_client import ApiClient, code_of, done, refused
from tests.clock import recorded_now
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.requests import active_batch, claimed, merged, officer, worker
from tests.voucher.scenario import AREA, ELSEWHERE, INSTITUTION, Scenario

APART = {"reason_code": "two_persons", "evidence": "平公(户)证明第 40 号"}


def asked(record: UUID, survivor: UUID) -> dict[str, str]:
    """A proposal to merge."""
    return {"person_id": str(record), "survivor_id": str(survivor), "reason_code": "same_person", "evidence": "同一人"}


async def survivor_of(scenario: Scenario, person: UUID) -> UUID | None:
    """Which record stands in its place."""
    async with scenario.database.api.unit_of_work() as uow:
        return (await uow.session.get_one(Worker, person)).survivor_id


async def undo(client: ApiClient, merger: dict[str, Any]) -> None:
    """Two officers undo a merger."""
    path = f"/v1/mergers/{merger['id']}"
    done(await client.post(officer(), f"{path}/separations", APART))
    assert done(await client.post(officer(), f"{path}/separation-approvals"))["status"] == "separated"


async def test_a_merger_takes_two_officers(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    first = officer(AREA)
    proposed = done(await client.post(first, "/v1/mergers", asked(record, survivor)), 201)
    path = f"/v1/mergers/{proposed['id']}"
    assert (proposed["status"], await survivor_of(scenario, record)) == ("proposed", None)
    assert refused(await client.post(officer(AREA), "/v1/mergers", asked(record, survivor))) == (409, "merger_pending")
    assert refused(await client.post(first, f"{path}/approvals")) == (409, "merger_self_approval")
    assert refused(await client.post(first, f"{path}/refusals")) == (409, "merger_self_approval")
    assert refused(await client.post(officer(AREA), f"{path}/withdrawals")) == (409, "merger_not_yours")
    for own in (record, survivor):
        assert refused(await client.post(officer(person=own), f"{path}/approvals")) == (409, "own_record")
    assert refused(await client.post(officer(ELSEWHERE), f"{path}/approvals")) == (404, "merger_not_found")
    second = officer(AREA)
    approved = done(await client.post(second, f"{path}/approvals"))
    assert (approved["status"], approved["decided_by"]) == ("merged", str(second.person))
    assert await survivor_of(scenario, record) == survivor
    assert (await scenario.emitted(record))[-1] == "person.superseded"
    assert await scenario.emitted(UUID(proposed["id"])) == ["merger.proposed", "merger.approved"]
    assert refused(await client.post(officer(), f"{path}/approvals")) == (409, "wrong_state")
    for pair, code in (((survivor, record), "survivor_superseded"), ((record, uuid4()), "person_not_found"),
                       ((survivor, survivor), "survivor_is_itself"), ((record, survivor), "wrong_state")):  # fmt: skip
        assert code_of(await client.post(officer(), "/v1/mergers", asked(*pair))) == code


async def test_a_proposal_is_refused_withdrawn_or_late(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    first = officer(AREA)
    for by, act, status in ((officer(AREA), "refusals", "refused"), (first, "withdrawals", "withdrawn")):
        merger = done(await client.post(first, "/v1/mergers", asked(record, survivor)), 201)
        assert done(await client.post(by, f"/v1/mergers/{merger['id']}/{act}"))["status"] == status
    assert await survivor_of(scenario, record) is None
    listed = done(await client.get(officer(AREA), "/v1/mergers", person_id=str(survivor)))
    assert [row["status"] for row in listed["data"]] == ["refused", "withdrawn"]
    assert done(await client.get(officer(ELSEWHERE), "/v1/mergers"))["data"] == []
    assert done(await client.get(officer(), "/v1/mergers", status="merged"))["data"] == []


async def test_two_records_of_one_officer_are_no_two(client: ApiClient, scenario: Scenario) -> None:
    record, survivor, alias, clerk = [await scenario.person() for _ in range(4)]
    await scenario.merge(alias, clerk)
    merger = done(await client.post(officer(person=alias), "/v1/mergers", asked(record, survivor)), 201)
    approval = await client.post(officer(person=clerk), f"/v1/mergers/{merger['id']}/approvals")
    assert refused(approval) == (409, "merger_self_approval")
    withdrawal = await client.post(officer(person=clerk), f"/v1/mergers/{merger['id']}/withdrawals")
    assert done(withdrawal)["status"] == "withdrawn"


async def test_two_mergers_against_each_other_leave_one(client: ApiClient, scenario: Scenario) -> None:
    one_way, other = await scenario.person(), await scenario.person()
    mergers = [
        done(await client.post(officer(), "/v1/mergers", asked(*pair)), 201)
        for pair in ((one_way, other), (other, one_way))
    ]
    answers = await asyncio.gather(
        *(client.post(officer(), f"/v1/mergers/{merger['id']}/approvals") for merger in mergers)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_survivor_acts_for_both_until_two_officers_part_them(client: ApiClient, scenario: Scenario) -> None:
    """They present the old record's voucher, and see it; after the undoing they find none (story 10)."""
    record, survivor = await scenario.person(), await scenario.person()
    voucher = await claimed(client, record, await active_batch(client))
    path = f"/v1/vouchers/{voucher['id']}"

    async def presents(person: UUID) -> Any:
        return await client.post(worker(person), f"{path}/presence-codes", {"institution": INSTITUTION})

    assert code_of(await presents(survivor)) == "voucher_not_found"
    merger = await merged(client, record, survivor)
    shown = done(await presents(survivor))
    code = read_presence_code(shown["code"], read_key_set(scenario.keys.public(Signing.PRESENCE)), at=recorded_now())
    assert (str(code.voucher_id), code.person_id) == (voucher["id"], record)
    assert done(await client.get(worker(survivor), path))["id"] == voucher["id"]
    assert [row["id"] for row in done(await client.get(worker(survivor), "/v1/vouchers"))["data"]] == [voucher["id"]]
    assert done(await client.get(worker(survivor), f"/v1/workers/{record}"))["survivor_id"] == str(survivor)
    twice = await client.post(
        worker(survivor), "/v1/vouchers", {"batch_id": voucher["batch_id"], "skill_code": "4-03-02-01", "level": 4}
    )
    assert code_of(twice) == "voucher_already_live"
    first, stranger = officer(AREA), officer(ELSEWHERE)
    apart = f"/v1/mergers/{merger['id']}"
    assert refused(await client.post(stranger, f"{apart}/separations", APART)) == (404, "merger_not_found")
    done(await client.post(first, f"{apart}/separations", APART))
    assert refused(await client.post(first, f"{apart}/separation-approvals")) == (409, "merger_self_approval")
    assert refused(await client.post(officer(person=survivor), f"{apart}/separation-approvals")) == (409, "own_record")
    assert done(await client.post(officer(), f"{apart}/separation-approvals"))["status"] == "separated"
    assert await survivor_of(scenario, record) is None
    assert (await scenario.last_emitted(record))["survivor_id"] == str(survivor)
    for answer in (await presents(survivor), await client.get(worker(survivor), path)):
        assert refused(answer) == (404, "voucher_not_found")
    assert done(await client.get(worker(survivor), "/v1/vouchers"))["data"] == []
    assert refused(await client.get(worker(survivor), f"/v1/workers/{record}")) == (404, "person_not_found")
    assert done(await presents(record))["code"]
    await claimed(client, survivor, voucher["batch_id"])
    await merged(client, record, survivor)


async def test_an_undoing_is_refused_or_withdrawn(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    path = f"/v1/mergers/{await scenario.merge(record, survivor)}"
    first = officer(AREA)
    for by, act in ((officer(AREA), "refusals"), (first, "withdrawals")):
        assert refused(await client.post(by, f"{path}/separation-{act}")) == (409, "wrong_state")
        done(await client.post(first, f"{path}/separations", APART))
        other = first if act == "refusals" else officer(AREA)
        wrong = "merger_self_approval" if act == "refusals" else "merger_not_yours"
        assert code_of(await client.post(other, f"{path}/separation-{act}")) == wrong
        left = done(await client.post(by, f"{path}/separation-{act}"))
        assert (left["status"], left["separation_proposed_by"]) == ("merged", None)
    assert await survivor_of(scenario, record) == survivor


@pytest.mark.parametrize("undone_first", [True, False])
async def test_one_merger_of_a_chain_is_undone_alone(
    client: ApiClient,
    scenario: Scenario,
    undone_first: bool,  # noqa: FBT001  # a parameter
) -> None:
    a, b, c = [await scenario.person() for _ in range(3)]
    first, second = await merged(client, a, b), await merged(client, b, c)
    await undo(client, first if undone_first else second)
    assert [await survivor_of(scenario, record) for record in (a, b)] == ([None, c] if undone_first else [b, None])


async def test_while_a_chain_is_parted_nothing_is_claimed_under_any_record_of_it(
    client: ApiClient, scenario: Scenario
) -> None:
    a, b, c = [await scenario.person() for _ in range(3)]
    first, _ = await merged(client, a, b), await merged(client, b, c)
    free = text("SELECT id FROM workers WHERE id = ANY(:records) FOR UPDATE SKIP LOCKED")
    async with scenario.database.api.unit_of_work() as uow, scenario.database.api.unit_of_work() as claim:
        merger = await uow.session.get_one(Merger, UUID(first["id"]))
        await lock_merger(uow, merger, against="a claim of the far end")
        assert (await claim.session.execute(free, {"records": [a, b, c]})).all() == []


async def test_a_merger_that_money_rests_on_is_not_undone(client: ApiClient, scenario: Scenario) -> None:
    """Opened or paid since, whoever's payout it is; what was before, or came to nothing, is no money step (R16)."""
    voucher, enrolment = await scenario.bound()
    facts = scenario.signed(voucher, enrolment)
    await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
    first, second, survivor = uuid7(), uuid7(), await scenario.person()
    await scenario.receive(payout_event(PayoutOpenedV1, voucher, first, 1))
    merger = await merged(client, voucher.person_id, survivor)
    path = f"/v1/mergers/{merger['id']}"
    done(await client.post(officer(), f"{path}/separations", APART))
    await scenario.receive(
        payout_event(PayoutRejectedV1, voucher, first, 2), payout_event(PayoutOpenedV1, voucher, second, 1)
    )
    assert refused(await client.post(officer(), f"{path}/separation-approvals")) == (409, "merger_used")
    await scenario.receive(payout_event(PayoutRejectedV1, voucher, second, 2))
    done(await client.post(officer(), f"{path}/separation-approvals"))
    again = await merged(client, voucher.person_id, survivor)
    third = uuid7()
    await scenario.receive(
        payout_event(PayoutOpenedV1, voucher, third, 1), payout_event(PayoutPaidV1, voucher, third, 2)
    )
    refusal = await client.post(officer(), f"/v1/mergers/{again['id']}/separations", APART)
    assert refused(refusal) == (409, "merger_used")


async def test_the_evidence_lies_encrypted(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    merger = done(await client.post(officer(), "/v1/mergers", asked(record, survivor)), 201)
    async with scenario.database.owner.engine.connect() as connection:
        query = text("SELECT evidence_encrypted FROM mergers WHERE id = :id")
        kept: bytes = (await connection.execute(query, {"id": merger["id"]})).scalar_one()
    assert "同一人".encode() not in kept
    assert "同一人" not in str(merger)


async def test_a_worker_finds_no_merger(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    merger = await scenario.merge(record, survivor)
    assert code_of(await client.get(worker(survivor), f"/v1/mergers/{merger}")) == "role_not_allowed"
