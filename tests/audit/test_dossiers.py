"""Dossiers and trails over HTTP: whose they are, what they show, and that each look leaves a record."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts import evaluation, voucher
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import uuid7
from shared.messaging.records import Record
from tests.audit.door import Door
from tests.audit.telling import INSTITUTION, Life, Teller, hear
from tests.databases import ServiceDatabase

CITY = ("410400",)


async def readings(audit: ServiceDatabase) -> list[tuple[str, str]]:
    """Who looked at whose dossier, as the outbox tells it."""
    async with audit.owner.engine.connect() as connection:
        told = "SELECT envelope::jsonb -> 'data' FROM outbox WHERE aggregate_type = 'audit.dossier_reading' ORDER BY id"
        return [(one["account"], one["person_id"]) for one in await connection.scalars(text(told))]


async def test_a_worker_reads_his_own_dossier(audit: ServiceDatabase, teller: Teller, door: Door) -> None:
    life = Life(teller).whole()
    Life(teller).whole()
    await hear(audit, teller.drain())
    answer = await door.get(f"/v1/dossiers/{life.person_id}", "worker", person=life.person_id)
    assert answer.status_code == 200
    dossier = answer.json()
    links = {
        "vouchers": (life.voucher_id, "redeemed"), "enrolments": (life.enrolment_id, "completed"),
        "candidates": (life.candidate_id, "passed"), "certificates": (life.certificate_id, "valid"),
        "payouts": (life.payout_id, "paid"),
    }  # fmt: skip
    assert {name: [(one["id"], one["status"]) for one in dossier[name]] for name in links} == {
        name: [(str(one), status)] for name, (one, status) in links.items()
    }
    assert dossier["payouts"][0]["amount_fen"] == 160_000
    assert await readings(audit) == [("worker-1", str(life.person_id))]


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        ("worker", {"person": UUID(int=7)}, 404),
        ("officer", {"areas": ("410402",)}, 200),
        ("officer", {"areas": CITY}, 200),
        ("officer", {"areas": ("410403",)}, 404),
        ("auditor", {"areas": ("410402",)}, 200),
        ("auditor", {"areas": ("410403",)}, 404),
        ("auditor", {}, 404),
        ("institution", {"institution": INSTITUTION}, 403),
        ("body", {"institution": INSTITUTION}, 403),
        ("finance", {"areas": CITY}, 403),
        ("operator", {}, 403),
        ("portal", {}, 403),
    ],
)
async def test_who_may_read_a_dossier(
    audit: ServiceDatabase, teller: Teller, door: Door, role: str, scope: dict[str, object], status: int
) -> None:
    life = Life(teller, area="410402").claim()
    await hear(audit, teller.drain())
    answer = await door.get(f"/v1/dossiers/{life.person_id}", role, **scope)
    assert answer.status_code == status
    assert len(await readings(audit)) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        ("worker", {"person": UUID(int=7)}, 404),
        ("officer", {"areas": ("410402",)}, 200),
        ("officer", {"areas": ("410411",)}, 200),
        ("officer", {"areas": ("410403",)}, 404),
        ("auditor", {"areas": CITY}, 200),
        ("auditor", {}, 404),
        ("institution", {"institution": INSTITUTION}, 200),
        ("institution", {"institution": make_credit_code("410403", 777)}, 404),
        ("finance", {"areas": CITY}, 403),
    ],
)
async def test_who_may_follow_a_voucher(
    audit: ServiceDatabase, teller: Teller, door: Door, role: str, scope: dict[str, object], status: int
) -> None:
    life = Life(teller, area="410402").claim()
    life.area = "410411"
    life.enrol()
    await hear(audit, teller.drain())
    answer = await door.get(f"/v1/vouchers/{life.voucher_id}/trail", role, **scope)
    assert answer.status_code == status
    assert len(await readings(audit)) == (1 if status == 200 else 0)


@pytest.mark.parametrize("path", ["/v1/dossiers/{id}", "/v1/vouchers/{id}/trail"])
async def test_what_nobody_has_heard_of_is_not_found(audit: ServiceDatabase, door: Door, path: str) -> None:
    answer = await door.get(path.format(id=uuid4()), "officer", areas=CITY)
    assert answer.status_code == 404


async def test_a_trail_shows_the_links_and_every_event(audit: ServiceDatabase, teller: Teller, door: Door) -> None:
    life = Life(teller).whole()
    Life(teller).whole()
    await hear(audit, teller.drain())
    answer = await door.get(f"/v1/vouchers/{life.voucher_id}/trail", "worker", person=life.person_id)
    trail = answer.json()
    assert [(link["name"], link["state"]) for link in trail["links"]] == [
        (name, "done") for name in ("issue", "train", "assess", "certify", "pay_out")
    ]
    assert (trail["stands_at"], trail["broken_at"]) == (None, None)
    told = [event["type"].removeprefix("cn.skillvoucher.") for event in trail["events"]]
    assert told[0] == "voucher.voucher.claimed.v1"
    assert told[-1] == "voucher.voucher.redeemed.v1"
    assert len(told) == 23
    assert [event["recorded_at"] for event in trail["events"]] == sorted(one["recorded_at"] for one in trail["events"])


async def test_a_trail_says_where_it_broke(audit: ServiceDatabase, teller: Teller, door: Door) -> None:
    life = Life(teller).claim().enrol().complete().assess(evaluation.CandidateFailedV1)
    await hear(audit, teller.drain())
    trail = (await door.get(f"/v1/vouchers/{life.voucher_id}/trail", "auditor", areas=CITY)).json()
    assert (trail["stands_at"], trail["broken_at"]) == ("assess", "assess")
    assert trail["links"][2]["reference"] == str(life.candidate_id)


@pytest.mark.parametrize("late", ["nothing", "the first merge", "the first person"])
async def test_two_records_of_one_person_are_one_dossier(
    audit: ServiceDatabase, teller: Teller, door: Door, late: str
) -> None:
    """a is of b, and b is of c: whatever is heard first, all three are one."""
    lives = [Life(teller).claim() for _ in range(3)]
    a, b, c = (life.person_id for life in lives)
    merges = [
        teller.tell(voucher.PersonSupersededV1, a, survivor_id=str(b)),
        teller.tell(voucher.PersonSupersededV1, b, survivor_id=str(c)),
    ]
    told = teller.drain()

    def is_late(record: Record) -> bool:
        late_person = late == "the first person" and str(b).encode() in record.value and record is not merges[0]
        return late_person or (late == "the first merge" and record is merges[0])

    await hear(audit, [record for record in told if not is_late(record)])
    await hear(audit, [record for record in told if is_late(record)])
    for caller in (a, b, c):
        dossier = (await door.get(f"/v1/dossiers/{a}", "worker", person=caller)).json()
        assert dossier["person_id"] == str(c)
        assert {one["id"] for one in dossier["vouchers"]} == {str(life.voucher_id) for life in lives}


async def test_nothing_in_a_dossier_names_the_worker(audit: ServiceDatabase, teller: Teller, door: Door) -> None:
    life = Life(teller).whole()
    await hear(audit, teller.drain())
    answer = await door.get(f"/v1/dossiers/{life.person_id}", "worker", person=life.person_id)
    assert not {"name", "id_number", "phone", "jws", "subject_digest"} & set(answer.text.replace('"', " ").split())


@pytest.mark.parametrize("table", ["dossier_readings", "exports"])
@pytest.mark.parametrize("role", ["api", "owner"])
async def test_records_of_looks_are_never_changed(audit: ServiceDatabase, door: Door, table: str, role: str) -> None:
    async with audit.api.engine.begin() as connection:
        column, value = ("person_id", f"'{uuid7()}'") if table == "dossier_readings" else (
            "kind, count, digest", f"'log_page', 1, '{'0' * 64}'"
        )  # fmt: skip
        await connection.exec_driver_sql(
            f"INSERT INTO {table} (id, status, version, created_at, account, {column})"
            f" VALUES ('{uuid7()}', 'recorded', 1, now(), 'a', {value})"
        )
    for attack in (f"UPDATE {table} SET account = 'b'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            async with getattr(audit, role).engine.begin() as connection:
                await connection.execute(text(attack))


@pytest.mark.parametrize("table", ["voucher_facts", "payout_facts", "persons"])
async def test_the_api_writes_no_read_model(audit: ServiceDatabase, table: str) -> None:
    for attack in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with audit.api.engine.begin() as connection:
                await connection.execute(text(attack))
