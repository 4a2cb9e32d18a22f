"""Trails over HTTP: who may follow a voucher, what is shown of its case, and what of a log that was tampered with."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.contracts import evaluation
from shared.kernel.credit_code import make_credit_code
from tests.api_client import Account, ApiClient, done, refused
from tests.audit.accounts import AUDITOR, CITY, OFFICER
from tests.audit.owner import tamper
from tests.audit.publisher import INSTITUTION, Life, Publisher, publish
from tests.audit.readings import readings
from tests.databases import ServiceDatabase


@pytest.mark.parametrize(
    ("account", "status"),
    [
        (Account("worker", UUID(int=7)), 404),
        (Account("officer", areas=("410402",)), 200),
        (Account("officer", areas=("410411",)), 200),
        (Account("officer", areas=("410403",)), 404),
        (Account("auditor", areas=(CITY,)), 200),
        (Account("auditor"), 404),
        (Account("institution", institution=INSTITUTION), 200),
        (Account("institution", institution=make_credit_code("410403", 777)), 404),
        (Account("finance", areas=(CITY,)), 403),
    ],
    ids=lambda value: f"{value.role}-{value.areas}" if isinstance(value, Account) else str(value),
)
async def test_who_may_follow_a_voucher(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, account: Account, status: int
) -> None:
    life = Life(publisher, area="410402").claim()
    life.area = "410411"
    life.enrol()
    await publish(audit, publisher.drain())
    answer = await client.get(account, f"/v1/vouchers/{life.voucher_id}/trail")
    assert answer.status_code == status
    assert len(await readings(audit)) == (1 if status == 200 else 0)


async def test_a_voucher_of_which_nothing_was_received_is_not_found(client: ApiClient) -> None:
    assert refused(await client.get(OFFICER, f"/v1/vouchers/{uuid4()}/trail")) == (404, "voucher_not_found")


async def test_a_trail_shows_the_links_and_every_event(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).whole()
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    trail = done(await client.get(Account("worker", life.person_id), f"/v1/vouchers/{life.voucher_id}/trail"))
    assert [(link["name"], link["state"]) for link in trail["links"]] == [
        (name, "done") for name in ("issue", "train", "assess", "certify", "pay_out")
    ]
    assert (trail["stands_at"], trail["broken_at"]) == (None, None)
    events = trail["events"]
    types = [event["type"].removeprefix("cn.skillvoucher.") for event in events]
    assert (types[0], types[-1]) == ("voucher.voucher.claimed.v1", "voucher.voucher.redeemed.v1")
    assert len(types) == 23
    assert [event["recorded_at"] for event in events] == sorted(event["recorded_at"] for event in events)
    assert {event["flaw"] for event in events} == {None}


async def test_a_trail_says_where_it_broke(audit: ServiceDatabase, publisher: Publisher, client: ApiClient) -> None:
    life = Life(publisher).claim().enrol().complete().assess(evaluation.CandidateFailedV1)
    await publish(audit, publisher.drain())
    trail = done(await client.get(AUDITOR, f"/v1/vouchers/{life.voucher_id}/trail"))
    assert (trail["stands_at"], trail["broken_at"]) == ("assess", "assess")
    assert trail["links"][2]["reference"] == str(life.candidate_id)


SECOND_OF_VOUCHER = text("SELECT leaf_index FROM log_entries WHERE aggregate_type = 'voucher.voucher' AND version = 2")
SPOIL = "UPDATE log_entries SET envelope = '\\xff00' WHERE leaf_index = {0}"
TAMPERED = {
    "edited": (("UPDATE log_entries SET envelope = envelope || '\\x20' WHERE leaf_index = {0}",), "hash"),
    "no text": ((SPOIL,), "hash"),
    "no text, and hashed anew": (
        (
            SPOIL,
            "UPDATE log_entries SET hash = sha256("
            "(SELECT hash FROM log_entries WHERE leaf_index = {0} - 1) || envelope) WHERE leaf_index = {0}",
        ),
        "subject",
    ),
    "the entry before taken out": (("DELETE FROM log_entries WHERE leaf_index = {0} - 1",), "index"),
}
"""What the owner does to an entry, and the flaw that it then has."""


@pytest.mark.parametrize("name", TAMPERED)
async def test_a_trail_names_the_entry_that_was_tampered_with(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, name: str
) -> None:
    life = Life(publisher).claim().enrol()
    await publish(audit, publisher.drain())
    async with audit.owner.engine.connect() as connection:
        index = await connection.scalar(SECOND_OF_VOUCHER)
    statements, flaw = TAMPERED[name]
    await tamper(audit, *(statement.format(index) for statement in statements))
    trail = done(await client.get(AUDITOR, f"/v1/vouchers/{life.voucher_id}/trail"))
    assert [event for event in trail["events"] if event["index"] == index] == [
        {"index": index, "type": None, "aggregate": "voucher.voucher", "id": str(life.voucher_id), "version": 2,
         "at": None, "recorded_at": None, "flaw": flaw}
    ]  # fmt: skip
    sound = [event["type"] for event in trail["events"] if not event["flaw"]]
    assert sound, "what was left alone is shown as ever"
    assert None not in sound
    assert trail["stands_at"] == "train"
