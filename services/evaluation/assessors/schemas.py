"""What is said about assessors over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.assessors.domain import AssessorState
from shared.contracts.fields import Code, Level
from shared.http import Body, View


class AssessorSkillRequest(Body):
    """A skill and level that the person may assess."""

    skill_code: Annotated[str, Field(min_length=1, max_length=40)]
    level: Level


class RegisterAssessorRequest(Body):
    """A registered person, and the skills and levels that they may assess."""

    person_id: UUID
    skills: Annotated[list[AssessorSkillRequest], Field(min_length=1, max_length=500)]


class StrikeOffAssessorRequest(Body):
    """Why an assessor is struck off."""

    reason_code: Code


class AssessorSkillView(View):
    """A skill and level that the assessor may assess, and the body that vouches for it."""

    skill_code: str
    level: int
    body: str


class AssessorView(View):
    """An assessor. One person is one assessor, whichever bodies name them."""

    id: UUID
    """The person's id."""
    person_id: UUID
    status: AssessorState
    version: int
    body: str
    """The body that named the person first: its unified social credit code."""
    reason_code: str | None
    """Why the person was struck off; null while they are not."""
    skills: list[AssessorSkillView]
