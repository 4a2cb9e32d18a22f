"""What the routes of enrolments take and show."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.fields import Code
from shared.http import Body, View


class PresentedRow(Body):
    """A voucher presented in person. Whom its holder mandates to be paid (D5) is in the code that he signed for."""

    presence_code: Annotated[str, Field(min_length=1, max_length=2_048)]
    employer: Annotated[str, Field(max_length=40)] | None = None
    school: Annotated[str, Field(max_length=40)] | None = None


class ReasonBody(Body):
    """Why an enrolment ends."""

    reason_code: Code


class EnrolmentView(View):
    """A person's place in a class; nothing personal."""

    id: UUID
    class_id: UUID
    voucher_id: UUID
    person_id: UUID
    institution: str
    class_area: str
    channel: str
    payee_kind: str
    mandate_id: UUID | None
    skill_code: str
    level: int
    act: str
    starts_on: date
    ends_on: date
    employer: str | None
    school: str | None
    presented_at: datetime
    reason_code: str | None
    status: str
    version: int
