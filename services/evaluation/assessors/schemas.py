"""What is said about assessors over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.assessors.domain import AssessorState
from shared.contracts.fields import Code, Level
from shared.http import Body, View


class AssessorSkillRequest(Body):
    """A skill and level."""

    skill_code: Annotated[str, Field(min_length=1, max_length=40)]
    level: Level


class AssessorRequest(Body):
    """A registered person, and the skills and levels that they may assess."""

    person_id: UUID
    skills: Annotated[list[AssessorSkillRequest], Field(min_length=1, max_length=500)]


class StrikeOffRequest(Body):
    """Why, as a code of the bureau's list."""

    reason_code: Code


class AssessorSkillView(View):
    """A skill and level, and the body that vouches for it."""

    skill_code: str
    level: int
    body: str


class AssessorView(View):
    """An assessor; `id` is the person's id."""

    id: UUID
    person_id: UUID
    status: AssessorState
    version: int
    body: str
    reason_code: str | None
    skills: list[AssessorSkillView]
