"""Heads and proofs over HTTP, verified as a stranger would."""

import hashlib

import pytest

from services.audit.tree import domain
from services.audit.tree.domain import TreeHead
from tests.api_client import Account, ApiClient, done, refused
from tests.audit.accounts import AUDITOR, CITY, OPERATOR
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase


@pytest.fixture
async def envelopes(audit: ServiceDatabase, publisher: Publisher, client: ApiClient) -> list[bytes]:
    """One closed loop of 24 entries, as an auditor reads it."""
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    return [entry["envelope"].encode() for entry in done(await client.get(AUDITOR, "/v1/log", limit=100))["data"]]


async def test_an_auditor_proves_each_entry(envelopes: list[bytes], client: ApiClient) -> None:
    head = done(await client.get(AUDITOR, "/v1/log/head"))
    assert head["tree_size"] == len(envelopes) == 24
    for index, envelope in enumerate(envelopes):
        proof = done(await client.get(OPERATOR, f"/v1/log/entries/{index}/inclusion-proof"))
        leaf = hashlib.sha256(b"\x00" + envelope).digest()
        assert (proof["index"], proof["leaf"], proof["root"]) == (index, leaf.hex(), head["root"])
        path = [bytes.fromhex(digest) for digest in proof["path"]]
        assert domain.includes(index, leaf, path, TreeHead(24, bytes.fromhex(head["root"])))


async def test_an_operator_proves_that_the_log_only_grew(
    envelopes: list[bytes], audit: ServiceDatabase, publisher: Publisher, client: ApiClient
) -> None:
    before = done(await client.get(OPERATOR, "/v1/log/head"))
    Life(publisher).claim()
    await publish(audit, publisher.drain())
    now = done(await client.get(OPERATOR, "/v1/log/head"))
    proof = done(await client.get(OPERATOR, "/v1/log/consistency-proof", first=before["tree_size"]))
    assert (proof["first"], proof["second"]) == (before, now)
    first, second = (TreeHead(head["tree_size"], bytes.fromhex(head["root"])) for head in (before, now))
    assert domain.extends(first, second, [bytes.fromhex(digest) for digest in proof["path"]])
    earlier = done(await client.get(OPERATOR, "/v1/log/consistency-proof", first=9, second=before["tree_size"]))
    assert earlier["second"] == before


@pytest.mark.parametrize("path", ["head", "entries/0/inclusion-proof", "consistency-proof"])
@pytest.mark.parametrize("role", ["officer", "finance", "worker"])
async def test_who_may_not(envelopes: list[bytes], client: ApiClient, path: str, role: str) -> None:
    assert refused(await client.get(Account(role, areas=(CITY,)), f"/v1/log/{path}")) == (403, "role_not_allowed")


@pytest.mark.parametrize(
    ("path", "query", "refusal"),
    [
        ("entries/24/inclusion-proof", {}, (404, "log_entry_not_found")),
        ("entries/9/inclusion-proof", {"tree_size": 9}, (404, "log_entry_not_found")),
        ("entries/9/inclusion-proof", {"tree_size": 25}, (409, "tree_size_beyond_log")),
        ("consistency-proof", {"first": 1, "second": 25}, (409, "tree_size_beyond_log")),
        ("consistency-proof", {"first": 9, "second": 8}, (409, "tree_sizes_reversed")),
        ("consistency-proof", {}, (422, "validation_failed")),
        ("consistency-proof", {"first": -1}, (422, "validation_failed")),
        ("entries/-1/inclusion-proof", {}, (422, "validation_failed")),
        ("entries/9007199254740992/inclusion-proof", {}, (422, "validation_failed")),
    ],
)
async def test_what_has_no_proof(
    envelopes: list[bytes], client: ApiClient, path: str, query: dict[str, int], refusal: tuple[int, str]
) -> None:
    assert refused(await client.get(AUDITOR, f"/v1/log/{path}", **query)) == refusal
