"""Who may call a route: nobody by default, and nobody's body is read before their token."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter

from shared.http import Allow, Public, Role, Uow, api_router, batched, create_app, idempotent_by_nature
from tests.shared.http.conftest import headers, registered_here, token

PATH = f"/v1/lamps/{uuid4()}"


async def handler() -> None:
    """Does nothing."""


async def handler_with_unit_of_work(uow: Uow) -> None:
    """Does nothing, in a unit of work."""


def test_a_route_without_permission_fails_at_its_declaration() -> None:
    router = api_router("/v1/things", tag="things")
    with pytest.raises(TypeError, match="deny by default"):
        router.get("")(handler)
    with pytest.raises(TypeError, match="deny by default"):
        router.get("", dependencies=[Public, Allow(Role.WORKER)])(handler)


def test_a_route_of_another_kind_fails_at_start() -> None:
    plain = APIRouter()
    plain.get("/v1/plain")(handler)
    with pytest.raises(TypeError, match="/v1/plain"):
        create_app(
            service="probe",
            title="x",
            routers=[plain],  # type: ignore[list-item]  # as a careless author would
            is_registered=registered_here,
        )
    nested = api_router("/v1/things", tag="things")
    nested.include_router(plain)
    with pytest.raises(TypeError, match="who may call it"):
        create_app(service="probe", title="x", routers=[nested], is_registered=registered_here)


def test_contradictory_routes_fail_at_their_declaration() -> None:
    router = api_router("/v1/things", tag="things")
    with pytest.raises(TypeError, match="public"):
        router.post("", dependencies=[Public])(handler)
    with pytest.raises(TypeError, match="batched"):
        router.post("", dependencies=[Allow(Role.WORKER), batched, idempotent_by_nature])(handler)
    with pytest.raises(TypeError, match="batched"):
        router.post("", dependencies=[Allow(Role.WORKER), batched])(handler_with_unit_of_work)
    with pytest.raises(TypeError, match="at least one role"):
        Allow()
    with pytest.raises(ValueError, match="/v1"):
        api_router("/things", tag="things")


async def test_without_a_token(offline: httpx.AsyncClient) -> None:
    answer = await offline.get(PATH)
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_missing"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer x y", "\x80"])
async def test_with_a_bad_one(offline: httpx.AsyncClient, value: str) -> None:
    answer = await offline.get(PATH, headers={b"Authorization": value.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"


async def test_with_two(offline: httpx.AsyncClient) -> None:
    two = [("Authorization", f"Bearer {token()}"), ("Authorization", f"Bearer {token('officer')}")]
    answer = await offline.get(PATH, headers=two)
    assert answer.json()["code"] == "token_invalid"


async def test_with_another_role(offline: httpx.AsyncClient) -> None:
    answer = await offline.get(PATH, headers=headers("officer"))
    assert answer.status_code == 403
    assert answer.json()["code"] == "role_not_allowed"


async def test_with_a_good_one(offline: httpx.AsyncClient) -> None:
    answer = await offline.get(PATH, headers=headers())
    assert answer.status_code == 200
    assert answer.json() == {"id": PATH.rsplit("/", 1)[1], "caller": "account-1"}


async def test_strangers_are_sent_away_before_their_body_is_read(offline: httpx.AsyncClient) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"{}"

    assert (await offline.post("/v1/lamps", content=body())).status_code == 401
    assert (await offline.post("/v1/lamps", content=body(), headers=headers("auditor"))).status_code == 403
    assert read == []


async def test_health_needs_no_token(offline: httpx.AsyncClient) -> None:
    assert (await offline.get("/livez")).json() == {"status": "live"}
    ready = await offline.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    assert (await offline.get("/metrics")).status_code == 404, "metrics have a port of their own"


async def test_ready_with_a_database(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}
