"""What officers and finance say of cases, and the debtor's statement."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.payout.clawbacks.domain import ClawbackState, Measure, MovementKind
from shared.contracts.fields import Code
from shared.http import Body, View


class ProposeClawbackRequest(Body):
    """A paid payout that rests on fraud."""

    payout_id: UUID
    reason_code: Code


class ProposeMeasureRequest(Body):
    """What is to be done about a debt."""

    measure: Literal[Measure.INSTALMENTS, Measure.ENFORCEMENT, Measure.WRITE_OFF]
    """What is proposed: monthly instalments, hand-over to enforcement, or a write-off."""
    parts: Annotated[int, Field(strict=True, ge=2, le=60)] | None = None
    """Into how many monthly parts; for instalments only."""
    first_due_on: date | None = None
    """When the first part is due; for instalments only."""


class MatchIncomingPaymentRequest(Body):
    """Whose debt the money pays."""

    clawback_id: UUID


class ClawbackView(View):
    """Money that was paid and is owed back."""

    id: UUID
    payout_id: UUID
    fund_id: UUID
    area: str
    status: ClawbackState
    version: int
    debtor_kind: str
    """What the debtor is, who was paid: institution, enterprise or worker."""
    debtor_id: str
    """Who owes: a person's id or an organisation's credit code."""
    amount_fen: int
    """What was paid, in fen."""
    outstanding_fen: int
    """What is still owed, in fen."""
    reason_code: str
    due_on: date | None
    """The last day to pay; null while only proposed."""
    measure: Measure | None
    """What is proposed and waits for another officer; null if nothing is."""


class MovementView(View):
    """One line of the statement."""

    kind: MovementKind
    """Why what is owed grew (`debt`) or shrank."""
    amount_fen: int
    business_at: datetime
    """When it was counted, business time."""


class InstalmentView(View):
    """One part of the agreed plan."""

    due_on: date
    """The last day to pay it."""
    amount_fen: int


class ClawbackStatementView(ClawbackView):
    """The debtor's statement: every movement, what the plan says, and what is owed."""

    pending_offset_fen: int
    """What payments that are with the bank are set off against it, in fen: counted once the bank has paid."""
    movements: list[MovementView]
    """Every movement, oldest first; the first is the debt itself."""
    instalments: list[InstalmentView]
    """The plan as it was agreed over the whole debt; empty if there is none."""
