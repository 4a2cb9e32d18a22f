"""What the catalogue's routes take and show."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from services.training.institutions.domain import ScopeLine
from services.training.institutions.service import Application
from shared.contracts.fields import Code, Level
from shared.http import Body, KnownArea, OrganisationCode, RegisteredName, View

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
MAX_SCOPE_LINES = 2_000


class ApplicationLine(Body):
    """A skill and level with the days on which the institution is to be listed for it."""

    skill_code: ShortText
    level: Level
    valid_from: date
    """The first day."""
    valid_to: date | None = None
    """The last day; null for an open end."""


class ApplyInstitutionRequest(Body):
    """An institution's application."""

    credit_code: OrganisationCode
    name: RegisteredName
    """The institution's name, as it is registered."""
    area: KnownArea
    """Where it is listed and may hold classes; 410400 lists it for every area."""
    kind: Code
    """The bureau's own word for the kind of institution."""
    scope: Annotated[list[ApplicationLine], Field(min_length=1, max_length=MAX_SCOPE_LINES)]

    def application(self) -> Application:
        """The same for the command."""
        lines = (ScopeLine(line.skill_code, line.level, line.valid_from, line.valid_to) for line in self.scope)
        return Application(self.credit_code, self.name, self.area, self.kind, tuple(lines))


class ScopeLineView(View):
    """A skill and level with the days on which an institution is listed for it."""

    skill_code: str
    level: int
    valid_from: date
    """The first day."""
    valid_to: date | None
    """The last day; null for an open end."""


class InstitutionView(View):
    """An institution of the public catalogue."""

    id: str
    name: str
    """The institution's name, as it is registered."""
    area: str
    kind: str
    """The bureau's own word for the kind of institution."""
    status: str
    reason_code: str | None
    """Why it was warned, suspended, reinstated or removed the last time; null if it never was."""
    version: int
    scope: list[ScopeLineView]
