"""What the catalogue's routes take and show."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from services.training.institutions.domain import ScopeLine
from services.training.institutions.service import Application
from shared.contracts.fields import AreaCode, Code, Level
from shared.http import Body, View
from shared.kernel.credit_code import canonical_credit_code
from shared.reference.areas import area

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
MAX_SCOPE_LINES = 2_000


class ScopeLineBody(Body):
    """A skill and level with the days on which the institution is to be listed for it; no end is open."""

    skill_code: ShortText
    level: Level
    valid_from: date
    valid_to: date | None = None


class ApplicationBody(Body):
    """An institution's application; `kind` is the bureau's own word for it, snake_case."""

    credit_code: ShortText
    name: Text
    area: AreaCode
    kind: Code
    scope: Annotated[list[ScopeLineBody], Field(min_length=1, max_length=MAX_SCOPE_LINES)]

    def application(self) -> Application:
        """Under canonical codes; `CreditCodeInvalid`, `AreaUnknown`."""
        lines = (ScopeLine(one.skill_code, one.level, one.valid_from, one.valid_to) for one in self.scope)
        code = canonical_credit_code(self.credit_code)
        return Application(code, self.name, area(self.area).code, self.kind, tuple(lines))


class ReasonBody(Body):
    """Why an officer acts."""

    reason_code: Code


class ScopeLineView(View):
    """A skill and level with the days on which an institution is listed for it."""

    skill_code: str
    level: int
    valid_from: date
    valid_to: date | None


class InstitutionView(View):
    """An institution of the public catalogue."""

    id: str
    name: str
    area: str
    kind: str
    status: str
    version: int
    scope: list[ScopeLineView]
