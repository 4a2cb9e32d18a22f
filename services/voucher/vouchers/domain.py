"""The voucher's life cycle (DOMAIN §3), what guards look at, and the refusals that several acts share."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.voucher.evidence.domain import Training
from shared.kernel.actor import Actor
from shared.kernel.clock import business_date, end_of_day
from shared.kernel.errors import Conflict
from shared.kernel.lifecycle import ByClock, ByService, Edge, Lifecycle, Rests
from shared.kernel.occasion import FIRST


class VoucherState(StrEnum):
    """Where a voucher stands in the loop 发券 → 培训 → 评价 → 持证 → 兑现."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    IN_USE = "in_use"
    CERTIFIED = "certified"
    SETTLING = "settling"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    VOID_UNCERTIFIED = "void_uncertified"
    GIVEN_BACK = "given_back"
    """放弃: its holder did not want it any more (R6)."""
    LAPSED = "lapsed"
    """未兑现终止: certified, and not paid (R2). Its holder may claim another."""
    CLAWED_BACK = "clawed_back"


class VoucherAction(StrEnum):
    """What happens to a voucher."""

    OFFER = "offer"
    CLAIM = "claim"
    BIND = "bind"
    REFUSE_BIND = "refuse_bind"
    UNBIND = "unbind"
    CERTIFY = "certify"
    REFUSE_CERTIFY = "refuse_certify"
    UNCERTIFY = "uncertify"
    SETTLE = "settle"
    REDEEM = "redeem"
    BACK = "back"
    LAPSE = "lapse"
    JUDGE = "judge"
    CLAW_BACK = "claw_back"
    WARN = "warn"
    EXPIRE = "expire"
    GIVE_BACK = "give_back"
    VOID = "void"
    PROPOSE_CANCEL = "propose_cancel"
    CANCEL = "cancel"
    REFUSE_CANCEL = "refuse_cancel"
    WITHDRAW_CANCEL = "withdraw_cancel"
    LAPSE_CANCEL = "lapse_cancel"
    HOLD = "hold"
    LIFT_HOLD = "lift_hold"


S, A = VoucherState, VoucherAction

LIVE = frozenset({S.OFFERED, S.CLAIMED, S.IN_USE, S.CERTIFIED, S.SETTLING})
"""At most one of these per person and programme."""

TRAINED = frozenset({S.CLAIMED, S.IN_USE, S.CERTIFIED, S.SETTLING, S.REDEEMED, S.CLAWED_BACK})
"""Counts as a training benefit taken or being taken (A13); a clawed-back one until its debt is settled (D22)."""

STOPPABLE = LIVE | {S.VOID_UNCERTIFIED, S.LAPSED, S.REDEEMED}
"""What may be held: a late certificate, an upheld objection or returned money may follow where nothing is live."""

CANCELLABLE = (S.OFFERED, S.CLAIMED, S.IN_USE)
"""Later the money is stopped in payout (DOMAIN §3)."""

BINDING = ("enrolment_id", "class_id", "class_area", "channel", "institution", "payee_kind", "payee_id", "act",
           "starts_on", "ends_on")  # fmt: skip
"""What the bind sets and the unbind empties, all together; `mandate_id` goes with them."""

WHY = ("reason_code",)
HOLD = ("hold_id", "reason_code")
ENROLMENT = ("enrolment_id", "class_id")
CERTIFICATE = ("certificate_id", "code")

BOUND = Edge(S.IN_USE, "voucher.bound", blocked_by_hold=True)
CERTIFIED = Edge(
    S.CERTIFIED,
    "voucher.certified",
    details=("certificate_id", "jws", "assessed_on", "completed_on", "eligibility", "masked_name"),
)
REDEEMED = Edge(S.REDEEMED, "voucher.redeemed")
UNCERTIFIED = Edge(S.IN_USE, "voucher.uncertified", details=CERTIFICATE)
LAPSED = Edge(S.LAPSED, "voucher.lapsed", details=("code",))
RETURNED = Edge(S.CERTIFIED, "voucher.returned", details=("payout_id", "code"))

VOUCHER = Lifecycle(
    "voucher.voucher",
    {
        (None, A.OFFER): Edge(S.OFFERED, "voucher.offered"),
        (None, A.CLAIM): Edge(S.CLAIMED, "voucher.claimed"),
        (S.OFFERED, A.CLAIM): Edge(S.CLAIMED, "voucher.claimed", blocked_by_hold=True),
        (S.CLAIMED, A.BIND): BOUND,
        (S.EXPIRED, A.BIND): BOUND,
        (S.IN_USE, A.UNBIND): Edge(S.CLAIMED, "voucher.unbound", details=(*ENROLMENT, "reason_code")),
        (S.IN_USE, A.CERTIFY): CERTIFIED,
        (S.VOID_UNCERTIFIED, A.CERTIFY): CERTIFIED,
        (S.CERTIFIED, A.UNCERTIFY): UNCERTIFIED,
        (S.SETTLING, A.UNCERTIFY): UNCERTIFIED,
        (S.CERTIFIED, A.LAPSE): LAPSED,
        (S.SETTLING, A.LAPSE): LAPSED,
        # A register answered: the verdict on its holder is a fresh one.
        (S.CERTIFIED, A.JUDGE): Edge(S.CERTIFIED, "voucher.judged", details=("eligibility",)),
        (S.SETTLING, A.JUDGE): Edge(S.SETTLING, "voucher.judged", details=("eligibility",)),
        (S.LAPSED, A.JUDGE): Edge(S.LAPSED, "voucher.judged", details=("eligibility",)),
        (S.CERTIFIED, A.SETTLE): Edge(S.SETTLING, "voucher.settling"),
        (S.SETTLING, A.REDEEM): REDEEMED,
        # A payout that was reopened leaves its voucher lapsed until it is paid (R2).
        (S.LAPSED, A.REDEEM): REDEEMED,
        # The bank paid before the revocation, and that it did is heard of after it.
        (S.IN_USE, A.REDEEM): REDEEMED,
        (S.VOID_UNCERTIFIED, A.REDEEM): REDEEMED,
        (S.SETTLING, A.BACK): RETURNED,
        (S.CERTIFIED, A.BACK): RETURNED,
        (S.REDEEMED, A.CLAW_BACK): Edge(S.CLAWED_BACK, "voucher.clawed_back"),
        (S.CLAIMED, A.WARN): Edge(S.CLAIMED, "voucher.expiring", details=("days_left",)),
        (S.CLAIMED, A.GIVE_BACK): Edge(S.GIVEN_BACK, "voucher.given_back", blocked_by_hold=True),
        (S.OFFERED, A.EXPIRE): Edge(S.EXPIRED, "voucher.expired"),
        (S.CLAIMED, A.EXPIRE): Edge(S.EXPIRED, "voucher.expired"),
        (S.IN_USE, A.VOID): Edge(S.VOID_UNCERTIFIED, "voucher.voided", details=("code",)),
        **{(state, A.PROPOSE_CANCEL): Edge(state, "voucher.cancellation_proposed", details=WHY)
           for state in CANCELLABLE},
        **{(state, A.CANCEL): Edge(S.CANCELLED, "voucher.cancelled", details=WHY) for state in CANCELLABLE},
        **{(state, A.REFUSE_CANCEL): Edge(state, "voucher.cancellation_refused", details=WHY)
           for state in CANCELLABLE},
        **{(state, A.WITHDRAW_CANCEL): Edge(state, "voucher.cancellation_withdrawn", details=WHY)
           for state in CANCELLABLE},
        **{(state, A.LAPSE_CANCEL): Edge(state, "voucher.cancellation_lapsed", details=WHY)
           for state in CANCELLABLE},
        **{(state, A.HOLD): Edge(state, "voucher.held", details=HOLD) for state in S if state in STOPPABLE},
        **{(state, A.LIFT_HOLD): Edge(state, "voucher.hold_lifted", details=HOLD) for state in S},
        **{(state, A.REFUSE_BIND): Edge(state, "voucher.bind_refused", details=(*ENROLMENT, "code")) for state in S},
        **{(state, A.REFUSE_CERTIFY): Edge(state, "voucher.certify_refused", details=CERTIFICATE) for state in S},
    },
    {
        S.OFFERED: ByClock("voucher.expire", "its validity ends"),
        S.CLAIMED: ByClock("voucher.expire", "its validity ends"),
        S.IN_USE: ByClock("voucher.void_uncertified", "so long after the class's end there is no certificate (D21)"),
        S.CERTIFIED: ByClock("voucher.lapse", "so long after the certification nothing is paid (R2)"),
        S.SETTLING: ByService("payout", "paid, rejected or withdrawn, in the time limits of a payout"),
        S.EXPIRED: Rests("an end; what was presented in time still counts"),
        S.VOID_UNCERTIFIED: Rests("an end; a certificate issued in time still counts"),
        S.LAPSED: Rests("an end; a payout that was reopened and is paid still counts"),
        S.REDEEMED: Rests("an end; the money may be clawed back"),
    },
)  # fmt: skip
"""There is no transfer: no edge changes the holder (A4)."""


@dataclass(frozen=True, slots=True)
class EndRules:
    """The dated rules of what a voucher has left when money or training comes to nothing."""

    lapse_after_days: int
    """So long after its certification a voucher that is not paid lapses (D26)."""
    recertify_days: int
    """So long at least another certificate may be issued after the revocation of the first (R3)."""
    returned_valid_days: int
    """So long at least a voucher that comes back from a training may be presented again (R5, D28)."""
    cancellation_lapses_working_days: int
    """So long a proposal to cancel waits for a second officer (R6)."""
    expiring_first_days: int
    expiring_last_days: int
    """So many days before its end a voucher's holder is warned, twice (R6)."""

    def certify_by(self, revoked_on: date) -> date:
        """The last day on which another certificate may be issued, whatever D21 says."""
        return revoked_on + timedelta(days=self.recertify_days)

    def valid_until(self, present: datetime, returned_on: date) -> datetime:
        """The end of the validity of a voucher that came back on that day and was valid until `present`."""
        return max(present, end_of_day(returned_on + timedelta(days=self.returned_valid_days)))


class VoucherAlreadyLive(Conflict):
    """One live voucher per person and programme."""

    code = "voucher_already_live"
    policy = "§二(二)7"
    zh, en = "已持有同一项目的有效培训券", "The holder has a live voucher of this programme already."


class NotTheHolder(Conflict):
    """Somebody else's voucher: it is not transferable."""

    code = "not_the_holder"
    policy = "§二(二)7"
    zh, en = "培训券不得转让,非本人持有", "The voucher belongs to somebody else; it is not transferable."


class SkillDiffers(Conflict):
    """Voucher and class or certificate are for different skills or levels (D6)."""

    code = "skill_differs"
    policy = "D6"
    zh, en = "职业或等级与培训券不一致", "The skill or level is not the voucher's."


class ActDiffers(Conflict):
    """A voucher for the review of a permit serves a class for reviews, and no other does (R7)."""

    code = "act_differs"
    policy = "R7"
    zh, en = "培训券与班次的类别(初次或复审)不一致", "The voucher and the class are not both for a review."


class HoldFollowsRegister(Conflict):
    """The register of deaths placed this hold: its answer lifts it, and what is owed two officers decide in payout."""

    code = "hold_follows_register"
    policy = "R10"
    zh, en = "该冻结由死亡登记产生,不能由工作人员解除", "This hold follows the register of deaths; no officer lifts it."


class CancelSelfApproval(Conflict):
    """The officer who proposed the cancellation does not approve it."""

    code = "cancel_self_approval"
    policy = "§二(二)7"
    zh, en = "作废须由另一名工作人员审批", "Another officer must approve the cancellation."


class CancellationNotProposed(Conflict):
    """Nobody has proposed to cancel this voucher."""

    code = "cancellation_not_proposed"
    zh, en = "尚未提出作废申请", "Nobody has proposed to cancel this voucher."


class CancellationPending(Conflict):
    """A cancellation was proposed before and waits for a second officer."""

    code = "cancellation_pending"
    zh, en = "已有待审批的作废申请", "A cancellation is waiting for a second officer already."


class CancellationNotYours(Conflict):
    """Whoever proposed a cancellation withdraws it; refusing it is another officer's act."""

    code = "cancellation_not_yours"
    policy = "R6"
    zh, en = "只有提出人可以撤回作废申请", "Only the officer who proposed the cancellation withdraws it."


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What a voucher takes over from its batch."""

    batch_id: UUID
    programme: str
    fund_source: str
    rules_version: str


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """What guards look at: one voucher as it stands. `person_id` is a record; a person may have more than one."""

    voucher_id: UUID
    person_id: UUID
    terms: VoucherTerms
    status: VoucherState
    open_holds: int
    skill_code: str | None
    level: int | None
    occasion: str | None
    claimed_at: datetime | None
    valid_until: datetime
    enrolment_id: UUID | None
    class_id: UUID | None
    ends_on: date | None
    certify_by: date | None
    """The last day of issue that is left after a revocation, where that is later than D21's (R3)."""
    failed_trainings: int
    certificate_id: UUID | None
    payout_id: UUID | None

    @property
    def last_day(self) -> date:
        """The last day of its validity: a class starts by then (R6)."""
        return business_date(self.valid_until - timedelta(microseconds=1))

    @property
    def live(self) -> bool:
        """Whether it takes the one place that its holder has in the programme."""
        return self.status in LIVE

    @property
    def training(self) -> Training | None:
        """The training benefit that it stands for, counted in the year of its claim."""
        if self.status not in TRAINED or self.skill_code is None or self.level is None or self.claimed_at is None:
            return None
        year = business_date(self.claimed_at).year
        return Training(self.skill_code, self.level, year, self.voucher_id, self.occasion or FIRST)

    def is_offer_of(self, batch_id: UUID) -> bool:
        """Whether its holder may take it up as the batch's offer, under any record; it stays the same record's (A4)."""
        return (self.terms.batch_id, self.status) == (batch_id, S.OFFERED)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim settles. `offer_id` is the offered voucher that is taken up; None: a new one is created.

    `person_id` is the record whose voucher it is: an offer stays with the record that it was made to (A4).
    """

    person_id: UUID
    area: str
    terms: VoucherTerms
    skill_code: str
    level: int
    occasion: str
    valid_until: datetime
    eligibility_decided_on: date
    offer_id: UUID | None
    actor: Actor
    """Who claims: the claims of many share a unit of work."""


def check_cancel_proposal(proposed_by: UUID | None) -> None:
    """`CancellationPending` while an earlier proposal waits for its second officer."""
    if proposed_by is not None:
        raise CancellationPending


def check_cancel_approval(proposed_by: UUID | None, approved_by: UUID) -> None:
    """A proposal is there, and another officer approves it."""
    if proposed_by is None:
        raise CancellationNotProposed
    if proposed_by == approved_by:
        raise CancelSelfApproval


def check_cancel_withdrawal(proposed_by: UUID | None, withdrawn_by: UUID) -> None:
    """A proposal is there, and whoever made it takes it back."""
    if proposed_by is None:
        raise CancellationNotProposed
    if proposed_by != withdrawn_by:
        raise CancellationNotYours


def extended_by_hold(valid_until: datetime, held_since: datetime, lifted_at: datetime) -> datetime:
    """A hold stops the clock: the end of the day that its length leads to (R6)."""
    moved = valid_until + (lifted_at - held_since)
    return end_of_day(business_date(moved - timedelta(microseconds=1)))
