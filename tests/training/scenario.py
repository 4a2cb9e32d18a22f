"""Institutions, officers, trainers and workers acting over HTTP, and the events of voucher that reach training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
from sqlalchemy import text

from services.training.attendance.domain import code_step, session_code
from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Event
from shared.contracts.voucher import (
    PersonRegisteredV1,
    PersonSeparatedV1,
    PersonSupersededV1,
    VoucherBindRefusedV1,
    VoucherBoundV1,
    VoucherUnboundV1,
)
from shared.kernel.actor import Actor, ActorKind
from shared.kernel.clock import SHANGHAI, business_date
from shared.kernel.credit_code import make_credit_code
from shared.persistence.refusals import constraint_of
from shared.security import PaymentMandate, PresenceCode, SigningKey, sign_presence_code
from tests.api_client import Account, ApiClient, codes, done
from tests.clock import business_now, recorded_now
from tests.databases import ServiceDatabase
from tests.worker_process import receive, run_timers

AREA, ELSEWHERE, CITY = "410402", "410421", "410400"
SKILL: Mapping[str, Any] = {"skill_code": "4-03-02-01", "level": 4}
COMPETENCE: Mapping[str, Any] = {"skill_code": "ZX-4104-001", "level": 0}
EventT = TypeVar("EventT", bound=Event)
DAYS, DAY_MINUTES = 8, 360
"""A class of eight days of eight class hours."""


@dataclass
class Holder:
    """A worker with a voucher."""

    person: UUID
    voucher: UUID

    @property
    def account(self) -> Account:
        """The worker's own account."""
        return Account("worker", self.person)


@dataclass
class Course:
    """An approved class: its account, its sessions in order of time, and its enrolments by holder."""

    id: UUID
    account: Account
    trainer: UUID
    sessions: list[dict[str, Any]]
    holders: list[Holder] = field(default_factory=list)
    enrolments: list[UUID] = field(default_factory=list)

    def time(self, session: int, name: str) -> datetime:
        """`starts_at` or `ends_at` of a session."""
        return datetime.fromisoformat(self.sessions[session][name])

    def stay(self, session: int, minutes: int = DAY_MINUTES) -> dict[str, str]:
        """A stay of so many minutes from a session's begin, as rosters and corrections say it."""
        starts_at = self.time(session, "starts_at")
        ends_at = starts_at + timedelta(minutes=minutes)
        return {"checked_in_at": starts_at.isoformat(), "checked_out_at": ends_at.isoformat()}

    def session_path(self, session: int, act: str = "") -> str:
        """The route of a session, or of an act on it."""
        path = f"/v1/class-sessions/{self.sessions[session]['id']}"
        return f"{path}/{act}" if act else path


def at_voucher() -> dict[str, Any]:
    """When and by whom something changed at voucher, whose events are made here."""
    return {"business_at": business_now(), "actor": Actor(ActorKind.CONSUMER, "training")}


@dataclass
class Scenario:
    """Acts as everybody around the training service."""

    database: ServiceDatabase
    client: ApiClient
    presence_key: SigningKey
    serial: int = 0
    officer: Account = field(default_factory=lambda: Account("officer", areas=(AREA,)))
    second_officer: Account = field(default_factory=lambda: Account("officer", areas=(CITY,)))
    foreign_officer: Account = field(default_factory=lambda: Account("officer", areas=(ELSEWHERE,)))
    auditor: Account = field(default_factory=lambda: Account("auditor", areas=(CITY,)))

    async def get(self, account: Account | None, path: str, **query: Any) -> httpx.Response:
        """GET as `account`, or as nobody."""
        return await self.client.get(account, path, **query)

    async def post(self, account: Account, path: str, body: Any = None) -> httpx.Response:
        """POST as `account`; None sends no body."""
        return await self.client.post(account, path, body)

    async def now(self) -> datetime:
        """Business time."""
        async with self.database.api.unit_of_work() as uow:
            return uow.now

    async def today(self) -> date:
        """The business date."""
        return business_date(await self.now())

    async def receive(self, *events: Event) -> None:
        """Apply events in their order."""
        await receive(self.database, *events)

    async def run_timers(self) -> int:
        """Give each timer a turn; how many rows moved."""
        return sum((await run_timers(self.database)).values())

    async def emitted(self, event: type[EventT]) -> list[EventT]:
        """The events of one class that are on their way, in order."""
        async with self.database.worker.engine.connect() as connection:
            rows = await connection.execute(text("SELECT envelope FROM outbox ORDER BY id"))
            events = [EVENT_TYPES.read(row.envelope.encode()).event for row in rows]
        return [found for found in events if isinstance(found, event)]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What the owner reads."""
        async with self.database.owner.engine.connect() as connection:
            return list(await connection.execute(text(statement), values))

    async def person(self) -> UUID:
        """Somebody whose registration was received."""
        person_id = uuid4()
        await self.receive(
            PersonRegisteredV1(
                id=person_id, version=1, **at_voucher(), subject_digest=uuid4().hex * 2, area=AREA,
                real_name_level=3,
            )
        )  # fmt: skip
        return person_id

    async def supersede(self, person_id: UUID, survivor_id: UUID) -> None:
        """Two records turned out to be one person."""
        await self.receive(PersonSupersededV1(id=person_id, version=2, **at_voucher(), survivor_id=survivor_id))

    async def separate(self, person_id: UUID, survivor_id: UUID) -> None:
        """They turned out to be two after all."""
        await self.receive(PersonSeparatedV1(id=person_id, version=3, **at_voucher(), survivor_id=survivor_id))

    def application(self, **other: Any) -> dict[str, Any]:
        """What an officer enters of an institution."""
        self.serial += 1
        scope = [{**line, "valid_from": "2022-01-01", "valid_to": None} for line in (SKILL, COMPETENCE)]
        said = {
            "credit_code": make_credit_code(AREA, 2_000 + self.serial), "name": "鹰城职业培训", "area": AREA,
            "kind": "private", "scope": scope,
        }  # fmt: skip
        return {**said, **other}

    async def institution(self, **other: Any) -> Account:
        """An institution on the catalogue: its account."""
        said = self.application(**other)
        done(await self.post(self.officer, "/v1/institutions", said), 201)
        done(await self.post(self.second_officer, f"/v1/institutions/{said['credit_code']}/listings"))
        return Account("institution", institution=said["credit_code"])

    def sessions(self, first: date, trainer: UUID, room: str, days: int = DAYS) -> list[dict[str, Any]]:
        """Sessions of eight class hours, one a day from nine o'clock."""
        begins = [datetime.combine(first + timedelta(days=day), time(9), SHANGHAI) for day in range(days)]
        return [
            {
                "starts_at": at.isoformat(),
                "ends_at": (at + timedelta(minutes=DAY_MINUTES)).isoformat(),
                "trainer_id": str(trainer),
                "room": room,
            }
            for at in begins
        ]

    async def draft(self, account: Account, trainer: UUID, *, lead: int = 7, **other: Any) -> dict[str, Any]:
        """What an institution writes down of a class; the first day is `lead` days from today."""
        room = other.get("room", f"教室 {uuid4().hex[:6]}")
        said = {
            **SKILL, "area": AREA, "department": "rsj", "channel": "social", "form": "menu", "act": "first",
            "payee": {"kind": "institution", "id": account.institution}, "seats": 50,
            "trainer_ids": [str(trainer)], "room": room,
            "sessions": self.sessions(await self.today() + timedelta(days=lead), trainer, room),
        }  # fmt: skip
        return {**said, **other}

    async def filed(self, account: Account, trainer: UUID, **other: Any) -> str:
        """A class that was filed."""
        draft = await self.draft(account, trainer, **other)
        class_id = str(done(await self.post(account, "/v1/classes", draft), 201)["id"])
        done(await self.post(account, f"/v1/classes/{class_id}/filings"))
        return class_id

    async def course(self, account: Account | None = None, trainer: UUID | None = None, **other: Any) -> Course:
        """A class that was filed and approved."""
        account, trainer = account or await self.institution(), trainer or await self.person()
        class_id = await self.filed(account, trainer, **other)
        detail = done(await self.post(self.officer, f"/v1/classes/{class_id}/approvals"))
        return Course(UUID(class_id), account, trainer, detail["sessions"])

    def holder(self) -> Holder:
        """A worker with a voucher."""
        return Holder(uuid4(), uuid4())

    async def code(self, holder: Holder, institution: str | None, **other: Any) -> str:
        """A presence code of the holder's app, with their mandate; `age` in seconds makes it old."""
        age = timedelta(seconds=other.pop("age", 0))
        said: dict[str, Any] = {
            "voucher_id": holder.voucher, "person_id": holder.person, **SKILL, "institution": institution,
            "at": recorded_now() - age, "mandate": PaymentMandate(id=uuid4(), payee_id=str(institution)),
        }  # fmt: skip
        return sign_presence_code(PresenceCode.new(**{**said, **other}), self.presence_key)

    async def present(self, course: Course, rows: Sequence[Mapping[str, Any]]) -> httpx.Response:
        """Post codes to a class."""
        return await self.post(course.account, f"/v1/classes/{course.id}/enrolments", {"rows": list(rows)})

    async def enrol(self, course: Course, *holders: Holder) -> list[UUID]:
        """Present vouchers; the enrolments are requested."""
        rows = [{"presence_code": await self.code(holder, course.account.institution)} for holder in holders]
        answer = done(await self.present(course, rows))
        assert answer["refused"] == 0, answer
        ids = [UUID(row["result"]["id"]) for row in answer["results"]]
        course.holders += holders
        course.enrolments += ids
        return ids

    def bound(self, course: Course, holder: Holder, enrolment: UUID) -> VoucherBoundV1:
        """Voucher's answer: it is in use."""
        return VoucherBoundV1(
            id=holder.voucher, version=2, **at_voucher(), person_id=holder.person,
            enrolment_id=enrolment, class_id=course.id, class_area=AREA, channel="social",
            institution=str(course.account.institution), payee_kind="institution",
            payee_id=str(course.account.institution), mandate_id=uuid4(), act="first",
            starts_on=business_date(course.time(0, "starts_at")), ends_on=business_date(course.time(-1, "ends_at")),
        )  # fmt: skip

    def bind_refused(self, course: Course, holder: Holder, enrolment: UUID, code: str) -> VoucherBindRefusedV1:
        """Voucher's answer: it cannot serve."""
        return VoucherBindRefusedV1(
            id=holder.voucher, version=2, **at_voucher(), enrolment_id=enrolment, class_id=course.id,
            code=code,
        )  # fmt: skip

    def unbound(self, course: Course, holder: Holder, enrolment: UUID) -> VoucherUnboundV1:
        """Voucher went back to its holder."""
        return VoucherUnboundV1(
            id=holder.voucher, version=3, **at_voucher(), enrolment_id=enrolment, class_id=course.id,
            reason_code="withdrawn_by_officer",
        )  # fmt: skip

    async def register(self, course: Course, count: int) -> list[UUID]:
        """So many holders are registered in a class."""
        holders = [self.holder() for _ in range(count)]
        ids = await self.enrol(course, *holders)
        await self.receive(
            *(self.bound(course, holder, enrolment) for holder, enrolment in zip(holders, ids, strict=True))
        )
        return ids

    async def roster(
        self, course: Course, session: int, enrolments: Sequence[UUID], *, minutes: int = DAY_MINUTES
    ) -> httpx.Response:
        """The institution's roster of a session; everybody stays `minutes` from its begin."""
        rows = [{"enrolment_id": str(enrolment), **course.stay(session, minutes)} for enrolment in enrolments]
        return await self.post(course.account, course.session_path(session, "rosters"), {"rows": rows})

    async def after(self, course: Course, session: int, minutes: int = 1) -> None:
        """Let business time pass the end of a session by some minutes."""
        await self.database.set_business_time(course.time(session, "ends_at") + timedelta(minutes=minutes))

    async def attend_all(self, course: Course, enrolments: Sequence[UUID], sessions: int = DAYS) -> None:
        """Rosters of the first `sessions` sessions with everybody there, and of the rest with nobody."""
        for session in range(sessions):
            await self.after(course, session)
            assert set(codes(done(await self.roster(course, session, enrolments)))) == {None}
        await self.after(course, -1)

    async def test(self, course: Course, scores: Mapping[UUID, int], held_on: date | None = None) -> httpx.Response:
        """Completion tests, held today unless it is said otherwise."""
        held_on = held_on or await self.today()
        rows = [
            {"enrolment_id": str(enrolment), "score": score, "held_on": held_on.isoformat()}
            for enrolment, score in scores.items()
        ]
        return await self.post(course.account, f"/v1/classes/{course.id}/completion-tests", {"rows": rows})

    async def status_of(self, enrolment: UUID) -> str:
        """Where an enrolment stands."""
        (row,) = await self.rows("SELECT status FROM enrolments WHERE id = :id", id=enrolment)
        return str(row.status)

    async def session(self, course: Course, session: int) -> dict[str, Any]:
        """A session as its institution sees it."""
        document: dict[str, Any] = done(await self.get(course.account, course.session_path(session)))
        return document

    async def session_code(self, course: Course, *, steps: int = 0) -> str:
        """The code of the first session in the present step, or `steps` before: as only the database's key makes it."""
        wanted = "SELECT code_key, clock_timestamp() AS at FROM class_sessions WHERE id = :id"
        (row,) = await self.rows(wanted, id=UUID(course.sessions[0]["id"]))
        return session_code(row.code_key, code_step(row.at) - steps)

    async def seats_taken(self, course: Course) -> int:
        """Seats taken in a class, which is how many enrolments hold one."""
        (seats,) = await self.rows("SELECT taken FROM class_seats WHERE class_id = :id", id=course.id)
        (seated,) = await self.rows(
            "SELECT count(*) AS count FROM enrolments WHERE class_id = :id AND status NOT IN ('refused', 'withdrawn')",
            id=course.id,
        )
        assert seats.taken == seated.count
        return int(seats.taken)

    async def attack(self, statement: str, *values: Any, role: str = "owner") -> str:
        """Run a statement as a role; answers the constraint, or the error's class, that stopped it."""
        database = getattr(self.database, role)
        connection = await asyncpg.connect(database.url.replace("postgresql+asyncpg", "postgresql"))
        try:
            await connection.execute(statement, *values)
        except asyncpg.PostgresError as error:
            return constraint_of(error) or type(error).__name__
        finally:
            await connection.close()
        return "nothing"
