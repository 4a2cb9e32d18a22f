"""What is said about bodies over HTTP."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from services.evaluation.bodies.domain import BodyKind, BodyState, ScopeLine
from services.evaluation.bodies.service import Listing
from shared.contracts.fields import Code, Level
from shared.http import Body, KnownArea, OrganisationCode, RegisteredName, View

SkillText = Annotated[str, Field(min_length=1, max_length=40)]


class ScopeLineRequest(Body):
    """A line of the catalogue: a skill and level with the days on which it is listed."""

    skill_code: SkillText
    level: Level
    valid_from: date
    valid_to: date | None = None
    edition: Annotated[str, Field(min_length=1, max_length=40)] = "unstated"
    """The edition of the province's list (省职业技能评价目录清单) from which the line was taken."""

    @model_validator(mode="after")
    def _days_in_order(self) -> "ScopeLineRequest":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to comes before valid_from")
        return self

    def line(self) -> ScopeLine:
        """What the command takes."""
        return ScopeLine(self.skill_code, self.level, self.valid_from, self.valid_to, self.edition)


Scope = Annotated[list[ScopeLineRequest], Field(min_length=1, max_length=500)]


class AddBodyRequest(Body):
    """An organisation to put into the catalogue."""

    credit_code: OrganisationCode
    name: RegisteredName
    """The organisation's name."""
    area: KnownArea
    kind: BodyKind
    """Whom it may assess: employer its own employees, school its own students, social and government the public."""
    province_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}$")]
    scope: Scope

    def listing(self) -> Listing:
        """What the command takes."""
        scope = [line.line() for line in self.scope]
        return Listing(self.credit_code, self.name, self.area, self.kind, self.province_code, scope)


class AmendBodyScopeRequest(Body):
    """Lines to add to a body's scope, or to end."""

    scope: Scope


class BodyReasonRequest(Body):
    """Why something is done to a body."""

    reason_code: Code


class ScopeLineView(View):
    """A line of the catalogue: a skill and level with the days on which it is listed."""

    skill_code: str
    level: int
    valid_from: date
    valid_to: date | None
    edition: str
    """The edition of the province's list (省职业技能评价目录清单) from which the line was taken."""


class BodyEntryView(View):
    """An assessing body's entry in the catalogue."""

    id: str
    """The body's unified social credit code."""
    status: BodyState
    version: int
    name: str
    """The organisation's name."""
    area: str
    kind: BodyKind
    """Whom it may assess: employer its own employees, school its own students, social and government the public."""
    province_code: str
    reason_code: str | None
    """Why it is suspended or removed; null while it is listed."""
    scope: list[ScopeLineView]
