"""How rates are shown."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.payout.rates.domain import RateState
from shared.contracts.fields import Act, CertificateKind, Level, ShortText
from shared.http import Body, BusinessDate, View
from shared.kernel.money import MAX_FEN


class ProposeRateRequest(Body):
    """A row of the rate table, or a correction of one."""

    programme: Literal["training_voucher", "assessment_subsidy", "hiring_grant", "placement_subsidy"]
    certificate_kind: CertificateKind | Literal["any"]
    level: Level
    act: Act
    amount_fen: Annotated[int, Field(strict=True, ge=1, le=MAX_FEN)]
    """What is paid, in fen."""
    valid_from: BusinessDate
    valid_to: BusinessDate | None = None
    paid_to: Literal["training_institution", "assessing_body", "enterprise", "placement_agency"]
    """What kind of payee it is for."""
    source: ShortText
    """The document that sets the amount."""
    rate_id: Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)] | None = None
    """The row that it takes the place of, which ends on the day before; null for an addition."""


class RateView(View):
    """What one programme pays for one kind and level of certificate."""

    id: int
    """The row's number."""
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    """What is paid, in fen."""
    valid_from: date
    valid_to: date | None
    payee: str
    """What kind of payee it is for."""
    source: str
    """The document that sets the amount."""


class RatesView(View):
    """The whole table, past rates included."""

    data: list[RateView]
    """The rows, in the order of their numbers."""


class RateChangeView(View):
    """A change of the rate table."""

    id: UUID
    status: RateState
    version: int
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    """What is paid, in fen."""
    valid_from: date
    valid_to: date | None
    payee: str
    """What kind of payee it is for."""
    source: str
    """The document that sets the amount."""
    rate_id: int | None
    """The row that it takes the place of; null for an addition."""


class DifferenceView(View):
    """A payout that stands at the old amount."""

    payout_id: UUID
    paid_fen: int
    """What was decided, in fen."""
    rate_fen: int
    """What the new row says, in fen."""


class RateChangeDetailView(RateChangeView):
    """A change, and what was decided otherwise before it."""

    differences: list[DifferenceView]
    """Payouts decided at the replaced row for days on which this one holds, at most 1,000: for a supplement."""
