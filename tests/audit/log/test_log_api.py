"""Reading and verifying the log over HTTP."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text

from tests.api_client import Account, ApiClient, done, refused
from tests.audit.accounts import AUDITOR, CITY, OPERATOR
from tests.audit.owner import tamper
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase


@pytest.fixture
async def log(audit: ServiceDatabase, publisher: Publisher) -> Life:
    """One closed loop; 24 entries."""
    life = Life(publisher).whole()
    await publish(audit, publisher.drain())
    return life


async def test_an_auditor_reads_the_log_page_by_page_and_recomputes_it(log: Life, client: ApiClient) -> None:
    previous, count, query = bytes(32), 0, {"limit": "10"}
    while True:
        page = done(await client.get(AUDITOR, "/v1/log", **query))
        for entry in page["data"]:
            previous = hashlib.sha256(previous + entry["envelope"].encode(entry["encoding"])).digest()
            assert (entry["index"], entry["hash"]) == (count, previous.hex())
            count += 1
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
    assert count == 24


async def test_the_log_of_one_aggregate(log: Life, client: ApiClient) -> None:
    page = done(await client.get(AUDITOR, "/v1/log", aggregate_id=log.payout_id))
    assert [entry["version"] for entry in page["data"]] == list(range(1, 10))


async def test_each_page_read_is_recorded_as_an_export(audit: ServiceDatabase, log: Life, client: ApiClient) -> None:
    page = done(await client.get(AUDITOR, "/v1/log", limit=10))
    async with audit.owner.engine.connect() as connection:
        (export,) = (await connection.execute(text("SELECT account, kind, count, digest FROM exports"))).all()
        emitted = await connection.scalar(text("SELECT count(*) FROM outbox WHERE aggregate_type = 'audit.export'"))
    assert tuple(export) == (f"auditor-{AUDITOR.person}", "log_page", 10, page["data"][-1]["hash"])
    assert emitted == 1


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (AUDITOR.but(areas=("410402",)), "whole_city_needed"),
        (Account("officer", areas=(CITY,)), "role_not_allowed"),
        (Account("operator", areas=(CITY,)), "role_not_allowed"),
    ],
    ids=["an auditor of an area", "an officer", "an operator"],
)
async def test_who_may_not_read_the_log(log: Life, client: ApiClient, account: Account, code: str) -> None:
    assert refused(await client.get(account, "/v1/log")) == (403, code)


@pytest.mark.parametrize(
    "query", [{"cursor": "zzz"}, {"limit": 0}, {"limit": 201}, {"aggregate_id": " "}, {"colour": "red"}], ids=str
)
async def test_odd_questions_are_refused(log: Life, client: ApiClient, query: dict[str, Any]) -> None:
    assert (await client.get(AUDITOR, "/v1/log", **query)).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("operator", 200), ("officer", 403), ("finance", 403)])
@pytest.mark.parametrize("body", [{}, None])
async def test_who_may_verify(
    log: Life, client: ApiClient, role: str, status: int, body: dict[str, object] | None
) -> None:
    answer = await client.post(Account(role, areas=(CITY,)), "/v1/log-verifications", body)
    assert answer.status_code == status
    if status == 200:
        found = answer.json()
        assert (found["verified"], found["entries"], found["first_broken"]) == (True, 24, None)
        assert found["next_begin"] is None


async def test_a_noted_head_is_asked_for(log: Life, client: ApiClient) -> None:
    head = done(await client.post(OPERATOR, "/v1/log-verifications"))
    noted = {"entries": head["entries"], "head": head["head"]}
    assert done(await client.post(OPERATOR, "/v1/log-verifications", {"noted": noted}))["verified"]
    noted["head"] = "0" * 64
    found = done(await client.post(OPERATOR, "/v1/log-verifications", {"noted": noted}))
    assert (found["verified"], found["first_broken"]) == (False, {"index": 24, "flaw": "noted_head"})


async def test_tampering_is_answered_as_it_is(audit: ServiceDatabase, log: Life, client: ApiClient) -> None:
    await tamper(audit, "UPDATE log_entries SET envelope = '\\xff00' WHERE leaf_index = 5")
    found = done(await client.post(AUDITOR, "/v1/log-verifications"))
    assert (found["verified"], found["first_broken"], found["entries"]) == (False, {"index": 5, "flaw": "hash"}, 5)
    shown = done(await client.get(AUDITOR, "/v1/log"))["data"]
    assert [(entry["index"], entry["envelope"]) for entry in shown if entry["encoding"] != "utf-8"] == [(5, "/wA=")]
