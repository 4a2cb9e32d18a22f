"""What vouchers' routes take and show."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints, model_validator

from services.voucher.vouchers.models import Voucher
from shared.contracts.fields import Level, SkillCode
from shared.http import Body, View

OrganisationCode = Annotated[str, StringConstraints(min_length=18, max_length=36)]
"""A credit code as people type it."""


class ClaimBody(Body):
    """Which batch, and which skill and level of it."""

    batch_id: UUID
    skill_code: SkillCode
    level: Level


class PresentBody(Body):
    """Where the holder stands: the credit code of the training institution.

    With `mandate` he has the training paid to it in his place (委托代领, D5), or to `payee`: the enterprise that has
    its own staff trained there.
    """

    institution: OrganisationCode
    mandate: bool = False
    payee: OrganisationCode | None = None

    @model_validator(mode="after")
    def _payee_under_mandate(self) -> "PresentBody":
        if self.payee is not None and not self.mandate:
            raise ValueError("a payee is named under a mandate only")
        return self

    @property
    def mandated(self) -> str | None:
        """Who is to be paid in the holder's place, if anybody."""
        return (self.payee or self.institution) if self.mandate else None


class PresenceCodeView(View):
    """A code to show within 60 seconds, once."""

    code: str
    expires_at: AwareDatetime
    mandate_id: UUID | None


class VoucherView(View):
    """A voucher. It says nothing of groups and names nobody."""

    id: UUID
    number: str
    status: str
    version: int
    held: bool
    person_id: UUID
    batch_id: UUID
    programme: str
    fund_source: str
    rules_version: str
    area: str
    skill_code: str | None
    level: int | None
    valid_until: AwareDatetime
    claimed_at: AwareDatetime | None
    enrolment_id: UUID | None
    class_id: UUID | None
    institution: str | None
    payee_id: str | None
    mandate_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    payout_id: UUID | None
    cancel_reason_code: str | None

    @classmethod
    def of(cls, voucher: Voucher) -> "VoucherView":
        """The view of a row."""
        return cls.model_validate(voucher)
