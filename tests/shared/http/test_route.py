"""One request is one unit of work: committed before the answer leaves, answered again when repeated."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from shared.http import Keyed, Principal, Role, StoredAnswer, claim_keys, store_answer
from shared.http.idempotency import IdempotencyKeyReused, RequestInProgress, request_hash
from shared.http.route import UnitOfWorkRoute
from shared.kernel.credit_code import make_credit_code
from tests.databases import ServiceDatabase
from tests.shared.http.conftest import STRANGERS, client_of, headers, lamp_app, lamp_routes, token

INSTALL = "/v1/lamps"


async def count(database: ServiceDatabase, table: str = "lamps") -> int:
    """How many rows there are."""
    async with database.owner.engine.connect() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())  # ours


async def own(database: ServiceDatabase, statement: str) -> None:
    """Have the owner do something."""
    async with database.owner.engine.begin() as connection:
        await connection.execute(text(statement))


async def test_what_is_answered_is_committed(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    answer = await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    assert answer.status_code == 201
    assert answer.json()["colour"] == "red"
    assert "idempotent-replayed" not in answer.headers
    assert (await count(probe), await count(probe, "outbox")) == (1, 1)


async def test_a_refusal_leaves_nothing(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    answer = await client.post(INSTALL, json={"colour": "none"}, headers=headers(key="1"))
    assert (answer.status_code, answer.json()["code"]) == (404, "probe_lamp_not_found")
    assert (await count(probe), await count(probe, "idempotency_keys")) == (0, 0)


async def test_a_violated_constraint_is_its_refusal(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    answer = await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="2"))
    assert (answer.status_code, answer.json()["code"]) == (409, "probe_colour_taken")
    assert answer.json()["policy"] == "§二(二)7"
    answer = await client.post(INSTALL, json={"colour": "blue", "watts": 101}, headers=headers(key="3"))
    assert answer.json()["code"] == "probe_too_bright"
    assert (await count(probe), await count(probe, "idempotency_keys")) == (1, 1)


async def test_an_error_at_commit_is_answered_as_what_it_is(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    deferred = "ADD CONSTRAINT uq_lamps_watts_deferred UNIQUE (watts) DEFERRABLE INITIALLY DEFERRED"
    await own(probe, f"ALTER TABLE lamps {deferred}")
    assert (await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))).status_code == 201
    answer = await client.post(INSTALL, json={"colour": "blue"}, headers=headers(key="2"))
    assert (answer.status_code, answer.json()["code"]) == (409, "probe_watts_taken")
    assert await count(probe) == 1
    answer = await client.post(INSTALL, json={"colour": "blue", "watts": 3}, headers=headers(key="2"))
    assert answer.status_code == 201


async def test_a_repeated_request_gets_the_same_answer(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    first = await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    second = await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    assert second.status_code == first.status_code == 201
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["idempotent-replayed"] == "true"
    assert (await count(probe), await count(probe, "outbox")) == (1, 1)


async def test_a_refusal_is_decided_anew(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    refused = await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="2"))
    assert refused.status_code == 409
    await own(probe, "ALTER TABLE lamps DROP CONSTRAINT uq_lamps_colour")
    assert (await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="2"))).status_code == 201


async def test_a_key_is_for_one_request(client: httpx.AsyncClient) -> None:
    await client.post(INSTALL, json={"colour": "red"}, headers=headers(key="1"))
    answer = await client.post(INSTALL, json={"colour": "blue"}, headers=headers(key="1"))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_for_one_thing_though_the_bodies_are_equal(client: httpx.AsyncClient) -> None:
    path, other = (f"/v1/lamps/{uuid4()}/acknowledgements" for _ in range(2))
    first = await client.post(path, headers=headers(key="1"))
    assert first.status_code == 200
    assert (await client.post(path, headers=headers(key="1"))).json() == first.json()
    answer = await client.post(other, headers=headers(key="1"))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_who_acts_for_an_office_is_registered(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    """A worker may be registered later; and a stored answer is not given to an officer who is not known."""
    for role, status in (("officer", 403), ("worker", 201)):
        caller = {"Authorization": f"Bearer {token(role, person=str(min(STRANGERS)))}", "Idempotency-Key": "1"}
        answer = await client.post(INSTALL, json={"colour": role}, headers=caller)
        assert answer.status_code == status
        assert status == 201 or answer.json()["code"] == "person_not_registered"
    assert await count(probe) == await count(probe, "idempotency_keys") == 1


async def test_a_key_belongs_to_the_whole_caller(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    """An account that differs in anything is another caller, who never gets the first one's answer."""
    schools = [make_credit_code("410402", serial) for serial in (1, 2)]
    callers: list[dict[str, Any]] = [
        {"role": "worker"}, {"role": "worker", "account": "b"}, {"role": "worker", "person": str(uuid4())},
        {"role": "worker", "institution": schools[0]}, {"role": "worker", "institution": schools[1]},
        {"role": "worker", "areas": ["410402"]}, {"role": "worker", "areas": ["410402", "410403"]},
        {"role": "officer"}, {"role": "officer", "areas": ["410403"]}, {"role": "officer", "areas": ["410400"]},
    ]  # fmt: skip
    for path, colour in ((INSTALL, "lamp"), ("/v1/lamps/batched", "batched")):
        for number, caller in enumerate(callers):
            sent = {"Authorization": f"Bearer {token(**caller)}", "Idempotency-Key": "1"}
            answer = await client.post(path, json={"colour": f"{colour}{number}"}, headers=sent)
            if answer.status_code != 403:
                assert (answer.status_code, answer.json()["colour"]) == (201, f"{colour}{number}"), caller
                assert "idempotent-replayed" not in answer.headers
    assert await count(probe) == await count(probe, "idempotency_keys") == len(callers) + 7


def test_callers_are_one_only_if_they_agree_in_everything() -> None:
    caller = Principal("a", uuid4(), Role.OFFICER, None, frozenset({"410403", "410402"}), "https://issuer.test")
    assert replace(caller, areas=frozenset({"410402", "410403"})).fingerprint == caller.fingerprint
    others = [
        replace(caller, issuer="https://other.test"), replace(caller, account="ab"), replace(caller, person_id=None),
        replace(caller, role=Role.FINANCE), replace(caller, institution="410402"),
        replace(caller, areas=frozenset({"410402"})),
    ]  # fmt: skip
    assert len({other.fingerprint for other in (caller, *others)}) == len(others) + 1


async def test_a_stored_answer_is_authorised_anew(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    """A route that no longer is for a role does not give what it once answered."""
    sent = headers("officer", key="1")
    assert (await client.post(INSTALL, json={"colour": "red"}, headers=sent)).status_code == 201
    closed = lamp_routes()
    for route in closed.routes:
        if isinstance(route, UnitOfWorkRoute) and route.permission.roles == frozenset({Role.WORKER, Role.OFFICER}):
            route.permission.roles = frozenset({Role.WORKER})
    async with client_of(lamp_app(probe.api, [closed])) as later:
        answer = await later.post(INSTALL, json={"colour": "red"}, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


async def test_a_key_is_demanded(client: httpx.AsyncClient) -> None:
    answer = await client.post(INSTALL, json={"colour": "red"}, headers=headers())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "张".encode(), "tab\tbed"])
async def test_odd_keys(client: httpx.AsyncClient, key: str) -> None:
    sent = headers() | {"Idempotency-Key": key}
    answer = await client.post(INSTALL, json={"colour": "red"}, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_two_keys(client: httpx.AsyncClient) -> None:
    sent = [*headers().items(), ("Idempotency-Key", "1"), ("Idempotency-Key", "2")]
    answer = await client.post(INSTALL, json={"colour": "red"}, headers=sent)
    assert answer.json()["code"] == "idempotency_key_invalid"


async def test_concurrent_duplicates_have_one_effect(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    body = {"colour": "red", "slow_ms": 100}
    answers = await asyncio.gather(*(client.post(INSTALL, json=body, headers=headers(key="1")) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 5
    assert (await count(probe), await count(probe, "outbox")) == (1, 1)


async def test_a_duplicate_of_one_that_fails_is_done_itself(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    body = {"colour": "none", "slow_ms": 100}
    answers = await asyncio.gather(*(client.post(INSTALL, json=body, headers=headers(key="1")) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {404}
    assert await count(probe, "idempotency_keys") == 0


async def test_a_duplicate_does_not_wait_for_ever(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    body = {"colour": "red", "slow_ms": 7_000}
    first = asyncio.create_task(client.post(INSTALL, json=body, headers=headers(key="1")))
    await asyncio.sleep(0.5)
    answer = await client.post(INSTALL, json=body, headers=headers(key="1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "request_in_progress")
    assert (await first).status_code == 201
    assert (await client.post(INSTALL, json=body, headers=headers(key="1"))).content == (await first).content


def keyed(key: str, body: bytes = b"{}") -> Keyed:
    """A request under a key."""
    return Keyed("worker:a", "POST", "/v1/lamps", key, request_hash("/v1/lamps", b"", body))


async def test_many_keys_at_once(probe: ServiceDatabase) -> None:
    async with probe.api.unit_of_work() as uow:
        claims = await claim_keys(uow, [keyed("b"), keyed("a"), keyed("b"), keyed("b", b"other")])
        assert claims[:2] == [None, None]
        assert all(isinstance(claim, RequestInProgress) for claim in claims[2:])
        await store_answer(uow, keyed("a"), StoredAnswer(201, "A"))
        await store_answer(uow, keyed("b"), StoredAnswer(200, "B"))
    async with probe.api.unit_of_work() as uow:
        assert await claim_keys(uow, []) == []
        claims = await claim_keys(uow, [keyed("c"), keyed("b"), keyed("a", b"other"), keyed("a")])
        assert claims[:2] == [None, StoredAnswer(200, "B")]
        assert isinstance(claims[2], IdempotencyKeyReused)
        assert claims[3] == StoredAnswer(201, "A")


async def test_a_batched_route_claims_its_key_itself(client: httpx.AsyncClient, probe: ServiceDatabase) -> None:
    path = "/v1/lamps/batched"
    assert (await client.post(path, json={"colour": "red"}, headers=headers())).status_code == 400
    first = await client.post(path, json={"colour": "red"}, headers=headers(key="1"))
    assert (first.status_code, first.json()["colour"]) == (201, "red")
    second = await client.post(path, json={"colour": "red"}, headers=headers(key="1"))
    assert (second.content, second.headers["idempotent-replayed"]) == (first.content, "true")
    refused = await client.post(path, json={"colour": "blue"}, headers=headers(key="1"))
    assert refused.json()["code"] == "idempotency_key_reused"
    refused = await client.post(path, json={"colour": "red"}, headers=headers(key="2"))
    assert (refused.status_code, refused.json()["code"]) == (409, "probe_colour_taken")
    assert await count(probe) == 1


async def test_a_list_by_pages(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await client.post(INSTALL, json={"colour": f"c{number}"}, headers=headers(key=str(number)))
    seen: list[str] = []
    path, pages = f"{INSTALL}?limit=2", 0
    while path:
        page = (await client.get(path)).json()
        seen += [lamp["colour"] for lamp in page["data"]]
        pages += 1
        assert page["has_more"] == (page["next_cursor"] is not None)
        path = f"{INSTALL}?limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""
    assert (seen, pages) == ([f"c{number}" for number in range(5)], 3)
    assert (await client.get(f"{INSTALL}?colour=c3")).json()["data"][0]["colour"] == "c3"


async def test_a_cursor_of_another_kind(client: httpx.AsyncClient) -> None:
    for cursor in ("x", "MTp4", "MTo", "MjphYmM", "MToA"):
        answer = await client.get(f"{INSTALL}?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")
