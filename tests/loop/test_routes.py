"""All routes × all roles × {own, foreign}, over HTTP against the running system after a season.

A role that a route does not name is refused; one that it names finds nothing of other people's (DOMAIN §4, 15); and
whatever was tried, nothing is written.
"""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from deploy.local.demo.cast import Casting
from deploy.local.demo.client import Actor
from deploy.local.demo.staff import AUDITOR, register
from shared.kernel.clock import business_date
from shared.security import Role
from tests.loop.conftest import SEED, FinishedSeason
from tests.loop.routes import FAR_AREA, FAR_CODE, ApiRoute, api_routes

pytestmark = pytest.mark.xdist_group("loop")

OPEN_TO_ALL = {
    ("training", "GET /v1/institutions/{credit_code}"): "the catalogue is public (A9)",
    ("evaluation", "GET /v1/bodies/{credit_code}"): "the catalogue is public (A9)",
    ("voucher", "GET /v1/batches/{batch_id}"): "a worker sees which batches they may claim from (A2)",
    ("voucher", "GET /v1/batches/{batch_id}/eligibility"): "a worker asks whether they may claim (A2)",
    ("audit", "GET /v1/log/entries/{entry_index}/inclusion-proof"): "a place in the log and hashes, nobody's record",
    ("audit", "GET /v1/log/checkpoints/{tree_size}"): "a head of the whole log: a size and a hash",
    ("audit", "POST /v1/log/checkpoints/{tree_size}/cosignatures"): "whoever brings it, the signature is a witness's",
}
"""What a stranger may read by name, and why."""

OPEN_TO_ROLE = {
    ("voucher", "POST /v1/workers/{person_id}/register-extracts", Role.PORTAL): (
        "the government portal answers for everybody, so that nobody brings papers (A26); it reads nobody's record"
    ),
}
"""What one role may do whoever it concerns, and why."""

PUBLIC_OR_SHORT = frozenset({"batch_id", "credit_code", "edition"})
"""Of the ids of a season: what the catalogues show to everybody, and what is no more than a digit."""

Ids = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
async def strangers(finished: FinishedSeason) -> dict[Role, Actor]:
    """Accounts of every role that have nothing to do with the season: another area, institution and person."""
    client = finished.client
    now = await client.clock.now()
    citizens = Casting(SEED + 1, business_date(now)).citizens()
    people = [(await register(client, citizens, now.isoformat()))[1] for _ in range(5)]
    await client.clock.wait_until_quiet()  # every service must know these people
    return {
        Role.WORKER: Actor("stranger-worker", "worker", person=people[0]),
        Role.PORTAL: Actor("stranger-portal", "portal"),
        Role.INSTITUTION: Actor("stranger-institution", "institution", people[1], FAR_CODE),
        Role.BODY: Actor("stranger-body", "body", people[2], FAR_CODE),
        Role.OFFICER: Actor("stranger-officer", "officer", person=people[3], areas=(FAR_AREA,)),
        Role.FINANCE: Actor("stranger-finance", "finance", person=people[4], areas=(FAR_AREA,)),
        Role.AUDITOR: Actor("stranger-auditor", "auditor", areas=(FAR_AREA,)),
        Role.OPERATOR: Actor("stranger-operator", "operator"),
    }


@pytest.fixture(scope="module")
async def own(finished: FinishedSeason) -> Ids:
    """Ids of things of the season, by service and parameter."""
    client, season = finished.client, finished.season
    course = season.courses[0]
    trainee = course.trainees[0]
    body = season.staff.body
    sessions = (await client.get(body.actor, "evaluation", "/v1/assessment-sessions"))["data"]
    candidates = (await client.get(body.actor, "evaluation", "/v1/candidates"))["data"]
    certificates = (await client.get(trainee.actor, "evaluation", "/v1/certificates"))["data"]
    payouts = (await client.get(season.staff.reviewer, "payout", "/v1/payouts"))["data"]
    accounts = (await client.get(course.institution.actor, "payout", "/v1/accounts"))["data"]
    batches = (await client.get(season.staff.cashier, "payout", "/v1/payment-batches"))["data"]
    return {
        "voucher": {
            "person_id": trainee.person_id,
            "voucher_id": trainee.voucher_id,
            "batch_id": season.batch_id,
        },
        "training": {
            "credit_code": course.institution.code,
            "class_id": course.id,
            "class_session_id": str(course.sessions[0]["id"]),
            "edition": "2",
            "enrolment_id": trainee.enrolment_id,
        },
        "evaluation": {
            "credit_code": body.code,
            "assessor_id": str(body.assessors[0].person),
            "session_id": sessions[0]["id"],
            "candidate_id": candidates[0]["id"],
            "certificate_id": certificates[0]["id"],
        },
        "payout": {
            "fund_id": payouts[0]["fund_id"],
            "account_id": accounts[0]["id"],
            "payout_id": payouts[0]["id"],
            "batch_id": batches[0]["id"],
        },
        "audit": {"person_id": trainee.person_id, "voucher_id": trainee.voucher_id},
    }


@pytest.fixture(scope="module", autouse=True)
async def nothing_is_written(finished: FinishedSeason, strangers: dict[Role, Actor]) -> AsyncIterator[None]:
    """Whatever the tests of this file try, the log of all events stays as it was."""
    await finished.client.clock.wait_until_quiet()
    before = await finished.client.post(AUDITOR, "audit", "/v1/log-verifications")
    yield
    await finished.client.clock.wait_until_quiet()
    after = await finished.client.post(AUDITOR, "audit", "/v1/log-verifications")
    assert after["entries"] == before["entries"]


async def call(finished: FinishedSeason, route: ApiRoute, actor: Actor | None, ids: dict[str, str]) -> httpx.Response:
    """One request with a well-formed body, as `actor`."""
    headers = {"Accept-Language": "en", "Idempotency-Key": str(uuid4())}
    if actor is not None:
        headers["Authorization"] = f"Bearer {await finished.client.mint(actor)}"
    client = finished.client.clients[route.service]
    body = route.body() if route.method != "GET" else None
    return await client.request(route.method, route.filled(ids), json=body, headers=headers)


async def test_nobody_comes_in_without_a_token(finished: FinishedSeason, own: Ids) -> None:
    wrong = []
    for route in api_routes():
        answer = await call(finished, route, None, own[route.service])
        if route.roles is not None and (answer.status_code, answer.json()["code"]) != (401, "token_missing"):
            wrong.append((route.name, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


async def test_a_role_that_a_route_does_not_name_is_refused(
    finished: FinishedSeason, own: Ids, strangers: dict[Role, Actor]
) -> None:
    wrong, tried = [], 0
    for route in api_routes():
        for role, actor in strangers.items():
            if route.roles is None or role in route.roles:
                continue
            tried += 1
            answer = await call(finished, route, actor, own[route.service])
            if (answer.status_code, answer.json()["code"]) != (403, "role_not_allowed"):
                wrong.append((route.name, role.value, answer.status_code, answer.text[:120]))
    assert not wrong, "\n".join(map(str, wrong))
    assert tried > 400


async def test_what_is_somebody_elses_is_not_found(
    finished: FinishedSeason, own: Ids, strangers: dict[Role, Actor]
) -> None:
    wrong, tried = [], 0
    for route in api_routes():
        if not route.names_something or (route.service, f"{route.method} {route.path}") in OPEN_TO_ALL:
            continue
        for role in sorted(route.roles or ()):
            if (route.service, f"{route.method} {route.path}", role) in OPEN_TO_ROLE:
                continue
            tried += 1
            answer = await call(finished, route, strangers[role], own[route.service])
            if answer.status_code != httpx.codes.NOT_FOUND and not all_rows_refused(answer):
                wrong.append((route.name, role.value, answer.status_code, answer.text[:160]))
    assert not wrong, "\n".join(map(str, wrong))
    assert tried > 60


async def test_lists_show_strangers_nothing(finished: FinishedSeason, own: Ids, strangers: dict[Role, Actor]) -> None:
    known = {value for ids in own.values() for name, value in ids.items() if name not in PUBLIC_OR_SHORT}
    wrong = []
    for route in api_routes():
        if route.method != "GET" or route.names_something:
            continue
        for role in sorted(route.roles or ()):
            if (route.service, f"{route.method} {route.path}", role) in OPEN_TO_ROLE:
                continue
            answer = await call(finished, route, strangers[role], {})
            if answer.is_server_error or any(value in answer.text for value in known):
                wrong.append((route.name, role.value, answer.status_code, answer.text[:160]))
    assert not wrong, "\n".join(map(str, wrong))


def all_rows_refused(answer: httpx.Response) -> bool:
    """Whether a list was answered and every row of it refused."""
    if not answer.is_success:
        return False
    document = answer.json()
    return "results" in document and document["accepted"] == 0
