"""What is said about payouts, and how they are shown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payout.holds.domain import ABOUT_THE_PERSON, Hold, HoldSource
from services.payout.payouts.domain import PayoutFacts, PayoutState, WorkRules
from services.payout.payouts.queries import PayoutFilter
from shared.contracts.fields import Code, Level, SkillCode
from shared.http import Body, BusinessDate, KnownArea, OrganisationCode, Role, View
from shared.kernel.money import MAX_FEN


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
    occasion: str
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
    reopens: UUID | None
    """The payout rejected for good in whose place it was opened, after an objection (异议); null otherwise."""
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
    reason_code: str | None
    """Null to an institution where it is what a register answered of the holder, or why that was taken over."""
    placed_at: datetime
    lifted_at: datetime | None

    @classmethod
    def shown_to(cls, role: Role, hold: Hold) -> "HoldView":
        """The hold as this role sees it."""
        view = cls.model_validate(hold)
        hidden = role is Role.INSTITUTION and hold.source in ABOUT_THE_PERSON
        return view.model_copy(update={"reason_code": None}) if hidden else view


class DecisionView(View):
    """Who took a step."""

    version: int
    """The payout's version after it."""
    action: str
    person_id: UUID
    """Who decided, by person."""
    decided_at: datetime


class ShortageView(View):
    """That a payout waits for money. It queues, in order of opening, and is never rejected for it."""

    code: str
    """`fund_exhausted`, or `fund_not_found` while there is no fund of its source, area and year."""
    since: datetime
    """Since when it waits."""
    place: int
    """Its place among those that wait for the same fund; 1 is next."""


class PayoutDetailView(PayoutView):
    """A payout with what stops it and who has answered for it so far."""

    shortage: ShortageView | None
    """The money that it waits for; null if none is missing."""
    awaits_class_verification: bool
    """Whether it waits for an officer to verify its class (验收); money is reserved for it after that."""
    objection_until: date | None
    """The last day on which holder and payee may object to its final rejection; null where nobody may (any more)."""
    holds: list[HoldView]
    decisions: list[DecisionView]
    """Who took which step, oldest first; empty outside the administration."""


class PlaceHoldRequest(Body):
    """Why a payout is to be held."""

    reason_code: Code


class PayoutWorkView(PayoutView):
    """A payout as a list of work shows it."""

    due_on: date | None
    """The last day for whoever has it to act on it (A26); null where it waits for nobody here."""
    overdue: bool
    """Whether that day is over."""

    @classmethod
    def on(cls, payout: PayoutFacts, rules: WorkRules, today: date) -> "PayoutWorkView":
        """The payout on a day."""
        due_on = payout.due_on(rules)
        late = due_on is not None and due_on < today
        return cls(**PayoutView.of(payout).model_dump(), due_on=due_on, overdue=late)


class PayoutTotalView(View):
    """The payouts of one state."""

    status: PayoutState
    count: int
    """How many."""
    amount_fen: int
    """Their sum."""
    overdue: int
    """How many of them are late."""


class PayoutTotalsView(View):
    """What a list of work comes to."""

    data: list[PayoutTotalView]
    """By state."""
    count: int
    """How many payouts in all."""
    amount_fen: int
    """Their sum."""


async def read_filter(
    status: Annotated[PayoutState | None, Query()] = None,
    voucher_id: Annotated[UUID | None, Query()] = None,
    held: Annotated[bool | None, Query()] = None,
    notice_id: Annotated[UUID | None, Query()] = None,
    area: Annotated[KnownArea | None, Query()] = None,
    institution: Annotated[OrganisationCode | None, Query()] = None,
    class_id: Annotated[UUID | None, Query()] = None,
    fund_id: Annotated[UUID | None, Query()] = None,
    skill_code: Annotated[SkillCode | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
    person_id: Annotated[UUID | None, Query()] = None,
    opened_from: Annotated[BusinessDate | None, Query(description="Opened on this day or later.")] = None,
    opened_until: Annotated[BusinessDate | None, Query(description="Opened on this day or earlier.")] = None,
    amount_from_fen: Annotated[int | None, Query(ge=0, le=MAX_FEN, description="At least so much, in fen.")] = None,
    amount_until_fen: Annotated[int | None, Query(ge=0, le=MAX_FEN, description="At most so much, in fen.")] = None,
    overdue: Annotated[bool | None, Query(description="Those whose time limit is over, or the others.")] = None,
) -> PayoutFilter:
    """What lists of payouts and their totals are narrowed to."""
    return PayoutFilter(**locals())


PayoutQuery = Annotated[PayoutFilter, Depends(read_filter)]
"""A handler's parameter: `wanted: PayoutQuery`."""
