"""What the routes of enrolments take and show."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.fields import Code
from shared.http import Body, View


class PresentedRow(Body):
    """A voucher presented in person. `mandate_id` is the worker's signed mandate to pay an organisation (D5)."""

    presence_code: Annotated[str, Field(min_length=1, max_length=2_048)]
    employer: Annotated[str, Field(max_length=40)] | None = None
    school: Annotated[str, Field(max_length=40)] | None = None
    mandate_id: UUID | None = None


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
    skill_code: str
    level: int
    act: str
    starts_on: date
    ends_on: date
    employer: str | None
    school: str | None
    presented_at: datetime
    refusal_code: str | None
    status: str
    version: int
