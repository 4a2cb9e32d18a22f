"""Reading and verifying the log over HTTP."""

import hashlib

import pytest
from sqlalchemy import text

from tests.audit.door import Door
from tests.audit.telling import Life, Teller, hear
from tests.databases import ServiceDatabase

CITY = ("410400",)


@pytest.fixture
async def log(audit: ServiceDatabase, teller: Teller) -> Life:
    """One closed loop; 24 entries."""
    life = Life(teller).whole()
    await hear(audit, teller.drain())
    return life


async def test_an_auditor_reads_the_log_page_by_page_and_recomputes_it(log: Life, door: Door) -> None:
    previous, count, cursor = bytes(32), 0, ""
    while True:
        page = (await door.get(f"/v1/log?limit=10{cursor}", "auditor", areas=CITY)).json()
        for entry in page["data"]:
            previous = hashlib.sha256(previous + entry["envelope"].encode(entry["encoding"])).digest()
            assert (entry["index"], entry["hash"]) == (count, previous.hex())
            count += 1
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert count == 24


async def test_the_log_of_one_aggregate(log: Life, door: Door) -> None:
    page = (await door.get(f"/v1/log?aggregate_id={log.payout_id}", "auditor", areas=CITY)).json()
    assert [entry["version"] for entry in page["data"]] == list(range(1, 10))


async def test_each_page_read_is_recorded_as_an_export(audit: ServiceDatabase, log: Life, door: Door) -> None:
    page = (await door.get("/v1/log?limit=10", "auditor", areas=CITY)).json()
    async with audit.owner.engine.connect() as connection:
        (export,) = (await connection.execute(text("SELECT account, kind, count, digest FROM exports"))).all()
        told = await connection.scalar(text("SELECT count(*) FROM outbox WHERE aggregate_type = 'audit.export'"))
    assert tuple(export) == ("auditor-1", "log_page", 10, page["data"][-1]["hash"])
    assert told == 1


@pytest.mark.parametrize(
    ("role", "areas", "status", "code"),
    [
        ("auditor", ("410402",), 403, "whole_city_needed"),
        ("officer", CITY, 403, "role_not_allowed"),
        ("operator", CITY, 403, "role_not_allowed"),
    ],
)
async def test_who_may_not_read_the_log(
    log: Life, door: Door, role: str, areas: tuple[str, ...], status: int, code: str
) -> None:
    answer = await door.get("/v1/log", role, areas=areas)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("query", ["cursor=zzz", "limit=0", "limit=201", "aggregate_id=%20", "colour=red"])
async def test_odd_questions_are_refused(log: Life, door: Door, query: str) -> None:
    assert (await door.get(f"/v1/log?{query}", "auditor", areas=CITY)).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("operator", 200), ("officer", 403), ("finance", 403)])
@pytest.mark.parametrize("body", [{}, None])
async def test_who_may_verify(log: Life, door: Door, role: str, status: int, body: dict[str, object] | None) -> None:
    answer = await door.post("/v1/log-verifications", role, body, areas=CITY)
    assert answer.status_code == status
    if status == 200:
        found = answer.json()
        assert (found["verified"], found["entries"], found["first_broken"]) == (True, 24, None)
        assert found["next_begin"] is None


async def test_a_noted_head_is_asked_for(log: Life, door: Door) -> None:
    head = (await door.post("/v1/log-verifications", "operator", {})).json()
    noted = {"entries": head["entries"], "head": head["head"]}
    assert (await door.post("/v1/log-verifications", "operator", {"noted": noted})).json()["verified"]
    noted["head"] = "0" * 64
    found = (await door.post("/v1/log-verifications", "operator", {"noted": noted})).json()
    assert (found["verified"], found["first_broken"]) == (False, {"index": 24, "flaw": "noted_head"})


async def test_tampering_is_answered_as_it_is(audit: ServiceDatabase, log: Life, door: Door) -> None:
    async with audit.owner.engine.begin() as connection:
        for statement in (
            "ALTER TABLE log_entries DISABLE TRIGGER ALL",
            "UPDATE log_entries SET envelope = '\\xff00' WHERE leaf_index = 5",
            "ALTER TABLE log_entries ENABLE TRIGGER ALL",
        ):
            await connection.exec_driver_sql(statement)
    found = (await door.post("/v1/log-verifications", "auditor", {}, areas=CITY)).json()
    assert (found["verified"], found["first_broken"], found["entries"]) == (False, {"index": 5, "flaw": "hash"}, 5)
    shown = (await door.get("/v1/log", "auditor", areas=CITY)).json()["data"]
    assert [(one["index"], one["envelope"]) for one in shown if one["encoding"] != "utf-8"] == [(5, "/wA=")]
