"""What is said about payouts, and how they are shown."""

from datetime import datetime
from uuid import UUID

from services.payout.payouts.domain import HoldSource, PayoutFacts, PayoutState
from shared.contracts.fields import Code
from shared.http import Body, View


class PayoutView(View):
    """What is owed for one certificate, and where it stands."""

    id: UUID
    status: PayoutState
    version: int
    held: bool
    voucher_id: UUID
    person_id: UUID
    certificate_id: UUID
    skill_code: str
    level: int
    benefit: str
    programme: str
    fund_source: str
    fund_id: UUID | None
    """The fund that reserved the money; null before."""
    area: str
    institution: str
    payee_kind: str
    payee_id: str
    amount_fen: int
    """What is paid, in fen: the rate in force on the day of assessment; 0 where no rate applies."""
    offset_fen: int
    """What of it was set off against a debt of the payee instead of being paid, in fen."""
    needs_second_approval: bool
    opened_at: datetime
    """When it was opened."""
    notice_id: UUID | None
    """The public notice that shows it; null before."""
    published_at: datetime | None
    notice_ends_at: datetime | None
    calendar_provisional: bool
    final: bool
    """Whether two officers decided that nothing will be paid (不予兑现)."""
    code: str | None
    """Why it was rejected or withdrawn, or why the bank refused last time; null otherwise."""

    @classmethod
    def of(cls, payout: PayoutFacts) -> "PayoutView":
        """The payout as everybody in whose scope it is may see it."""
        derived = {"held": payout.open_holds > 0, "opened_at": payout.created_at}
        derived["needs_second_approval"] = payout.needs_second_approval()
        own = {name: getattr(payout, name) for name in cls.model_fields if name not in derived}
        return cls(**own, **derived)


class HoldView(View):
    """A hold on a payout."""

    id: UUID
    source: HoldSource
    """What placed it; what did not come from officers is lifted where it came from."""
    reason_code: str
    placed_at: datetime
    lifted_at: datetime | None


class DecisionView(View):
    """Who took a step."""

    version: int
    """The payout's version after it."""
    action: str
    person_id: UUID
    """Who decided, by person."""
    decided_at: datetime


class PayoutDetailView(PayoutView):
    """A payout with what stops it and who has answered for it so far."""

    holds: list[HoldView]
    decisions: list[DecisionView]
    """Who took which step, oldest first; empty outside the administration."""


class PlaceHoldRequest(Body):
    """Why a payout is to be held."""

    reason_code: Code
