"""The life cycle of a payout (DOMAIN §3), what decisions read of it, and the holds that stop it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.payout.funds.domain import Reservation
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle, Rests
from shared.reference.calendar import is_deadline_provisional, working_days_after


class PayoutState(StrEnum):
    """Where a payout stands between the certificate and the money."""

    OPENED = "opened"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"
    CLEARED = "cleared"
    BATCHED = "batched"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    """The bank had paid, and gave the money back: the account is corrected, and it is approved anew (R23)."""
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class PayoutAction(StrEnum):
    """What can be done to a payout."""

    OPEN = "open"
    REFUSE = "refuse"
    CHECK = "check"
    REVIEW = "review"
    APPROVE = "approve"
    SECOND_APPROVE = "second_approve"
    PUBLISH = "publish"
    CLEAR = "clear"
    BATCH = "batch"
    SEND = "send"
    PAY = "pay"
    FAIL = "fail"
    RETURN = "return"
    LOSE = "lose"
    CORRECT = "correct"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REVERSE = "reverse"
    SETTLE_DEBT = "settle_debt"
    HOLD = "hold"
    LIFT_HOLD = "lift_hold"


UNSENT = (
    PayoutState.OPENED,
    PayoutState.CHECKED,
    PayoutState.REVIEWED,
    PayoutState.APPROVED,
    PayoutState.PUBLISHED,
    PayoutState.CLEARED,
    PayoutState.BATCHED,
    PayoutState.FAILED,
    PayoutState.RETURNED,
)
"""No instruction is with the bank: the payout can still be stopped."""
ANSWERED_BY_TWO = (PayoutState.APPROVED, PayoutState.PUBLISHED, PayoutState.CLEARED, PayoutState.BATCHED)
"""Two officers have answered for the money: no single one ends it."""
AT_THE_BANK = (PayoutState.SENT, PayoutState.UNKNOWN)
"""An instruction may be with the bank, and its answer is awaited."""
IN_REVIEW = (PayoutState.OPENED, PayoutState.CHECKED, PayoutState.REVIEWED, PayoutState.APPROVED)
"""Waiting for HR: money, review, approval, publication."""
IN_DISBURSEMENT = (PayoutState.CLEARED, PayoutState.BATCHED)
"""Waiting for finance (拨付)."""
_ONE_INSTANT = timedelta(microseconds=1)
ENDED = (PayoutState.REJECTED, PayoutState.WITHDRAWN)
"""Nothing was paid and nothing will be."""

JUDGED_AGAIN = (
    "rate_missing",
    "fund_source_not_allowed",
    "ineligible",
    "payout_already_live",
    "certificate_revoked",
    "certificate_expired",
    "certificate_superseded",
)
"""Codes of rejections whose cause may go away: the voucher is then judged again, without anybody asking (R2, R3)."""

_S, _A = PayoutState, PayoutAction

PAYOUT = Lifecycle(
    "payout.payout",
    {
        (None, _A.OPEN): Edge(_S.OPENED, emits="payout.opened"),
        (None, _A.REFUSE): Edge(_S.REJECTED, emits="payout.rejected"),
        (_S.OPENED, _A.CHECK): Edge(_S.CHECKED, emits="payout.checked", blocked_by_hold=True),
        (_S.CHECKED, _A.REVIEW): Edge(_S.REVIEWED, emits="payout.reviewed", blocked_by_hold=True),
        (_S.REVIEWED, _A.APPROVE): Edge(_S.APPROVED, emits="payout.approved", blocked_by_hold=True),
        (_S.APPROVED, _A.SECOND_APPROVE): Edge(_S.APPROVED, emits="payout.second_approved", blocked_by_hold=True),
        (_S.APPROVED, _A.PUBLISH): Edge(_S.PUBLISHED, emits="payout.published", blocked_by_hold=True),
        (_S.PUBLISHED, _A.CLEAR): Edge(_S.CLEARED, emits="payout.cleared", blocked_by_hold=True),
        # A corrected payout was on public notice already; the notice is not repeated.
        (_S.APPROVED, _A.CLEAR): Edge(_S.CLEARED, emits="payout.cleared", blocked_by_hold=True),
        (_S.CLEARED, _A.BATCH): Edge(_S.BATCHED, emits="payout.batched", blocked_by_hold=True),
        (_S.BATCHED, _A.SEND): Edge(_S.SENT, emits="payout.sent", blocked_by_hold=True),
        # The bank says that it never received the instruction: the same one is sent again, same id, same content.
        (_S.UNKNOWN, _A.SEND): Edge(_S.SENT, emits="payout.sent", blocked_by_hold=True),
        (_S.SENT, _A.PAY): Edge(_S.PAID, emits="payout.paid"),
        (_S.UNKNOWN, _A.PAY): Edge(_S.PAID, emits="payout.paid"),
        (_S.SENT, _A.FAIL): Edge(_S.FAILED, emits="payout.failed"),
        (_S.UNKNOWN, _A.FAIL): Edge(_S.FAILED, emits="payout.failed"),
        (_S.SENT, _A.LOSE): Edge(_S.UNKNOWN, emits="payout.unknown"),
        (_S.PAID, _A.RETURN): Edge(_S.RETURNED, emits="payout.returned"),
        (_S.FAILED, _A.CORRECT): Edge(_S.REVIEWED, emits="payout.corrected", blocked_by_hold=True),
        (_S.RETURNED, _A.CORRECT): Edge(_S.REVIEWED, emits="payout.corrected", blocked_by_hold=True),
        **{(state, _A.REJECT): Edge(_S.REJECTED, emits="payout.rejected") for state in UNSENT},
        **{(state, _A.WITHDRAW): Edge(_S.WITHDRAWN, emits="payout.withdrawn") for state in UNSENT},
        (_S.PAID, _A.REVERSE): Edge(_S.REVERSED, emits="payout.reversed"),
        (_S.REVERSED, _A.SETTLE_DEBT): Edge(_S.REVERSED, emits="payout.debt_settled"),
        **{
            (state, _A.HOLD): Edge(state, emits="payout.held", details=("hold_id", "reason_code"))
            for state in _S
            if state not in ENDED
        },
        **{
            (state, _A.LIFT_HOLD): Edge(state, emits="payout.hold_lifted", details=("hold_id", "reason_code"))
            for state in _S
        },
    },
    {
        _S.OPENED: ByPeople("the area's officers, once the clock has checked it", "review"),
        _S.CHECKED: ByPeople("an officer of the area", "review"),
        _S.REVIEWED: ByPeople("an officer of the city", "review"),
        _S.APPROVED: ByPeople("an officer of the city", "review"),
        _S.PUBLISHED: ByClock("payout.clear_notice", "the public notice ends"),
        _S.CLEARED: ByPeople("finance", "disbursement"),
        _S.BATCHED: ByPeople("finance, by another officer", "disbursement"),
        _S.SENT: ByClock("payout.bank", "the bank answers, or gives no answer in time; by a file, a report is applied"),
        _S.UNKNOWN: ByClock("payout.bank", "the bank, asked again and again, answers"),
        _S.FAILED: ByPeople("the payee, by another account, and an officer"),
        _S.RETURNED: ByPeople("the payee, by another account, and an officer"),
        _S.PAID: Rests("an end; the money may come back"),
    },
)


@dataclass(frozen=True, slots=True)
class WorkRules:
    """The dated time limits of the offices (限时办结, A26), in whole working days."""

    review_working_days: int
    """From the opening to the public notice."""
    disbursement_working_days: int
    """From the end of the public notice to the bank."""
    removed_institution_working_days: int
    """From the hold for a removed institution to its end by two officers (DOMAIN §3)."""


@dataclass(frozen=True, slots=True)
class ObjectionPeriod:
    """The dated rule of the day of a final rejection."""

    rejection_objection_working_days: int
    """Within so many whole working days after it holder and payee may object (R2, D27)."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """That a payout waits for money: it queues and is never rejected for it (应保尽保, §三(三))."""

    code: str
    """`fund_exhausted`, or `fund_not_found` while nobody has opened one for source, area and year."""
    since: datetime
    place: int
    """Its place among those that wait for the same fund, from 1, in order of opening."""


class PayoutNotFound(NotFound):
    """No such payout in the caller's scope."""

    code = "payout_not_found"
    zh, en = "未找到该兑现记录", "There is no such payout."


class PayoutAlreadyLive(Conflict):
    """The benefit was taken already, or is being taken: once per person, skill and level (§二(二)5)."""

    code = "payout_already_live"
    policy = "§二(二)5"
    zh, en = (
        "同一人员同一职业同一等级的该项待遇不得重复申领",
        "This benefit has been claimed already for the same person, skill and level.",
    )


class FactsIncomplete(Conflict):
    """An event about the payout or what it rests on is parked: what it says is not known, or not believed (R26)."""

    code = "facts_incomplete"
    policy = "R26"
    zh, en = (
        "与该兑现或其所依据的证书、培训券、人员、机构、账户、资金有关的事件尚未处理,请运维先行处理(parked list)",
        "An event about this payout, or what it rests on, is parked; an operator deals with it first (`parked list`).",
    )


class CityOfficerNeeded(Forbidden):
    """The city's officers do the second review, publish and approve a second time (市级统筹)."""

    code = "city_officer_needed"
    policy = "§三(一)"
    zh, en = "须由市级审核人员办理", "Only an officer of the city does this."


class SamePerson(Conflict):
    """Maker, checkers, batcher and releaser are different natural persons, and none is the beneficiary."""

    code = "same_person"
    policy = "§三(三)"
    zh, en = (
        "经办、复核、再次复核、制单、放行须由不同自然人办理",
        "Every step needs a different natural person, none of them the beneficiary.",
    )


@dataclass(frozen=True, slots=True)
class Officers:
    """The natural persons who answered for a payout so far."""

    reviewed_by: UUID | None = None
    approved_by: UUID | None = None
    second_approved_by: UUID | None = None
    batched_by: UUID | None = None
    released_by: UUID | None = None

    def named(self) -> set[UUID]:
        """Person ids of all who took a step on the payout."""
        acted = (self.reviewed_by, self.approved_by, self.second_approved_by, self.batched_by, self.released_by)
        return {person for person in acted if person is not None}


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """A payout as decisions and answers read it. Amounts in fen, instants UTC."""

    id: UUID
    status: PayoutState
    version: int
    open_holds: int
    created_at: datetime
    entered_at: datetime
    """Since when it has its status."""
    opened_on: date
    voucher_id: UUID
    person_id: UUID
    key_person_id: UUID
    certificate_id: UUID
    skill_code: str
    level: int
    benefit: str
    occasion: str
    programme: str
    fund_source: str
    area: str
    institution: str
    payee_kind: str
    payee_id: str
    amount_fen: int
    second_approval_above_fen: int
    fund_id: UUID | None
    attempt: int
    published_at: datetime | None
    notice_id: UUID | None
    notice_ends_at: datetime | None
    code: str | None
    final: bool
    reopens: UUID | None
    """The payout rejected for good in whose place it was opened, as an upheld objection had it (R2)."""
    offset_fen: int
    """What of the amount was set off against its payee's debt: that much the bank does not pay (R4)."""
    officers: Officers

    @property
    def payee(self) -> tuple[str, str]:
        """Who is paid: kind and id."""
        return self.payee_kind, self.payee_id

    @property
    def benefit_key(self) -> tuple[str, int, str, str]:
        """What a person has once: skill, level, benefit and occasion (§二(二)5, R7)."""
        return self.skill_code, self.level, self.benefit, self.occasion

    @property
    def reservation(self) -> Reservation | None:
        """What its fund keeps for it; None as long as nothing was reserved."""
        owed_fen = self.amount_fen - self.offset_fen
        return Reservation(self.fund_id, self.id, owed_fen) if self.fund_id is not None else None

    @property
    def calendar_provisional(self) -> bool:
        """Whether the notice runs into a year without a published calendar, so that its end may still move (R19)."""
        if self.published_at is None or self.notice_ends_at is None:
            return False
        return is_deadline_provisional(self.published_at, self.notice_ends_at)

    def due_on(self, rules: WorkRules) -> date | None:
        """The last day for whoever has it to act on it; None where it waits for nobody here."""
        if self.status in IN_REVIEW:
            return working_days_after(self.opened_on, rules.review_working_days)
        if self.status in IN_DISBURSEMENT and self.notice_ends_at is not None:
            ended_on = business_date(self.notice_ends_at - _ONE_INSTANT)
            return working_days_after(ended_on, rules.disbursement_working_days)
        return None

    def objection_until(self, rules: ObjectionPeriod) -> date | None:
        """The last day for objecting to its final rejection; None where nobody may: it is reopened once (R2)."""
        if not self.final or self.reopens is not None:
            return None
        return working_days_after(business_date(self.entered_at), rules.rejection_objection_working_days)

    def needs_second_approval(self) -> bool:
        """Whether the amount is above the limit that was in force at the opening (D25)."""
        return self.amount_fen > self.second_approval_above_fen

    def decide(self, action: PayoutAction) -> None:
        """Raise `WrongState` or `Held` unless `action` may be taken now."""
        PAYOUT.decide(self.status, action, self.open_holds)

    def check_new_officer(self, records: Set[UUID]) -> None:
        """Raise `SamePerson` if the person of `records` has acted on this payout, or is its beneficiary."""
        if records & self.officers.named():
            raise SamePerson
        self.check_not_beneficiary(records)

    def check_not_beneficiary(self, records: Set[UUID]) -> None:
        """Raise `SamePerson` if the money would be for the person of `records`."""
        if records & {self.person_id, self.key_person_id}:
            raise SamePerson

    def involved(self) -> set[UUID]:
        """The beneficiary and everybody who has acted."""
        return {self.person_id, *self.officers.named()}

    def check_distinct_persons(self, natural: Mapping[UUID, UUID]) -> None:
        """Raise `SamePerson` if two who acted are one person by now, or one of them the beneficiary."""
        if len({natural[person] for person in self.involved()}) < len(self.involved()):
            raise SamePerson
