"""What is said about bodies over HTTP."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from services.evaluation.bodies.domain import BodyKind, BodyState, ScopeLine
from services.evaluation.bodies.service import Listing
from shared.contracts.fields import AreaCode, Code, Level
from shared.http import Body, View

Name = Annotated[str, Field(min_length=1, max_length=120)]
CreditCodeText = Annotated[str, Field(min_length=18, max_length=40)]
SkillText = Annotated[str, Field(min_length=1, max_length=40)]


class ScopeLineRequest(Body):
    """A line of the catalogue; `edition` is that of the provincial list it was taken from."""

    skill_code: SkillText
    level: Level
    valid_from: date
    valid_to: date | None = None
    edition: Annotated[str, Field(min_length=1, max_length=40)] = "unstated"

    @model_validator(mode="after")
    def _days_in_order(self) -> "ScopeLineRequest":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to comes before valid_from")
        return self

    def line(self) -> ScopeLine:
        """The command's item."""
        return ScopeLine(self.skill_code, self.level, self.valid_from, self.valid_to, self.edition)


class BodyRequest(Body):
    """An organisation to list."""

    credit_code: CreditCodeText
    name: Name
    area: AreaCode
    kind: BodyKind
    province_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}$")]
    scope: Annotated[list[ScopeLineRequest], Field(min_length=1, max_length=500)]

    def listing(self) -> Listing:
        """The command's item."""
        scope = [line.line() for line in self.scope]
        return Listing(self.credit_code, self.name, self.area, self.kind, self.province_code, scope)


class ScopeAmendmentRequest(Body):
    """Lines to add; a line that starts on the same day as a listed one sets its last day."""

    scope: Annotated[list[ScopeLineRequest], Field(min_length=1, max_length=500)]


class ReasonRequest(Body):
    """Why, as a code of the bureau's list."""

    reason_code: Code


class ScopeLineView(View):
    """A line of the catalogue."""

    skill_code: str
    level: int
    valid_from: date
    valid_to: date | None
    edition: str


class BodyView(View):
    """An entry of the catalogue; `id` is the unified social credit code."""

    id: str
    status: BodyState
    version: int
    name: str
    area: str
    kind: BodyKind
    province_code: str
    reason_code: str | None
    scope: list[ScopeLineView]
