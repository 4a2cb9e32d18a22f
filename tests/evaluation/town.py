"""A small town: its bodies, assessors, supervisors and trainees, acting over HTTP, and what other services tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from services.evaluation.worker import worker
from shared.contracts.envelope import Event
from shared.contracts.training import EnrolmentCompletedV1
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.kernel.clock import SHANGHAI, business_date
from shared.kernel.credit_code import make_credit_code
from shared.messaging.handlers import merge
from tests.clock import business_now
from tests.databases import TESTER, ServiceDatabase
from tests.evaluation.door import Actor, Door

AREA, ELSEWHERE, CITY = "410402", "410421", "410400"
SKILL: Mapping[str, Any] = {"skill_code": "4-03-02-01", "level": 4}
COMPETENCE: Mapping[str, Any] = {"skill_code": "ZX-4104-001", "level": 0}
PERMIT: Mapping[str, Any] = {"skill_code": "SO-01-02", "level": 0}
INSTITUTION = make_credit_code(AREA, 1)
HANDLERS = merge(worker().rooms)
SINCE = date(2022, 1, 1)


@dataclass
class Body:
    """An assessing body with its account, two assessors and a supervisor of the bureau."""

    code: str
    kind: str
    account: Actor
    assessors: tuple[Actor, Actor]
    supervisor: Actor


@dataclass
class Town:
    """Acts as everybody around the evaluation service."""

    database: ServiceDatabase
    door: Door
    serial: int = 0
    officer: Actor = field(default_factory=lambda: Actor("officer", uuid4(), areas=(CITY,)))
    second_officer: Actor = field(default_factory=lambda: Actor("officer", uuid4(), areas=(CITY,)))
    foreign_officer: Actor = field(default_factory=lambda: Actor("officer", uuid4(), areas=(ELSEWHERE,)))

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.api.unit_of_work() as uow:
            return uow.now

    async def today(self) -> date:
        """The business date."""
        return business_date(await self.now())

    async def pass_days(self, days: int) -> None:
        """Let business time go on to the morning of the day `days` later."""
        day = await self.today() + timedelta(days=days)
        await self.database.set_business_time(datetime.combine(day, time(9), SHANGHAI))

    async def hear(self, *events: Event) -> None:
        """Apply events as the worker does, all in one unit of work, each type by itself."""
        async with self.database.worker.unit_of_work() as uow:
            for kind in dict.fromkeys(type(event) for event in events):
                for handler in HANDLERS[kind]:
                    await handler(uow, [event for event in events if type(event) is kind])

    def registration(self, *, area: str = AREA) -> PersonRegisteredV1:
        """What the voucher service tells of somebody new."""
        return PersonRegisteredV1(
            id=uuid4(), version=1, business_at=business_now(), actor=TESTER, subject_digest=uuid4().hex * 2,
            area=area, real_name_level=3,
        )  # fmt: skip

    async def person(self, *, area: str = AREA) -> UUID:
        """Somebody whose registration was heard."""
        event = self.registration(area=area)
        await self.hear(event)
        return event.id

    async def supersede(self, person_id: UUID, survivor_id: UUID) -> None:
        """Two records turned out to be one person."""
        now = business_now()
        await self.hear(
            PersonSupersededV1(id=person_id, version=2, business_at=now, actor=TESTER, survivor_id=survivor_id)
        )

    def completion(self, person_id: UUID, today: date, **other: Any) -> EnrolmentCompletedV1:
        """What the training service tells of a completed enrolment."""
        said: dict[str, Any] = {
            "id": uuid4(), "version": 4, "business_at": business_now(), "actor": TESTER,
            "voucher_id": uuid4(), "person_id": person_id, "class_id": uuid4(), "channel": "social",
            "institution": INSTITUTION, "trainer_ids": (), "employer": None, "school": None, **SKILL, "act": "first",
            "class_hours": 60, "completed_on": today,
        }  # fmt: skip
        return EnrolmentCompletedV1(**{**said, **other})

    async def enrolment(self, person_id: UUID, **other: Any) -> EnrolmentCompletedV1:
        """A completed enrolment that was heard."""
        event = self.completion(person_id, await self.today(), **other)
        await self.hear(event)
        return event

    async def trainees(self, count: int, **other: Any) -> list[EnrolmentCompletedV1]:
        """People who completed a training."""
        people, today = [self.registration() for _ in range(count)], await self.today()
        completions = [self.completion(one.id, today, **other) for one in people]
        await self.hear(*people, *completions)
        return completions

    def listing(self, kind: str = "social", **other: Any) -> dict[str, Any]:
        """What an officer says of a body."""
        self.serial += 1
        scope = [{**line, "valid_from": str(SINCE), "valid_to": None} for line in (SKILL, COMPETENCE)]
        if kind == "government":
            scope.append({**PERMIT, "valid_from": str(SINCE), "valid_to": None})
        said = {
            "credit_code": make_credit_code(AREA, 1_000 + self.serial), "name": "鹰城评价", "area": AREA, "kind": kind,
            "province_code": f"{self.serial:04d}", "scope": scope,
        }  # fmt: skip
        return {**said, **other}

    async def body(self, kind: str = "social", **other: Any) -> Body:
        """A listed body with its panel."""
        listing = self.listing(kind, **other)
        done(await self.door.post(self.officer, "/v1/bodies", listing), 201)
        code = listing["credit_code"]
        account = Actor("body", uuid4(), institution=code)
        skills = [{"skill_code": line["skill_code"], "level": line["level"]} for line in listing["scope"]]
        people = [await self.person() for _ in range(3)]
        for person in people[:2]:
            request = {"person_id": str(person), "skills": skills}
            done(await self.door.post(account, "/v1/assessors", request), 201)
        first, second = (Actor("body", person, institution=code) for person in people[:2])
        return Body(code, kind, account, (first, second), Actor("officer", people[2], areas=(AREA,)))

    async def plan(self, body: Body, **other: Any) -> dict[str, Any]:
        """What a body says of an assessment tomorrow."""
        said = {
            **SKILL, "act": "first", "held_on": str(await self.today() + timedelta(days=1)), "place": "一号考场",
            "site_code": "000001", "assessor_ids": [str(one.person) for one in body.assessors],
            "supervisor_id": str(body.supervisor.person),
        }  # fmt: skip
        return {**said, **other}

    async def session(self, body: Body, **other: Any) -> str:
        """The id of a scheduled session."""
        plan = await self.plan(body, **other)
        return str(done(await self.door.post(body.account, "/v1/assessment-sessions", plan), 201)["id"])

    async def admit(self, body: Body, session: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The answer to an admission."""
        path = f"/v1/assessment-sessions/{session}/candidates"
        return done(await self.door.post(body.account, path, {"rows": list(rows)}))

    async def admitted(self, body: Body, session: str, enrolments: Sequence[EnrolmentCompletedV1]) -> list[str]:
        """Ids of the candidates for these enrolments."""
        answer = await self.admit(body, session, [{"enrolment_id": str(one.id)} for one in enrolments])
        assert answer["refused"] == 0, answer
        return [row["result"]["id"] for row in answer["results"]]

    async def open(self, body: Body, session: str) -> dict[str, Any]:
        """Open a session on its day, tomorrow."""
        await self.pass_days(1)
        return done(await self.door.post(body.account, f"/v1/assessment-sessions/{session}/openings"))

    async def sign(self, assessor: Actor, session: str, marks: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
        """The answer to an assessor's marks by candidate."""
        rows = [{"candidate_id": candidate, **given} for candidate, given in marks.items()]
        return done(await self.door.post(assessor, f"/v1/assessment-sessions/{session}/scores", {"rows": rows}))

    async def scored(self, body: Body, session: str, marks: Mapping[str, Mapping[str, int]]) -> None:
        """Both assessors sign the same marks."""
        for assessor in body.assessors:
            assert (await self.sign(assessor, session, marks))["refused"] == 0

    async def confirm(self, actor: Actor, session: str) -> httpx.Response:
        """The answer to a confirmation."""
        return await self.door.post(actor, f"/v1/assessment-sessions/{session}/confirmations")

    async def certified(self, body: Body, count: int = 1, **other: Any) -> list[dict[str, Any]]:
        """Certificates that `body` issued to new people, as its account reads them."""
        enrolments = await self.trainees(count, **other)
        skill = {name: other[name] for name in ("skill_code", "level", "act") if name in other}
        session = await self.session(body, **skill)
        candidates = await self.admitted(body, session, enrolments)
        await self.open(body, session)
        marks = {"theory": 80, "practice": 80, "review": 80}
        await self.scored(body, session, dict.fromkeys(candidates, marks))
        issued = done(await self.confirm(body.supervisor, session))["certificates"]
        return [done(await self.door.get(body.account, f"/v1/certificates/{one['id']}")) for one in issued]

    async def outbox(self) -> list[dict[str, Any]]:
        """Every event on its way, in order, as the envelope's name and data."""
        async with self.database.owner.engine.connect() as connection:
            rows = await connection.execute(text("SELECT envelope::jsonb AS said FROM outbox ORDER BY id"))
            prefix = "cn.skillvoucher.evaluation."
            return [
                {"name": row.said["type"].removeprefix(prefix).removesuffix(".v1"), **row.said["data"]} for row in rows
            ]


def done(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of a successful answer."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json()["code"]


def codes(answer: Mapping[str, Any]) -> list[str | None]:
    """Per row of a bulk answer the code of its refusal."""
    return [row["error"]["code"] if "error" in row else None for row in answer["results"]]
