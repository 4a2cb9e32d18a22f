"""The city's standing: officers, catalogues, funds and accounts. Made by the first run, found by the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from deploy.local.demo.cast import SKILLS, Citizen, credit_code, fixed_citizen
from deploy.local.demo.city import Actor, City, Json
from shared.kernel.clock import business_date

CITY_AREA = "410400"
FUND_SOURCE = "employment_subsidy_fund"
BUDGET_FEN = 5_000_000_000_00
CATALOGUE_FROM, CATALOGUE_UNTIL = "2022-01-01", "2045-12-31"
COOL_OFF = timedelta(hours=73)

PORTAL = Actor("portal", "portal")
AUDITOR = Actor("auditor", "auditor", areas=(CITY_AREA,))
OPERATOR = Actor("operator", "operator")


@dataclass(frozen=True)
class Institution:
    """A training institution and the accounts that act for it."""

    code: str
    actor: Actor
    trainers: tuple[str, ...]


@dataclass(frozen=True)
class Body:
    """An assessing body of the public kind, its assessors and a supervisor from outside."""

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


async def register(city: City, citizen: Citizen) -> str:
    """Register a citizen with the portal's verification; answers the person_id."""
    verified_at = (await city.clock.now()).isoformat()
    answer = await city.post(PORTAL, "voucher", "/v1/workers", dict(citizen.registration(verified_at)))
    return str(answer["person_id"])


async def seed(city: City) -> Staff:
    """Make what the city needs before the first voucher, as far as it is not there yet."""
    people = [await register(city, fixed_citizen(number)) for number in range(26)]
    officers = [
        Actor(f"officer-{number}", "officer", person=person, areas=(CITY_AREA,))
        for number, person in enumerate(people[:4])
    ]
    cashier, releaser = (
        Actor(f"finance-{number}", "finance", person=person, areas=(CITY_AREA,))
        for number, person in enumerate(people[4:6])
    )
    institutions = (
        await _institution(city, officers, credit_code(1), "鹰城职业技能培训学校", tuple(people[6:11])),
        await _institution(city, officers, credit_code(2), "汝瓷职业培训中心", tuple(people[11:16])),
    )
    body = await _body(city, officers[0], credit_code(3), people[16:25])
    await _funds(city, cashier)
    fresh = [await _account(city, one, cashier, releaser) for one in institutions]
    if any(fresh):
        await city.clock.advance(await city.clock.now() + COOL_OFF)
    proposer, approver, reviewer, second_approver = officers
    return Staff(proposer, approver, reviewer, second_approver, cashier, releaser, institutions=institutions, body=body)


def scope() -> list[Json]:
    """What a body of the demonstration is listed for."""
    dates = {"valid_from": CATALOGUE_FROM, "valid_to": CATALOGUE_UNTIL}
    return [{"skill_code": one.code, "level": one.level, **dates} for one in SKILLS]


async def _institution(
    city: City, officers: list[Actor], code: str, name: str, trainers: tuple[str, ...]
) -> Institution:
    if await city.find(officers[0], "training", f"/v1/institutions/{code}") is None:
        body = {"credit_code": code, "name": name, "area": "410402", "kind": "private", "scope": scope()}
        await city.post(officers[0], "training", "/v1/institutions", body)
        await city.post(officers[1], "training", f"/v1/institutions/{code}/listings")
    return Institution(code, Actor(f"institution-{code}", "institution", institution=code), trainers)


async def _body(city: City, officer: Actor, code: str, people: list[str]) -> Body:
    actor = Actor(f"body-{code}", "body", institution=code)
    if await city.find(officer, "evaluation", f"/v1/bodies/{code}") is None:
        body = {
            "credit_code": code,
            "name": "平顶山社会培训评价组织",
            "area": "410402",
            "kind": "social",
            "province_code": "0001",
            "scope": scope(),
        }
        await city.post(officer, "evaluation", "/v1/bodies", body)
        await city.clock.wait_until_quiet()
        for person in people[:8]:
            skills = [{"skill_code": one.code, "level": one.level} for one in SKILLS]
            await city.post(actor, "evaluation", "/v1/assessors", {"person_id": person, "skills": skills})
    assessors = tuple(
        Actor(f"assessor-{number}", "body", person=person, institution=code) for number, person in enumerate(people[:8])
    )
    supervisor = Actor("supervisor", "officer", person=people[8], areas=(CITY_AREA,))
    return Body(code, actor, assessors, supervisor)


async def _funds(city: City, cashier: Actor) -> None:
    """The city's fund of this year, and of the next, in which the season may end."""
    funds = (await city.get(cashier, "payout", "/v1/funds", limit=200))["data"]
    known = {fund["year"] for fund in funds if (fund["fund_source"], fund["area"]) == (FUND_SOURCE, CITY_AREA)}
    this_year = business_date(await city.clock.now()).year
    for year in {this_year, this_year + 1} - known:
        body = {"fund_source": FUND_SOURCE, "area": CITY_AREA, "year": year, "budget_fen": BUDGET_FEN}
        await city.post(cashier, "payout", "/v1/funds", body)


async def _account(city: City, institution: Institution, cashier: Actor, releaser: Actor) -> bool:
    """Give the institution an account that two finance officers confirm; False if it has one."""
    known = (await city.get(institution.actor, "payout", "/v1/accounts"))["data"]
    if known:
        return False
    name = f"单位{institution.code[-6:]}"
    body = {
        "owner_kind": "institution",
        "owner_id": institution.code,
        "bank_code": "102100099996",
        "account_number": f"622202{int(institution.code[8:16], 36) % 10**13:013d}",
        "account_name": name,
    }
    account = await city.post(institution.actor, "payout", "/v1/accounts", body)
    for officer in (cashier, releaser):
        await city.post(officer, "payout", f"/v1/accounts/{account['id']}/confirmations", {"payee_name": name})
    return True
