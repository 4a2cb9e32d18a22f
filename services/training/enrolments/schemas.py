"""What the routes of enrolments take and show."""

from datetime import date, datetime
from uuid import UUID

from shared.contracts.fields import Code
from shared.http import Body, View


class WithdrawEnrolmentRequest(Body):
    """Why a person leaves a class."""

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
    """When the voucher was presented; business time, UTC."""
    reason_code: str | None
    """Why it was refused or withdrawn; null unless it was."""
    status: str
    version: int
