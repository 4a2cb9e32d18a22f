"""Dossiers over HTTP: whose they are, what they show, and that each look leaves a record."""

from uuid import UUID, uuid4

import pytest

from shared.contracts import voucher
from shared.messaging.records import Record
from tests.api_client import Account, ApiClient, done, refused
from tests.audit.accounts import CITY, OFFICER
from tests.audit.publisher import INSTITUTION, Life, Publisher, publish
from tests.audit.readings import readings
from tests.databases import ServiceDatabase


async def test_workers_read_their_own_dossier(audit: ServiceDatabase, publisher: Publisher, client: ApiClient) -> None:
    life = Life(publisher).whole()
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    dossier = done(await client.get(Account("worker", life.person_id), f"/v1/dossiers/{life.person_id}"))
    links = {
        "vouchers": (life.voucher_id, "redeemed"), "enrolments": (life.enrolment_id, "completed"),
        "candidates": (life.candidate_id, "passed"), "certificates": (life.certificate_id, "valid"),
        "payouts": (life.payout_id, "paid"),
    }  # fmt: skip
    assert {name: [(thing["id"], thing["status"]) for thing in dossier[name]] for name in links} == {
        name: [(str(thing), status)] for name, (thing, status) in links.items()
    }
    assert dossier["payouts"][0]["amount_fen"] == 160_000
    assert await readings(audit) == [(f"worker-{life.person_id}", str(life.person_id))]


@pytest.mark.parametrize(
    ("account", "status"),
    [
        (Account("worker", UUID(int=7)), 404),
        (Account("officer", areas=("410402",)), 200),
        (Account("officer", areas=(CITY,)), 200),
        (Account("officer", areas=("410403",)), 404),
        (Account("auditor", areas=("410402",)), 200),
        (Account("auditor", areas=("410403",)), 404),
        (Account("auditor"), 404),
        (Account("institution", institution=INSTITUTION), 403),
        (Account("body", institution=INSTITUTION), 403),
        (Account("finance", areas=(CITY,)), 403),
        (Account("operator"), 403),
        (Account("portal"), 403),
    ],
    ids=lambda value: f"{value.role}-{value.areas}" if isinstance(value, Account) else str(value),
)
async def test_who_may_read_a_dossier(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, account: Account, status: int
) -> None:
    life = Life(publisher, area="410402").claim()
    await publish(audit, publisher.drain())
    answer = await client.get(account, f"/v1/dossiers/{life.person_id}")
    assert answer.status_code == status
    assert len(await readings(audit)) == (1 if status == 200 else 0)


async def test_a_person_of_whom_nothing_was_received_is_not_found(client: ApiClient) -> None:
    assert refused(await client.get(OFFICER, f"/v1/dossiers/{uuid4()}")) == (404, "dossier_not_found")


@pytest.mark.parametrize("late", ["nothing", "the first merge", "the first person"])
async def test_two_records_of_one_person_are_one_dossier(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient, late: str
) -> None:
    """a is of b, and b is of c: whatever is received first, all three are the same person."""
    lives = [Life(publisher).claim() for _ in range(3)]
    a, b, c = (life.person_id for life in lives)
    first_merge = publisher.add(voucher.PersonSupersededV1, a, survivor_id=str(b))
    publisher.add(voucher.PersonSupersededV1, b, survivor_id=str(c))
    records = publisher.drain()

    def is_late(record: Record) -> bool:
        late_person = late == "the first person" and str(b).encode() in record.value and record is not first_merge
        return late_person or (late == "the first merge" and record is first_merge)

    await publish(audit, [record for record in records if not is_late(record)])
    await publish(audit, [record for record in records if is_late(record)])
    for caller in (a, b, c):
        dossier = done(await client.get(Account("worker", caller), f"/v1/dossiers/{a}"))
        assert dossier["person_id"] == str(c)
        assert {thing["id"] for thing in dossier["vouchers"]} == {str(life.voucher_id) for life in lives}


async def test_nothing_in_a_dossier_names_the_worker(
    audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    life = Life(publisher).whole()
    await publish(audit, publisher.drain())
    answer = await client.get(Account("worker", life.person_id), f"/v1/dossiers/{life.person_id}")
    assert not {"name", "id_number", "phone", "jws", "subject_digest"} & set(answer.text.replace('"', " ").split())
