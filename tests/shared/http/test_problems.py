"""Problem documents: complete, in the caller's language, and silent about what was sent."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.http.edge import language_of
from tests.shared.http.conftest import headers

SECRET = "410402199001011234"


async def post(client: httpx.AsyncClient, content: bytes, **more: str) -> httpx.Response:
    """Install a lamp by any text."""
    sent = headers(key=str(uuid4())) | {"Content-Type": "application/json"} | more
    return await client.post("/v1/lamps", content=content, headers=sent)


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, whole, and quotes nothing."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"].endswith(f":{code}")
    assert document["code"] == code
    assert document["status"] == status
    assert {"title", "detail", "instance", "policy", "errors", "trace_id"} <= document.keys()
    assert len(document["trace_id"]) == 32
    assert document["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert SECRET not in answer.text
    assert "张三" not in answer.text
    return document


async def test_fields_that_do_not_validate(client: httpx.AsyncClient) -> None:
    answer = await post(client, json.dumps({"watts": SECRET + "x", SECRET: "张三", "slow_ms": "张三"}).encode())
    document = assert_problem(answer, 422, "validation_failed")
    found = {(error["pointer"], error["code"]) for error in document["errors"]}
    assert found == {
        ("#/colour", "missing"),
        ("#/watts", "int_type"),
        ("#/slow_ms", "int_type"),
        ("#", "extra_forbidden"),
    }
    assert all(error.keys() == {"pointer", "code", "detail"} for error in document["errors"])


async def test_rows_are_pointed_at(offline: httpx.AsyncClient) -> None:
    rows = [{"colour": "blue"}, {"colour": SECRET, "张三": 1}, {"colour": [SECRET]}]
    answer = await offline.post("/v1/lamps/bulk", json={"rows": rows}, headers=headers("officer"))
    document = answer.json()
    assert (answer.status_code, document["accepted"], document["refused"]) == (200, 1, 2)
    assert [row["index"] for row in document["results"]] == [0, 1, 2]
    errors = [row["error"] for row in document["results"][1:]]
    assert [error["code"] for error in errors] == ["validation_failed"] * 2
    assert [(error["pointer"], error["code"]) for row in errors for error in row["errors"]] == [
        ("#/rows/1", "extra_forbidden"),
        ("#/rows/2/colour", "string_type"),
    ]
    assert SECRET not in answer.text
    assert "张三" not in answer.text


async def test_names_that_the_contract_does_not_know_are_not_repeated(offline: httpx.AsyncClient) -> None:
    rows = [{"colour": "blue", "marks": {SECRET: "x", "张三": "y", "colour": "z"}}]
    answer = await offline.post("/v1/lamps/bulk", json={"rows": rows}, headers=headers("officer"))
    pointers = [error["pointer"] for error in answer.json()["results"][0]["error"]["errors"]]
    assert pointers == ["#/rows/0/marks/*", "#/rows/0/marks/*", "#/rows/0/marks/colour"]


async def test_parameters_are_named(client: httpx.AsyncClient) -> None:
    document = assert_problem(await client.get(f"/v1/lamps/{SECRET}x", headers=headers()), 422, "validation_failed")
    (error,) = document["errors"]
    assert (error["in"], error["parameter"], error["code"]) == ("path", "lamp_id", "uuid_parsing")
    document = assert_problem(await client.get("/v1/lamps?limit=201"), 422, "validation_failed")
    assert document["errors"][0]["parameter"] == "limit"


async def test_an_unknown_parameter(offline: httpx.AsyncClient) -> None:
    assert_problem(await offline.get(f"/v1/lamps?color={SECRET}"), 422, "query_unknown")
    assert_problem(await offline.get(f"/v1/lamps?{SECRET}"), 422, "query_unknown")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{'colour': 'red'}",
        b'{"colour": "red", "colour": "blue"}',
        b'{"colour": "\\u0000"}',
        b'{"colour": "\\ud800"}',
        b'{"colour": "\xff"}',
        b'{"colour": NaN}',
        '{"colour": "red"}'.encode("utf-16"),
        b"[" * 15_000,
        b'{"watts": ' + b"9" * 5_000 + b"}",
        SECRET.encode() + b"x",
    ],
)
async def test_json_that_is_none(offline: httpx.AsyncClient, content: bytes) -> None:
    assert_problem(await post(offline, content), 400, "json_invalid")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "application/json; charset=gbk"])
async def test_other_content(offline: httpx.AsyncClient, content_type: str) -> None:
    answer = await post(offline, b'{"colour":"red"}', **{"Content-Type": content_type})
    assert_problem(answer, 415, "content_type_unsupported")


async def test_a_body_too_large(offline: httpx.AsyncClient) -> None:
    assert_problem(await post(offline, b" " * 20_001), 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 1_000

    sent = headers(key="k") | {"Content-Type": "application/json"}
    assert_problem(await offline.post("/v1/lamps", content=chunks(), headers=sent), 413, "body_too_large")
    assert_problem(await post(offline, b"{}", **{"Content-Length": "-1"}), 413, "body_too_large")


async def test_a_body_where_none_is_taken(offline: httpx.AsyncClient) -> None:
    path = f"/v1/lamps/{uuid4()}/acknowledgements"
    answer = await offline.post(path, json={"sum": 1}, headers=headers(key="a"))
    assert_problem(answer, 422, "body_unexpected")


async def test_what_the_router_refuses(offline: httpx.AsyncClient) -> None:
    assert_problem(await offline.get(f"/v1/{SECRET}"), 404, "route_not_found")
    assert_problem(await offline.get("/docs"), 404, "route_not_found")
    assert_problem(await offline.get("/v1/lamps/"), 404, "route_not_found")
    refused = await offline.delete("/v1/lamps")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"]


async def test_nul_characters(offline: httpx.AsyncClient) -> None:
    assert_problem(await offline.get("/v1/lamps/a%00b", headers=headers()), 400, "request_malformed")
    assert_problem(await offline.get("/v1/lamps?colour=a%00b"), 400, "request_malformed")


async def test_a_mistake_of_ours(offline: httpx.AsyncClient) -> None:
    document = assert_problem(await offline.get("/v1/lamps/broken"), 500, "internal_error")
    assert "ValueError" not in json.dumps(document)


async def test_no_database(offline: httpx.AsyncClient) -> None:
    answer = await offline.get("/v1/lamps")
    assert_problem(answer, 503, "database_unreachable")
    assert answer.headers["retry-after"] == "1"


async def test_the_language(offline: httpx.AsyncClient) -> None:
    chinese = await offline.get("/nothing")
    assert chinese.json()["title"] == "未找到"
    assert chinese.headers["content-language"] == "zh-CN"
    english = await offline.get("/nothing", headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert english.json()["detail"] == "There is nothing at this address."
    assert english.headers["content-language"] == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("fr", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-CN,en;q=0.9", "zh"),
        ("en;q=0.8,zh;q=0.9", "zh"),
        ("en;q=0", "zh"),
        ("en;q=2", "zh"),
        ("en;q=x", "zh"),
        ("en;q=0.1, fr", "en"),
        (",;=,", "zh"),
        ("en," * 10_000, "en"),
    ],
)
def test_accept_language(header: str, language: str) -> None:
    assert language_of(header) == language


async def test_ids_of_the_request(offline: httpx.AsyncClient) -> None:
    given = str(uuid4())
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"X-Request-Id": given, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = await offline.get("/nothing", headers=sent)
    assert answer.headers["x-request-id"] == given
    assert answer.json()["trace_id"] == trace
    for odd in (SECRET, "x" * 36, "", "{" + given[:34] + "}"):
        answer = await offline.get("/nothing", headers={"X-Request-Id": odd, "traceparent": odd})
        assert answer.headers["x-request-id"] != odd
        assert answer.json()["trace_id"] == UUID(answer.headers["x-request-id"]).hex


async def test_every_answer_is_hardened(offline: httpx.AsyncClient) -> None:
    for path in ("/livez", "/nothing", "/v1/lamps/broken"):
        answer = await offline.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_strict_transport_is_said_over_tls_alone(offline: httpx.AsyncClient) -> None:
    for scheme, said in (("http", False), ("https", True)):
        answer = await offline.get(f"{scheme}://localhost/livez", headers={"X-Forwarded-Proto": "https"})
        assert ("strict-transport-security" in answer.headers) == said


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:18101", "[::1]:8000"])
async def test_hosts_that_are_ours(offline: httpx.AsyncClient, host: str) -> None:
    assert (await offline.get("/livez", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((host, 421) for host in ("attacker.test", "localhost.attacker.test", "attacker.test:80", "localhost:", "")),
        *((host, 421) for host in ("localhost@attacker.test", "localhost, attacker.test", "local\xa0host", "::1")),
        (None, 400),
    ],
)
async def test_a_host_that_is_not_ours(offline: httpx.AsyncClient, host: str | None, status: int) -> None:
    request = offline.build_request("GET", "/livez", headers={b"Host": (host or "").encode("latin-1")})
    if host is None:
        del request.headers["Host"]
    answer = await offline.send(request)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_two_hosts(offline: httpx.AsyncClient) -> None:
    answer = await offline.get("/livez", headers=[("Host", "localhost"), ("Host", "localhost")])
    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")


async def test_a_wrong_method_is_answered_with_the_right_ones(offline: httpx.AsyncClient) -> None:
    for path, allowed in (("/v1/lamps", "GET, POST"), ("/v1/lamps/broken", "GET"), ("/v1/lamps/bulk", "GET, POST"),
                          ("/livez", "GET"), ("/openapi.json", "GET, HEAD")):  # fmt: skip
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW"):
            answer = await offline.request(method, path)
            if method in allowed:
                assert answer.status_code == 200
            else:
                assert (answer.status_code, answer.headers["allow"]) == (405, allowed), (method, path)
