"""Every field of every route takes its extreme values: what is out of bounds is 422, what is within is never a 500.

So does every id: in paths, queries and bodies stand numbers, codes and texts that somebody behind might parse.

The requests go to the real applications over real databases; a body is wrong in every field at once, and each field
must be named. A row of a bulk request is refused by itself.
"""

import importlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from deploy.documents import openapi_document
from deploy.local.environment import ENCRYPTING_SERVICES
from deploy.local.keys import Keys, Signing
from shared.kernel.credit_code import make_credit_code
from shared.messaging.topics import SERVICES
from shared.security import read_signing_key
from tests.api_client import ISSUER, Account, ApiClient
from tests.databases import Databases
from tests.extremes import (
    ODD_IDS,
    Leaf,
    Node,
    Schemas,
    all_wrong,
    at_an_edge,
    edge_values,
    odd_bodies,
    sample_of,
    wrong_values,
)

JSON = "application/json"
READ_FROM_TEXT = ("4", "true", "yes")
"""Wrong in a body, right in a query, where everything is text."""


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, keys: Keys) -> Iterator[str]:
    """A service, whose keys the environment names."""
    name: str = request.param
    files = {
        "TOKEN_JWKS_FILE": keys.public(Signing.TOKENS), "PRESENCE_JWKS_FILE": keys.public(Signing.PRESENCE),
        "PRESENCE_KEY_FILE": keys.private(Signing.PRESENCE), "CERTIFICATE_JWKS_FILE": keys.public(Signing.CERTIFICATES),
        "CERTIFICATE_KEY_FILE": keys.private(Signing.CERTIFICATES), "EVENT_KEY_FILE": keys.events(name),
    }  # fmt: skip
    if name in ENCRYPTING_SERVICES:
        files |= {"FIELD_KEY_FILE": keys.field(name), "BLIND_INDEX_KEY_FILE": keys.blind_index(name)}
    with pytest.MonkeyPatch.context() as environment:
        for variable, file in files.items():
            environment.setenv(f"SKILL_VOUCHER_{variable}", str(file))
        environment.setenv("SKILL_VOUCHER_TOKEN_ISSUER", ISSUER)
        environment.setenv("SKILL_VOUCHER_PROFILE", "test")
        environment.setenv("SKILL_VOUCHER_HTTP_LOOKUPS_PER_MINUTE", "1000000")
        yield name


class Attacker:
    """Calls every operation of a service with a token of a role that may."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def call(
        self, operation: Node, method: str, path: str, body: Any = None, query: Any = None
    ) -> httpx.Response:
        """One request."""
        role = operation["x-roles"][0] if operation["security"] else None
        caller = role and Account(role, institution=make_credit_code("410402", 1), areas=("410400",))
        content = {} if body is None else {"json": body}
        headers = self._api.headers(caller)
        return await self._api.client.request(method, path, headers=headers, params=query, **content)


@asynccontextmanager
async def attacker_of(service: str, databases: Databases, keys: Keys) -> AsyncIterator[Attacker]:
    """An attacker before the application of a service, as its process makes it."""
    app = importlib.import_module(f"services.{service}.main").app()
    async with databases.clone(service) as database:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(
                "SKILL_VOUCHER_DATABASE_URL", database.api.engine.url.render_as_string(hide_password=False)
            )
            async with app.router.lifespan_context(app):
                key = read_signing_key(keys.private(Signing.TOKENS))
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                    yield Attacker(ApiClient(client, key))


async def test_extreme_values(service: str, databases: Databases, keys: Keys) -> None:
    document = openapi_document(service)
    schemas = Schemas(document)
    found: list[str] = []
    async with attacker_of(service, databases, keys) as attacker:
        for template, operations in document["paths"].items():
            for method, operation in operations.items():
                path = _path(schemas, template, operation)
                async for fault in _faults(attacker, schemas, operation, method, path):
                    found.append(f"{operation['operationId']}: {fault}")
    assert found == []


async def test_odd_ids(service: str, databases: Databases, keys: Keys) -> None:
    document = openapi_document(service)
    schemas = Schemas(document)
    found: list[str] = []
    async with attacker_of(service, databases, keys) as attacker:
        for template, operations in document["paths"].items():
            for method, operation in operations.items():
                async for sent, answer in _odd_answers(attacker, schemas, operation, method, template):
                    if answer.status_code >= 500:
                        found.append(f"{operation['operationId']}: {sent!r:.300} is answered {answer.status_code}")
    assert found == []


async def _odd_answers(
    attacker: Attacker, schemas: Schemas, operation: Node, method: str, template: str
) -> AsyncIterator[tuple[Any, httpx.Response]]:
    """What is answered to every odd id in every place of an operation."""
    path = _path(schemas, template, operation)
    body = None
    if "requestBody" in operation:
        schema, _ = schemas.resolve(operation["requestBody"]["content"][JSON]["schema"])
        body, bulk = schemas.sample(schema), "rows" in schema.get("properties", {})
        row = schema["properties"]["rows"]["items"] if bulk else schema
        bodies = list(odd_bodies(schemas.sample(row), list(schemas.leaves(row))))
        if bulk:
            bodies = [{**body, "rows": bodies[first : first + 1_000]} for first in range(0, len(bodies), 1_000)]
        for odd in bodies:
            yield odd, await attacker.call(operation, method, path, body=odd)
    for parameter in operation.get("parameters", ()):
        for value in ODD_IDS:
            if parameter["in"] == "path":
                odd_path = _path(schemas, template, operation, {parameter["name"]: quote(value, safe="")})
                yield odd_path, await attacker.call(operation, method, odd_path, body=body)
            elif parameter["in"] == "query":
                odd = {parameter["name"]: value}
                yield odd, await attacker.call(operation, method, path, body=body, query=odd)


async def _faults(attacker: Attacker, schemas: Schemas, operation: Node, method: str, path: str) -> AsyncIterator[str]:
    parameters = [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
    for parameter in parameters:
        schema, _ = schemas.resolve(parameter["schema"])
        name = parameter["name"]
        for value in wrong_values(schema):
            if isinstance(value, str) and value not in READ_FROM_TEXT:
                answer = await attacker.call(operation, method, path, query={name: value})
                if answer.status_code != 422:
                    yield f"?{name}={value[:40]} is answered {answer.status_code}"
        for value in edge_values(schema):
            answer = await attacker.call(operation, method, path, query={name: value})
            if answer.status_code >= 500:
                yield f"?{name}={str(value)[:40]} is answered {answer.status_code}"
    if "requestBody" not in operation:
        return
    schema, _ = schemas.resolve(operation["requestBody"]["content"][JSON]["schema"])
    if "rows" in schema.get("properties", {}):
        faults = _row_faults(attacker, schemas, operation, path, schema)
    else:
        faults = _body_faults(attacker, schemas, operation, path, schema)
    async for fault in faults:
        yield fault


async def _body_faults(
    attacker: Attacker, schemas: Schemas, operation: Node, path: str, schema: Node
) -> AsyncIterator[str]:
    body, leaves = schemas.sample(schema), list(schemas.leaves(schema))
    for wrong, named in all_wrong(body, leaves):
        answer = await attacker.call(operation, "post", path, body=wrong)
        if answer.status_code != 422:
            yield f"{wrong} is answered {answer.status_code} {answer.text[:200]}"
            continue
        for fault in _not_named(answer.json()["errors"], named, wrong):
            yield fault
    for edge in at_an_edge(body, leaves):
        answer = await attacker.call(operation, "post", path, body=edge)
        if answer.status_code >= 500:
            yield f"{str(edge)[:300]} is answered {answer.status_code}"
    odd_bodies: list[Any] = [[], "x", 5, {**body, "unknown_field": 1}]
    for odd in odd_bodies:
        answer = await attacker.call(operation, "post", path, body=odd)
        if answer.status_code != 422:
            yield f"{str(odd)[:100]} is answered {answer.status_code}"


async def _row_faults(
    attacker: Attacker, schemas: Schemas, operation: Node, path: str, schema: Node
) -> AsyncIterator[str]:
    body, row_schema = schemas.sample(schema), schema["properties"]["rows"]["items"]
    row, leaves = schemas.sample(row_schema), list(schemas.leaves(row_schema))
    wrong = [wrong for wrong, _ in all_wrong(row, leaves)]
    odd: list[Any] = [[], "x", 5, None, {**row, "unknown_field": 1}]
    edges = list(at_an_edge(row, leaves))
    answer = await attacker.call(operation, "post", path, body={**body, "rows": [*wrong, *odd, *edges]})
    if answer.status_code >= 500 or answer.status_code == 422:
        yield f"rows are answered {answer.status_code}"
    if answer.status_code != 200:
        return
    results = answer.json()["results"]
    for index, sent in enumerate([*wrong, *odd]):
        error = results[index].get("error", {"code": "nothing", "errors": []})
        if error["code"] != "validation_failed":
            yield f"row {sent} is answered {error['code']}"
        elif index < len(wrong):
            for fault in _not_named(error["errors"], leaves, sent, prefix=f"/rows/{index}"):
                yield fault


def _not_named(errors: Sequence[Node], leaves: Sequence[Leaf], sent: Any, *, prefix: str = "") -> Iterator[str]:
    pointers = [str(error["pointer"]) for error in errors]
    for leaf in leaves:
        pointer = "#" + prefix + "".join(f"/{step}" for step in leaf.place)
        if not any(named == pointer or named.startswith(f"{pointer}/") for named in pointers):
            yield f"{pointer} of {str(sent)[:300]} is not refused"


def _path(schemas: Schemas, template: str, operation: Node, given: dict[str, str] | None = None) -> str:
    names = {
        parameter["name"]: sample_of(schemas.resolve(parameter["schema"])[0])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    }
    return template.format_map(names | (given or {}))
