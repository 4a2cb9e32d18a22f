"""What the routes of classes take and show."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.training.class_sessions.domain import Interval, PlannedSession, canonical_room
from services.training.class_sessions.queries import SessionRow
from services.training.classes.domain import Amendment, ClassPlan
from services.training.classes.queries import ClassRow
from shared.contracts.fields import Act, Channel, Code, Level, OwnerKind
from shared.http import Body, OrganisationCode, ReportingArea, View
from shared.kernel.ids import uuid7
from shared.reference.departments import department
from shared.reference.skills import check_skill_level

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
MAX_SESSIONS = 400
MAX_SEATS = 1_000
MAX_TRAINERS = 50
MAX_EDITION = 10_000


class TrainingForm(StrEnum):
    """The forms of training that the policy names (A18)."""

    ORDERED = "ordered"
    POST_SPECIFIC = "post_specific"
    PRE_JOB = "pre_job"
    ON_JOB = "on_job"
    MENU = "menu"
    PROJECT = "project"
    ENTREPRENEURSHIP = "entrepreneurship"
    INTERNET_PLUS = "internet_plus"
    APPRENTICESHIP = "apprenticeship"
    TECHNICIAN = "technician"


FORMS_ZH = dict(
    zip(
        ("订单式", "定岗式", "岗前", "在岗", "菜单式", "项目制", "创业培训", "互联网+", "企业新型学徒制", "技师培训"),
        TrainingForm,
        strict=True,
    )
)
"""The policy's own words for the forms."""

Form = TrainingForm | Annotated[str, StringConstraints(pattern=f"^({'|'.join(FORMS_ZH)})$".replace("+", r"\+"))]
"""A form of training (A18) by its code or by the policy's word."""


class ClassPayee(Body):
    """Who is to be paid: an organisation by credit code, if the worker mandates it, or the worker (D5)."""

    kind: OwnerKind
    """What the payee is: institution, enterprise or worker."""
    id: OrganisationCode | None = None
    """The organisation's credit code; null for the worker."""


class SessionToPlan(Body):
    """A class session as it is to be held."""

    starts_at: AwareDatetime
    """When it begins; business time."""
    ends_at: AwareDatetime
    """When it ends, on the same business day."""
    trainer_id: UUID
    room: ShortText | None = None
    """The room, in words; the class's room if it is left out."""


class DraftClassRequest(Body):
    """A class as its institution writes it down. Hours are computed from the sessions."""

    skill_code: ShortText
    level: Level
    area: ReportingArea
    department: Code
    channel: Channel
    form: Form
    """The form of training (A18): its code, or the policy's word for it."""
    act: Act = "first"
    payee: ClassPayee
    seats: Annotated[int, Field(ge=1, le=MAX_SEATS)]
    trainer_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_TRAINERS)]
    room: ShortText
    sessions: Annotated[list[SessionToPlan], Field(min_length=1, max_length=MAX_SESSIONS)]

    def plan(self, institution: str) -> ClassPlan:
        """Under canonical codes; `SkillUnknown`, `SkillLevelInvalid`, `DepartmentUnknown`, …"""
        sessions = [
            PlannedSession(
                uuid7(), _window(session.starts_at, session.ends_at), session.trainer_id, self._room(session.room)
            )
            for session in self.sessions
        ]
        return ClassPlan(
            institution=institution,
            skill_code=check_skill_level(self.skill_code, self.level).code,
            level=self.level,
            area=self.area,
            department=department(self.department).code,
            channel=self.channel,
            form=str(FORMS_ZH.get(self.form, self.form)),
            act=self.act,
            payee_kind=self.payee.kind,
            payee_id=self.payee.id,
            seats=self.seats,
            room=self._room(None),
            trainer_ids=tuple(dict.fromkeys(self.trainer_ids)),
            sessions=tuple(sorted(sessions, key=lambda session: session.window.begins_at)),
        )

    def _room(self, room: str | None) -> str:
        return canonical_room(room or self.room)


class SessionChange(Body):
    """Where and when a planned session is to be held instead."""

    class_session_id: UUID
    starts_at: AwareDatetime
    """When it is to begin; business time."""
    ends_at: AwareDatetime
    """When it is to end, on the same business day."""
    trainer_id: UUID
    room: ShortText

    def planned(self) -> PlannedSession:
        """The session as it would be filed."""
        window = _window(self.starts_at, self.ends_at)
        return PlannedSession(self.class_session_id, window, self.trainer_id, canonical_room(self.room))


class AmendClassRequest(Body):
    """Sessions of an approved class to be moved."""

    changes: Annotated[list[SessionChange], Field(min_length=1, max_length=MAX_SESSIONS)]


class ReturnClassRequest(Body):
    """What is to be corrected."""

    reason: Reason
    """What is to be corrected, in words for the institution."""


class EndClassRequest(Body):
    """Why a class is cancelled or stopped."""

    reason_code: Code = "not_stated"


class ClassSessionView(View):
    """A class session."""

    id: UUID
    class_id: UUID
    starts_at: datetime
    """When it begins; business time, UTC."""
    ends_at: datetime
    """When it ends; business time, UTC."""
    trainer_id: UUID
    room: str
    status: str
    """planned, open, closed or dropped; drafted until the class is approved."""
    version: int
    """How often it changed; 0 until the class is approved."""
    attendance_count: int | None
    attendance_digest: str | None

    @classmethod
    def of(cls, class_id: UUID, session: SessionRow | PlannedSession) -> "ClassSessionView":
        """A session of the calendar, or one of the plan of a class that is not approved."""
        if not isinstance(session, PlannedSession):
            return cls.model_validate(session)
        return cls(
            id=session.id,
            class_id=class_id,
            starts_at=session.window.begins_at,
            ends_at=session.window.ends_at,
            trainer_id=session.trainer_id,
            room=session.room,
            status="drafted",
            version=0,
            attendance_count=None,
            attendance_digest=None,
        )


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
    """The organisation that is paid; null where the worker is."""
    seats: int
    trainer_ids: list[UUID]
    starts_at: datetime
    """When its first session begins; business time, UTC."""
    ends_at: datetime
    """When its last session ends; business time, UTC."""
    starts_on: date
    ends_on: date
    class_hours: int
    edition: int
    """The edition of its content that is in force, from 1."""
    content_digest: str
    filed_at: datetime | None
    """When it was filed; null before."""
    approved_at: datetime | None
    """When it was approved; null before."""
    reason_code: str | None
    """Why it was cancelled or stopped; null unless it was."""
    status: str
    version: int


class ClassDetailView(ClassView):
    """A class with its sessions, in order of time."""

    sessions: list[ClassSessionView]
    to_correct: str | None
    """What the officer asked to be corrected, while that is to be done; otherwise null."""

    @classmethod
    def of(
        cls, row: ClassRow, sessions: Iterable[SessionRow | PlannedSession], to_correct: str | None
    ) -> "ClassDetailView":
        """A class with what belongs to it."""
        shown = [ClassSessionView.of(row.id, session) for session in sessions]
        return cls(**ClassView.model_validate(row).model_dump(), sessions=shown, to_correct=to_correct)


class ChangedSessionView(View):
    """Where and when a planned session would be held instead."""

    class_session_id: UUID
    starts_at: datetime
    """When it would begin; business time, UTC."""
    ends_at: datetime
    """When it would end; business time, UTC."""
    trainer_id: UUID
    room: str


class AmendmentView(View):
    """An amendment that waits for approval."""

    class_id: UUID
    edition: int
    """The edition of the class's content that it would put in force."""
    content_digest: str
    changes: list[ChangedSessionView]

    @classmethod
    def of(cls, class_id: UUID, amendment: Amendment) -> "AmendmentView":
        """What of the class would become different."""
        changes = [
            ChangedSessionView(
                class_session_id=session.id,
                starts_at=session.window.begins_at,
                ends_at=session.window.ends_at,
                trainer_id=session.trainer_id,
                room=session.room,
            )
            for session in amendment.changes
        ]
        digest = amendment.plan.digest()
        return cls(class_id=class_id, edition=amendment.edition, content_digest=digest, changes=changes)


def _window(starts_at: datetime, ends_at: datetime) -> Interval:
    return Interval(starts_at.astimezone(UTC), ends_at.astimezone(UTC))
