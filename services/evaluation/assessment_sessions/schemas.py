"""What is said about assessment sessions over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.assessment_sessions.domain import AssessmentSessionState, Panel
from services.evaluation.assessment_sessions.service import Plan
from services.evaluation.bodies.domain import BodyKind
from shared.contracts.fields import Act, Code, Level, ShortText
from shared.http import Body, View


class PanelRequest(Body):
    """Who assesses and who supervises."""

    assessor_ids: Annotated[list[UUID], Field(min_length=2, max_length=2)]
    supervisor_id: UUID

    def panel(self) -> Panel:
        """What the commands take."""
        first, second = self.assessor_ids
        return Panel((first, second), self.supervisor_id)


class ScheduleAssessmentSessionRequest(PanelRequest):
    """An assessment to schedule."""

    skill_code: Annotated[str, Field(min_length=1, max_length=40)]
    level: Level
    act: Act = "first"
    held_on: date
    place: ShortText
    site_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    """The assessment site: six digits, which stand in its certificates' numbers."""

    def plan(self) -> Plan:
        """What the command takes."""
        return Plan(self.skill_code, self.level, self.act, self.held_on, self.place, self.site_code, self.panel())


class ReplaceAssessmentPanelRequest(PanelRequest):
    """The whole panel as it is to be, and why."""

    reason_code: Code


class AssessmentSessionView(View):
    """An assessment session."""

    id: UUID
    status: AssessmentSessionState
    version: int
    body: str
    body_kind: BodyKind
    area: str
    skill_code: str
    level: int
    act: Act
    held_on: date
    place: str
    site_code: str
    assessor_ids: tuple[UUID, UUID]
    supervisor_id: UUID
    opened_at: datetime | None
    confirmed_at: datetime | None
    candidates: int | None
    """How many results were confirmed; null until they are."""
    passed: int | None
    """How many of them passed; null until they are confirmed."""
    flags: list[str] | None
    """Signs of waving through, by code, for the officers who supervise; they decide nothing. Null until confirmed."""
    reason_code: str | None
    """Why it was cancelled; null unless it was."""


class CancelAssessmentSessionRequest(Body):
    """Why the assessment is not held."""

    reason_code: Code
