"""What is said about payouts, and how they are shown."""

from datetime import datetime
from uuid import UUID

from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.contracts.fields import Code
from shared.http import Body, View


class PayoutView(View):
    """A payout; amounts in fen. `held` says that an open hold stops it."""

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
    area: str
    institution: str
    payee_kind: str
    payee_id: str
    amount_fen: int
    needs_second_approval: bool
    opened_at: datetime
    published_at: datetime | None
    notice_ends_at: datetime | None
    code: str | None

    @classmethod
    def of(cls, payout: PayoutFacts) -> "PayoutView":
        """The payout as everybody in whose scope it is may see it."""
        derived = {"held": payout.open_holds > 0, "opened_at": payout.created_at}
        derived["needs_second_approval"] = payout.needs_second_approval()
        own = {name: getattr(payout, name) for name in cls.model_fields if name not in derived}
        return cls(**own, **derived)


class HoldView(View):
    """A hold that nobody has lifted."""

    id: UUID
    source: str
    reason_code: str
    placed_at: datetime


class DecisionView(View):
    """Who took a step: a person's id, never a name."""

    version: int
    action: str
    person_id: UUID
    decided_at: datetime


class PayoutDetailView(PayoutView):
    """A payout with what stops it and who has answered for it so far; decisions are shown inside the administration."""

    holds: list[HoldView]
    decisions: list[DecisionView]


class HoldRequest(Body):
    """Why a payout is held, as a code of the list of reasons."""

    reason_code: Code
