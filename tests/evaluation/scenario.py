"""Bodies, assessors, supervisors and trainees, acting over HTTP, and what other services publish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shared.contracts.envelope import Event
from shared.contracts.training import EnrolmentCompletedV1
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.kernel.clock import SHANGHAI, business_date
from shared.kernel.credit_code import make_credit_code
from tests.api_client import Account, ApiClient, done
from tests.clock import business_now
from tests.databases import TESTER, ServiceDatabase
from tests.worker_process import receive_together, run_timers

AREA, ELSEWHERE, CITY = "410402", "410421", "410400"
SKILL: Mapping[str, Any] = {"skill_code": "4-03-02-01", "level": 4}
COMPETENCE: Mapping[str, Any] = {"skill_code": "ZX-4104-001", "level": 0}
PERMIT: Mapping[str, Any] = {"skill_code": "SO-01-02", "level": 0}
INSTITUTION = make_credit_code(AREA, 1)
SINCE = date(2022, 1, 1)
HOLDER = "李*"
"""The masked name of everybody here."""


@dataclass
class AssessingBody:
    """An assessing body with its account, two assessors and a supervisor of the bureau."""

    code: str
    kind: str
    account: Account
    assessors: tuple[Account, Account]
    supervisor: Account


@dataclass
class Scenario:
    """Acts as everybody around the evaluation service."""

    database: ServiceDatabase
    client: ApiClient
    serial: int = 0
    officer: Account = field(default_factory=lambda: Account("officer", areas=(CITY,)))
    second_officer: Account = field(default_factory=lambda: Account("officer", areas=(CITY,)))
    foreign_officer: Account = field(default_factory=lambda: Account("officer", areas=(ELSEWHERE,)))

    async def get(self, account: Account | None, path: str, **query: Any) -> httpx.Response:
        """GET as `account`."""
        return await self.client.get(account, path, **query)

    async def post(
        self, account: Account | None, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        """POST as `account`."""
        return await self.client.post(account, path, body, key=key)

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

    async def receive(self, *events: Event) -> None:
        """Apply events together; no two of one class are of one aggregate."""
        await receive_together(self.database, *events)

    async def run_timers(self) -> dict[str, int]:
        """Give each timer a turn; how many rows each moved."""
        return await run_timers(self.database)

    def registration(self, *, area: str = AREA) -> PersonRegisteredV1:
        """What the voucher service publishes of somebody new."""
        return PersonRegisteredV1(
            id=uuid4(), version=1, business_at=business_now(), actor=TESTER, subject_digest=uuid4().hex * 2,
            area=area, real_name_level=3, masked_name=HOLDER,
        )  # fmt: skip

    async def person(self, *, area: str = AREA) -> UUID:
        """Somebody whose registration was received."""
        event = self.registration(area=area)
        await self.receive(event)
        return event.id

    async def supersede(self, person_id: UUID, survivor_id: UUID) -> None:
        """Two records turned out to be one person."""
        now = business_now()
        await self.receive(
            PersonSupersededV1(id=person_id, version=2, business_at=now, actor=TESTER, survivor_id=survivor_id)
        )

    def completion(self, person_id: UUID, today: date, **other: Any) -> EnrolmentCompletedV1:
        """What the training service publishes of a completed enrolment."""
        said: dict[str, Any] = {
            "id": uuid4(), "version": 4, "business_at": business_now(), "actor": TESTER,
            "voucher_id": uuid4(), "person_id": person_id, "class_id": uuid4(), "channel": "social",
            "institution": INSTITUTION, "trainer_ids": (), "employer": None, "school": None, **SKILL, "act": "first",
            "class_hours": 60, "completed_on": today,
        }  # fmt: skip
        return EnrolmentCompletedV1(**{**said, **other})

    async def enrolment(self, person_id: UUID, **other: Any) -> EnrolmentCompletedV1:
        """A completed enrolment that was received."""
        event = self.completion(person_id, await self.today(), **other)
        await self.receive(event)
        return event

    async def trainees(self, count: int, **other: Any) -> list[EnrolmentCompletedV1]:
        """People who completed a training."""
        people, today = [self.registration() for _ in range(count)], await self.today()
        completions = [self.completion(person.id, today, **other) for person in people]
        await self.receive(*people, *completions)
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

    async def body(self, kind: str = "social", **other: Any) -> AssessingBody:
        """A listed body with its panel."""
        listing = self.listing(kind, **other)
        done(await self.post(self.officer, "/v1/bodies", listing), 201)
        code = listing["credit_code"]
        account = Account("body", institution=code)
        skills = [{"skill_code": line["skill_code"], "level": line["level"]} for line in listing["scope"]]
        people = [await self.person() for _ in range(3)]
        for person in people[:2]:
            request = {"person_id": str(person), "skills": skills}
            done(await self.post(account, "/v1/assessors", request), 201)
        first, second = (Account("body", person, institution=code) for person in people[:2])
        return AssessingBody(code, kind, account, (first, second), Account("officer", people[2], areas=(AREA,)))

    async def plan(self, body: AssessingBody, **other: Any) -> dict[str, Any]:
        """What a body says of an assessment tomorrow."""
        said = {
            **SKILL, "act": "first", "held_on": str(await self.today() + timedelta(days=1)), "place": "一号考场",
            "site_code": "000001", "assessor_ids": [str(assessor.person) for assessor in body.assessors],
            "supervisor_id": str(body.supervisor.person),
        }  # fmt: skip
        return {**said, **other}

    async def session(self, body: AssessingBody, **other: Any) -> str:
        """The id of a scheduled session."""
        plan = await self.plan(body, **other)
        return str(done(await self.post(body.account, "/v1/assessment-sessions", plan), 201)["id"])

    async def admit(self, body: AssessingBody, session: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The answer to an admission."""
        path = f"/v1/assessment-sessions/{session}/candidates"
        return done(await self.post(body.account, path, {"rows": list(rows)}))

    async def admitted(
        self, body: AssessingBody, session: str, enrolments: Sequence[EnrolmentCompletedV1]
    ) -> list[str]:
        """Ids of the candidates for these enrolments."""
        answer = await self.admit(body, session, [{"enrolment_id": str(enrolment.id)} for enrolment in enrolments])
        assert answer["refused"] == 0, answer
        return [row["result"]["id"] for row in answer["results"]]

    async def open(self, body: AssessingBody, session: str) -> dict[str, Any]:
        """Open a session on its day, tomorrow."""
        await self.pass_days(1)
        return done(await self.post(body.account, f"/v1/assessment-sessions/{session}/openings"))

    async def sign(self, assessor: Account, session: str, scores: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
        """The answer to an assessor's scores by candidate."""
        rows = [{"candidate_id": candidate, **given} for candidate, given in scores.items()]
        return done(await self.post(assessor, f"/v1/assessment-sessions/{session}/scores", {"rows": rows}))

    async def scored(self, body: AssessingBody, session: str, scores: Mapping[str, Mapping[str, int]]) -> None:
        """Both assessors sign the same scores."""
        for assessor in body.assessors:
            assert (await self.sign(assessor, session, scores))["refused"] == 0

    async def confirm(self, actor: Account, session: str) -> httpx.Response:
        """The answer to a confirmation."""
        return await self.post(actor, f"/v1/assessment-sessions/{session}/confirmations")

    async def certified(self, body: AssessingBody, count: int = 1, **other: Any) -> list[dict[str, Any]]:
        """Certificates that `body` issued to new people, as its account reads them."""
        enrolments = await self.trainees(count, **other)
        skill = {name: other[name] for name in ("skill_code", "level", "act") if name in other}
        session = await self.session(body, **skill)
        candidates = await self.admitted(body, session, enrolments)
        await self.open(body, session)
        scores = {"theory": 80, "practice": 80, "review": 80}
        await self.scored(body, session, dict.fromkeys(candidates, scores))
        issued = done(await self.confirm(body.supervisor, session))["certificates"]
        return [done(await self.get(body.account, f"/v1/certificates/{certificate['id']}")) for certificate in issued]

    async def outbox(self) -> list[dict[str, Any]]:
        """Every event on its way, in order, as the envelope's name and data."""
        async with self.database.owner.engine.connect() as connection:
            rows = await connection.execute(text("SELECT envelope::jsonb AS said FROM outbox ORDER BY id"))
            prefix = "cn.skillvoucher.evaluation."
            return [
                {"name": row.said["type"].removeprefix(prefix).removesuffix(".v1"), **row.said["data"]} for row in rows
            ]
