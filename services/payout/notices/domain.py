"""What a public notice shows (D19), how long (R25), and what its beginning demands of a payout."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.payout.payouts.domain import PayoutAction, PayoutFacts
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, NotFound
from shared.reference.calendar import is_deadline_provisional

_ONE_INSTANT = timedelta(microseconds=1)
UNNAMED = "*"
"""Whoever's name voucher has not masked is shown as nobody."""


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """The dated rules of the public notice (公示)."""

    notice_working_days: int
    """How many whole working days it lasts after the day of publication (D19, R25)."""


class NoticeNotFound(NotFound):
    """No such public notice, or its period is over: then nobody reads it any more."""

    code = "notice_not_found"
    zh, en = "未找到该公示,或公示期已满", "There is no such public notice, or its period is over."


class NoticeNotRepeated(Conflict):
    """A corrected payout was on public notice before; the notice is not repeated."""

    code = "notice_not_repeated"
    policy = "D19"
    zh, en = "已公示过,更正后不再重复公示", "The payout was on public notice already."


class SecondApprovalMissing(Conflict):
    """The amount is above the limit, and no second city officer has approved."""

    code = "second_approval_missing"
    policy = "D25"
    zh, en = "金额超过限额,须再次复核后方可公示", "The amount needs a second approval before it is published."


@dataclass(frozen=True, slots=True)
class Contact:
    """Where objections are taken: an office, no person."""

    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The payouts of one area that were published together."""

    id: UUID
    area: str
    published_at: datetime
    ends_at: datetime
    phone: str
    address: str

    @property
    def published_on(self) -> date:
        """The day of publication, which does not count."""
        return business_date(self.published_at)

    @property
    def last_on(self) -> date:
        """The last day on which it is read and objected to."""
        return business_date(self.ends_at - _ONE_INSTANT)

    @property
    def calendar_provisional(self) -> bool:
        """Whether it runs into a year without a published calendar, so that its end may still move (R19)."""
        return is_deadline_provisional(self.published_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Entry:
    """What everybody may know of a payout: no group, no institution, no class (D19)."""

    payout_id: UUID
    masked_name: str
    skill_code: str
    level: int
    standard: str
    standard_fen: int
    amount_fen: int


def check_publishable(payout: PayoutFacts) -> None:
    """Raise unless the public notice may begin."""
    payout.decide(PayoutAction.PUBLISH)
    if payout.notice_ends_at is not None:
        raise NoticeNotRepeated
    if payout.needs_second_approval() and payout.officers.second_approved_by is None:
        raise SecondApprovalMissing
