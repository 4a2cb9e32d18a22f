"""What the routes of classes take and show."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.training.class_sessions.domain import Interval
from services.training.filings.domain import FORMS_ZH, ClassPlan, PlannedSession, TrainingForm, canonical_room
from shared.contracts.fields import Act, AreaCode, Channel, Code, Level, OwnerKind
from shared.http import Body, View
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.ids import uuid7
from shared.reference.areas import area
from shared.reference.departments import department
from shared.reference.skills import check_skill_level

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
MAX_SESSIONS = 400
MAX_SEATS = 1_000
MAX_TRAINERS = 50

Form = TrainingForm | Annotated[str, StringConstraints(pattern=f"^({'|'.join(FORMS_ZH)})$".replace("+", r"\+"))]
"""A form of training (A18) by its code or by the policy's word."""


class PayeeBody(Body):
    """Who is to be paid: an organisation by credit code, if the worker mandates it, or the worker himself (D5)."""

    kind: OwnerKind
    id: ShortText | None = None


class SessionBody(Body):
    """A class session as it is to be held."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    trainer_id: UUID
    room: ShortText | None = None
    """The class's room if left out."""


class ClassBody(Body):
    """A class as its institution writes it down. Hours are computed from the sessions."""

    skill_code: ShortText
    level: Level
    area: AreaCode
    department: Code
    channel: Channel
    form: Form
    act: Act = "first"
    payee: PayeeBody
    seats: Annotated[int, Field(ge=1, le=MAX_SEATS)]
    trainer_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_TRAINERS)]
    room: ShortText
    sessions: Annotated[list[SessionBody], Field(min_length=1, max_length=MAX_SESSIONS)]

    def plan(self, institution: str) -> ClassPlan:
        """Under canonical codes; `SkillUnknown`, `SkillLevelInvalid`, `AreaUnknown`, `DepartmentUnknown`, …"""
        sessions = [
            PlannedSession(uuid7(), _window(one.starts_at, one.ends_at), one.trainer_id, self._room(one.room))
            for one in self.sessions
        ]
        return ClassPlan(
            institution=institution,
            skill_code=check_skill_level(self.skill_code, self.level).code,
            level=self.level,
            area=area(self.area).code,
            department=department(self.department).code,
            channel=self.channel,
            form=str(FORMS_ZH.get(self.form, self.form)),
            act=self.act,
            payee_kind=self.payee.kind,
            payee_id=self._payee_id(),
            seats=self.seats,
            room=self._room(None),
            trainer_ids=tuple(dict.fromkeys(self.trainer_ids)),
            sessions=tuple(sorted(sessions, key=lambda one: one.window.begins_at)),
        )

    def _payee_id(self) -> str | None:
        if self.payee.kind == "worker" or self.payee.id is None:
            return self.payee.id
        return canonical_credit_code(self.payee.id)

    def _room(self, room: str | None) -> str:
        return canonical_room(room or self.room)


class ChangeBody(Body):
    """Where and when a planned session is to be held instead."""

    session_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    trainer_id: UUID
    room: ShortText

    def planned(self) -> PlannedSession:
        """The session as it would be filed."""
        return PlannedSession(
            self.session_id, _window(self.starts_at, self.ends_at), self.trainer_id, canonical_room(self.room)
        )


class AmendmentBody(Body):
    """Sessions of an approved class to be moved."""

    changes: Annotated[list[ChangeBody], Field(min_length=1, max_length=MAX_SESSIONS)]


class AmendmentApprovalBody(Body):
    """Which edition of the content an officer approves."""

    edition: Annotated[int, Field(ge=2)]


class ReturnBody(Body):
    """What is to be corrected, in words for the institution."""

    reason: Reason


class ReasonBody(Body):
    """Why a class is cancelled or stopped."""

    reason_code: Code = "not_stated"


class SessionView(View):
    """A class session; `status` is `drafted` until the class is approved."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    trainer_id: UUID
    room: str
    status: str
    attendance_count: int | None
    attendance_digest: str | None


class ClassView(View):
    """A class."""

    id: UUID
    institution: str
    area: str
    department: str
    channel: str
    form: str
    act: str
    skill_code: str
    level: int
    payee_kind: str
    payee_id: str | None
    seats: int
    trainer_ids: list[UUID]
    starts_at: datetime
    ends_at: datetime
    starts_on: date
    ends_on: date
    class_hours: int
    edition: int
    content_digest: str
    filed_at: datetime | None
    approved_at: datetime | None
    status: str
    version: int


class ClassDetail(ClassView):
    """A class with its sessions, in order of time."""

    sessions: list[SessionView]


class AmendmentView(View):
    """An amendment that waits for approval."""

    class_id: UUID
    edition: int


def planned_views(sessions: Iterable[PlannedSession]) -> list[SessionView]:
    """Sessions of a class that is not approved."""
    return [
        SessionView(
            id=one.id,
            starts_at=one.window.begins_at,
            ends_at=one.window.ends_at,
            trainer_id=one.trainer_id,
            room=one.room,
            status="drafted",
            attendance_count=None,
            attendance_digest=None,
        )
        for one in sessions
    ]


def _window(starts_at: datetime, ends_at: datetime) -> Interval:
    return Interval(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
