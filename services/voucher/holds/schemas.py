"""What the routes of holds take and show."""

from uuid import UUID

from pydantic import AwareDatetime

from services.voucher.holds.models import VoucherHold
from shared.contracts.fields import Code
from shared.http import Body, View


class HoldBody(Body):
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
