"""What vouchers' routes take and show."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from services.voucher.vouchers.models import Voucher, VoucherHold
from shared.contracts.fields import Code
from shared.http import Body, View


class VoucherView(View):
    """A voucher. It says nothing of groups and names nobody."""

    id: UUID
    number: str
    """The number that people read out; it proves nothing."""
    status: str
    version: int
    held: bool
    person_id: UUID
    """The holder, who never changes."""
    batch_id: UUID
    programme: str
    fund_source: str
    rules_version: str
    area: str
    skill_code: str | None
    """The skill that the holder chose; null while it is only offered."""
    level: int | None
    """The level that the holder chose, 5 to 1, 0 for a kind without levels; null while it is only offered."""
    occasion: str | None
    """What it is for: first, or review:<the day on which a permit's review is due>; null while it is only offered."""
    valid_until: AwareDatetime
    """While offered, until when it may be claimed; then until when it may be presented (D3)."""
    claimed_at: AwareDatetime | None
    enrolment_id: UUID | None
    """The enrolment that it serves; null while it serves none."""
    class_id: UUID | None
    """The class of that enrolment; null while there is none."""
    institution: str | None
    """The institution that teaches, by its credit code; null while it serves no enrolment."""
    payee_id: str | None
    """Who is to be paid: the holder's id or an organisation's credit code; null while it serves no enrolment."""
    mandate_id: UUID | None
    """The holder's mandate for the organisation that is paid (委托代领); null if there is none."""
    starts_on: date | None
    """First day of the class; null while it serves no enrolment."""
    ends_on: date | None
    """Last day of the class; null while it serves no enrolment."""
    payout_id: UUID | None
    """The payout that it settles with, or was redeemed by; null while there is none."""
    cancel_reason_code: str | None
    """Why its cancellation is proposed, or was approved; null while nobody proposed it."""

    @classmethod
    def of(cls, voucher: Voucher) -> "VoucherView":
        """The view of a row."""
        return cls.model_validate(voucher)


class PlaceHoldRequest(Body):
    """Why the voucher is held."""

    reason_code: Code


class HoldView(View):
    """A hold, open until `lifted_at`."""

    id: UUID
    voucher_id: UUID
    reason_code: str
    placed_at: AwareDatetime
    lifted_at: AwareDatetime | None

    @classmethod
    def of(cls, hold: VoucherHold) -> "HoldView":
        """The view of a row."""
        return cls.model_validate(hold)


class HoldListView(View):
    """All holds that a voucher has had, in the order of their placing."""

    data: list[HoldView]
    """The holds, open and lifted ones."""


class ProposeCancellationRequest(Body):
    """Why the voucher is to be cancelled."""

    reason_code: Code


class CancellationView(View):
    """Where the voucher stands: unchanged while the cancellation is only proposed."""

    id: UUID
    status: str
    version: int
    cancel_reason_code: str
    """Why its cancellation is proposed, or was approved."""
