"""Who acts in a season: the city's officers and funds, the same every time, and institutions and a body of its own.

What a season cast for itself nobody else has ever used, so that it goes on whatever an earlier one left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TypeVar

import httpx

from deploy.local.demo.cast import CITY, PERMITS, SKILLS, Casting, Citizen, Listing, Skill, officer_citizen
from deploy.local.demo.client import Actor, ApiClient, DemoFailed, Json, Refused, side_by_side
from shared.kernel.clock import business_date

Drawn = TypeVar("Drawn")

FUND_SOURCE = "employment_subsidy_fund"
BUDGET_FEN = 1_000_000_000_00
CATALOGUE_FROM, CATALOGUE_UNTIL = "2022-01-01", "2099-12-31"
COOL_OFF = timedelta(hours=73)
OFFICERS, FINANCE, ASSESSORS = 4, 2, 8
SEATS = 50
DRAWS_MOST = 20

PORTAL = Actor("portal", "portal")
AUDITOR = Actor("auditor", "auditor", areas=(CITY,))


@dataclass(frozen=True)
class Institution:
    """A training institution and the account that acts for it."""

    code: str
    actor: Actor
    trainers: tuple[str, ...]


@dataclass(frozen=True)
class Body:
    """An assessing body, its assessors and a supervisor from outside."""

    code: str
    actor: Actor
    assessors: tuple[Actor, ...]
    supervisor: Actor


@dataclass(frozen=True)
class Staff:
    """Everybody who acts for the city in a season."""

    proposer: Actor
    approver: Actor
    reviewer: Actor
    second_approver: Actor
    cashier: Actor
    releaser: Actor
    institutions: tuple[Institution, ...]
    body: Body


async def seed(client: ApiClient, casting: Casting, loops: int) -> Staff:
    """Make what a season of `loops` workers needs before its first voucher.

    What an interrupted season left comes to rest first.
    """
    # also brings together the five clocks, should a move have been interrupted between two of them
    await client.clock.advance(await client.clock.now() + timedelta(minutes=1))
    officers, finance = await _officers(client)
    cashier, releaser = finance
    await _funds(client, cashier, releaser)
    names = ("鹰城职业技能培训学校", "汝瓷职业培训中心")
    classes = loops // SEATS + len(SKILLS)  # at once, each with a trainer of its own
    trainers = -(-classes // len(names))
    institutions = tuple([await open_institution(client, officers, casting, name, trainers) for name in names])
    body = await open_body(client, officers[0], casting)
    for institution in institutions:
        await give_account(client, institution, finance)
    await client.clock.advance(await client.clock.now() + COOL_OFF)
    proposer, approver, reviewer, second_approver = officers
    return Staff(proposer, approver, reviewer, second_approver, cashier, releaser, institutions, body)


async def first_accepted(
    client: ApiClient, actor: Actor, service: str, path: str, candidates: Iterator[Drawn], body: Callable[[Drawn], Json]
) -> tuple[Drawn, Json]:
    """Make something new of the first candidate that no earlier season has drawn: one that has is a conflict, 409."""
    refused: Refused | None = None
    for candidate in islice(candidates, DRAWS_MOST):
        answer = await client.try_post(actor, service, path, body(candidate))
        if not isinstance(answer, Refused):
            return candidate, answer
        refused = answer
        if refused.status != httpx.codes.CONFLICT:
            break
    raise DemoFailed(f"POST {path}: {refused}")


async def register(client: ApiClient, candidates: Iterator[Citizen], verified_at: str) -> tuple[Citizen, str]:
    """Register the first of the citizens who is new, as the portal does; also the person_id."""
    citizen, answer = await first_accepted(
        client, PORTAL, "voucher", "/v1/workers", candidates, lambda drawn: drawn.registration(verified_at)
    )
    return citizen, str(answer["person_id"])


async def _register_new(client: ApiClient, casting: Casting, count: int) -> list[str]:
    verified_at = (await client.clock.now()).isoformat()
    registered = [register(client, casting.citizens(), verified_at) for _ in range(count)]
    return [person for _, person in await side_by_side(registered)]


async def _officers(client: ApiClient) -> tuple[list[Actor], list[Actor]]:
    """The officers of the city and those of its finance bureau."""
    verified_at = (await client.clock.now()).isoformat()

    async def person(number: int) -> str:
        body = officer_citizen(number).registration(verified_at)
        return str((await client.post(PORTAL, "voucher", "/v1/workers", body))["person_id"])

    people = await side_by_side([person(number) for number in range(OFFICERS + FINANCE)])
    officers, finance = people[:OFFICERS], people[OFFICERS:]
    return (
        [Actor(f"officer-{at}", "officer", person=person, areas=(CITY,)) for at, person in enumerate(officers)],
        [Actor(f"finance-{at}", "finance", person=person, areas=(CITY,)) for at, person in enumerate(finance)],
    )


def scope(skills: Sequence[Skill]) -> list[Json]:
    """That a body of the demonstration is listed for these skills."""
    dates = {"valid_from": CATALOGUE_FROM, "valid_to": CATALOGUE_UNTIL}
    return [{"skill_code": skill.code, "level": skill.level, **dates} for skill in skills]


async def open_institution(
    client: ApiClient, officers: Sequence[Actor], casting: Casting, name: str, trainers: int
) -> Institution:
    """An institution that one officer applies for and another lists, with its trainers."""

    def application(drawn: Listing) -> Json:
        code = drawn.credit_code
        return {
            "credit_code": code,
            "name": name,
            "area": "410402",
            "kind": "private",
            "scope": scope((*SKILLS, *PERMITS)),
        }

    listing, _ = await first_accepted(
        client, officers[0], "training", "/v1/institutions", casting.listings(), application
    )
    code = listing.credit_code
    await client.post(officers[1], "training", f"/v1/institutions/{code}/listings")
    manager, *people = await _register_new(client, casting, 1 + trainers)
    return Institution(code, Actor(f"institution-{code}", "institution", manager, code), tuple(people))


async def open_body(
    client: ApiClient, officer: Actor, casting: Casting, kind: str = "social", for_skills: Sequence[Skill] = SKILLS
) -> Body:
    """A listed assessing body with its assessors and a supervisor."""

    def entry(drawn: Listing) -> Json:
        return {
            "credit_code": drawn.credit_code,
            "name": "平顶山社会培训评价组织",
            "area": "410402",
            "kind": kind,
            "province_code": drawn.province_code,
            "scope": scope(for_skills),
        }

    listing, _ = await first_accepted(client, officer, "evaluation", "/v1/bodies", casting.listings(), entry)
    code = listing.credit_code
    *assessors, supervisor, manager = await _register_new(client, casting, ASSESSORS + 2)
    actor = Actor(f"body-{code}", "body", manager, code)
    await client.clock.wait_until_quiet()  # evaluation must know these people
    skills = [{"skill_code": skill.code, "level": skill.level} for skill in for_skills]
    for person in assessors:
        await client.post(actor, "evaluation", "/v1/assessors", {"person_id": person, "skills": skills})
    accounts = tuple(Actor(f"assessor-{person}", "body", person=person, institution=code) for person in assessors)
    return Body(code, actor, accounts, Actor(f"supervisor-{supervisor}", "officer", person=supervisor, areas=(CITY,)))


async def _funds(client: ApiClient, cashier: Actor, releaser: Actor) -> None:
    """The city's fund of this year, and of the next, in which the season may end: one proposes, the other approves."""
    funds = await client.pages(cashier, "payout", "/v1/funds")
    known = {fund["year"]: fund for fund in funds if (fund["fund_source"], fund["area"]) == (FUND_SOURCE, CITY)}
    this_year = (await client.clock.now()).year
    for year in (this_year, this_year + 1):
        body = {"fund_source": FUND_SOURCE, "area": CITY, "year": year, "budget_fen": BUDGET_FEN}
        fund = known.get(year) or await client.post(cashier, "payout", "/v1/funds", body)
        if fund["status"] == "proposed":
            await client.post(releaser, "payout", f"/v1/funds/{fund['id']}/approvals")


async def carry_over(client: ApiClient, staff: Staff, fund_id: str) -> None:
    """A season that crosses the year's end is paid from the old fund, once two finance officers carry it over (R24)."""
    path = f"/v1/funds/{fund_id}"
    async with client.in_turn:
        fund = await client.get(staff.cashier, "payout", path)
        if fund["year"] < business_date(await client.clock.now()).year and fund["status"] == "open":
            await client.post(staff.cashier, "payout", f"{path}/carry-overs")
            await client.post(staff.releaser, "payout", f"{path}/approvals")


async def give_account(client: ApiClient, institution: Institution, finance: Sequence[Actor], suffix: str = "") -> None:
    """Give the institution an account, whose number ends in `suffix`; two finance officers confirm it."""
    name = f"单位{institution.code[-6:]}"
    body = {
        "owner_kind": "institution",
        "owner_id": institution.code,
        "bank_code": "102100099996",
        "account_number": f"62220200000{institution.code[8:16]}{suffix}",
        "account_name": name,
    }
    account = await client.post(institution.actor, "payout", "/v1/accounts", body)
    for officer in finance:
        await client.post(officer, "payout", f"/v1/accounts/{account['id']}/confirmations", {"payee_name": name})
