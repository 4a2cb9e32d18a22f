"""The voucher's life cycle and the guards of its edges (DOMAIN §3): tables, frozen facts, pure decisions."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.voucher.mandates.domain import Payment
from shared.kernel.actor import Actor
from shared.kernel.clock import business_date, end_of_day
from shared.kernel.errors import Conflict
from shared.kernel.lifecycle import Edge, Held, Lifecycle


class VoucherStatus(StrEnum):
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
    SETTLE = "settle"
    REDEEM = "redeem"
    BACK = "back"
    CLAW_BACK = "claw_back"
    EXPIRE = "expire"
    VOID = "void"
    PROPOSE_CANCEL = "propose_cancel"
    CANCEL = "cancel"
    HOLD = "hold"
    LIFT_HOLD = "lift_hold"


S, A = VoucherStatus, VoucherAction

LIVE = frozenset({S.OFFERED, S.CLAIMED, S.IN_USE, S.CERTIFIED, S.SETTLING})
"""At most one of these per person and programme."""

TRAINED = frozenset({S.CLAIMED, S.IN_USE, S.CERTIFIED, S.SETTLING, S.REDEEMED, S.CLAWED_BACK})
"""Counts as a training benefit taken or being taken (A13); a clawed-back one until its debt is settled (D22)."""

CANCELLABLE = (S.OFFERED, S.CLAIMED, S.IN_USE)
"""Later the money is stopped in payout (DOMAIN §3)."""

BOUND = Edge(S.IN_USE, "voucher.bound", blocked_by_hold=True)
CERTIFIED = Edge(
    S.CERTIFIED,
    "voucher.certified",
    details=("certificate_id", "jws", "assessed_on", "completed_on", "eligibility"),
)
RETURNED = Edge(S.CERTIFIED, "voucher.returned", details=("payout_id", "code"))
WHY = ("reason_code",)
HOLD = ("hold_id", "reason_code")
ENROLMENT = ("enrolment_id", "class_id")
CERTIFICATE = ("certificate_id", "code")

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
        (S.CERTIFIED, A.SETTLE): Edge(S.SETTLING, "voucher.settling"),
        (S.SETTLING, A.REDEEM): Edge(S.REDEEMED, "voucher.redeemed"),
        (S.SETTLING, A.BACK): RETURNED,
        (S.CERTIFIED, A.BACK): RETURNED,
        (S.REDEEMED, A.CLAW_BACK): Edge(S.CLAWED_BACK, "voucher.clawed_back"),
        (S.OFFERED, A.EXPIRE): Edge(S.EXPIRED, "voucher.expired"),
        (S.CLAIMED, A.EXPIRE): Edge(S.EXPIRED, "voucher.expired"),
        (S.IN_USE, A.VOID): Edge(S.VOID_UNCERTIFIED, "voucher.voided"),
        **{(state, A.PROPOSE_CANCEL): Edge(state, "voucher.cancellation_proposed", details=WHY)
           for state in CANCELLABLE},
        **{(state, A.CANCEL): Edge(S.CANCELLED, "voucher.cancelled", details=WHY) for state in CANCELLABLE},
        **{(state, A.HOLD): Edge(state, "voucher.held", details=HOLD) for state in S if state in LIVE},
        **{(state, A.LIFT_HOLD): Edge(state, "voucher.hold_lifted", details=HOLD) for state in S},
        **{(state, A.REFUSE_BIND): Edge(state, "voucher.bind_refused", details=(*ENROLMENT, "code")) for state in S},
        **{(state, A.REFUSE_CERTIFY): Edge(state, "voucher.certify_refused", details=CERTIFICATE) for state in S},
    },
)  # fmt: skip
"""There is no transfer: no edge changes the holder (A4)."""


class VoucherAlreadyLive(Conflict):
    """One live voucher per person and programme."""

    code = "voucher_already_live"
    policy = "§二(二)7"
    zh, en = "已持有同一项目的有效培训券", "The holder has a live voucher of this programme already."


class NotOffered(Conflict):
    """A targeted batch offered this person nothing, or the offer is taken."""

    code = "voucher_not_offered"
    policy = "§二(二)7"
    zh, en = "该批次为定向发放,未向本人发放", "The batch is targeted and holds no open offer for this person."


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


class PresentedTooLate(Conflict):
    """Presented after the voucher's last day."""

    code = "presented_too_late"
    policy = "D3"
    zh, en = "出示时培训券已过期", "The voucher had expired when it was presented."


class NotPresentable(Conflict):
    """Only a claimed voucher that is not in use is presented."""

    code = "voucher_not_presentable"
    policy = "§二(二)7"
    zh, en = "培训券处于 {status} 状态,不能出示", "The voucher is {status} and cannot be presented."


class ClaimedAfterStart(Conflict):
    """Only a voucher claimed before the class starts can be enrolled (DOMAIN §5: ghost trainees)."""

    code = "claimed_after_start"
    policy = "§二(二)7"
    zh, en = "开班后领取的培训券不能用于该班", "The voucher was not claimed before the class starts."


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """What the guards look at: one voucher as it stands under its lock."""

    voucher_id: UUID
    person_id: UUID
    batch_id: UUID
    rules_version: str
    status: VoucherStatus
    open_holds: int
    skill_code: str | None
    level: int | None
    claimed_at: datetime | None
    valid_until: datetime
    enrolment_id: UUID | None
    ends_on: date | None
    payout_id: UUID | None


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """A holder asks for a voucher of a batch, for a skill and level that he chooses among the batch's."""

    person_id: UUID
    batch_id: UUID
    skill_code: str
    level: int
    actor: Actor
    """Who asks: claims of many share a unit of work."""


@dataclass(frozen=True, slots=True)
class BindRequest:
    """An enrolment asks for a voucher: everything of it that travels on in `voucher.bound`."""

    voucher_id: UUID
    person_id: UUID
    enrolment_id: UUID
    class_id: UUID
    class_area: str
    channel: str
    institution: str
    payee_kind: str
    payee_id: str
    mandate_id: UUID | None
    skill_code: str
    level: int
    act: str
    starts_on: date
    ends_on: date
    presented_at: datetime

    def payment(self) -> Payment:
        """Who is to be paid."""
        return Payment(
            self.voucher_id, self.person_id, self.institution, self.payee_kind, self.payee_id, self.mandate_id
        )


@dataclass(frozen=True, slots=True)
class UnbindRequest:
    """An enrolment gives its voucher back."""

    voucher_id: UUID
    enrolment_id: UUID
    reason_code: str


def valid_until(claimed_at: datetime, validity_days: int) -> datetime:
    """The end of the last day on which a voucher may be presented: `validity_days` after the claim (D3)."""
    return end_of_day(business_date(claimed_at) + timedelta(days=validity_days))


def check_bind(voucher: VoucherFacts, request: BindRequest, *, live_elsewhere: bool = False) -> None:
    """Bind: state and hold now; holder; skill and level; presented in time; claimed before the class starts.

    An expired voucher that was presented in time is bound all the same (DOMAIN §3), unless its holder has taken
    another of the programme since (`live_elsewhere`).
    """
    VOUCHER.decide(voucher.status, A.BIND, voucher.open_holds)
    if voucher.person_id != request.person_id:
        raise NotTheHolder
    if (voucher.skill_code, voucher.level) != (request.skill_code, request.level):
        raise SkillDiffers
    if request.presented_at >= voucher.valid_until:
        raise PresentedTooLate
    if voucher.claimed_at is None or business_date(voucher.claimed_at) >= request.starts_on:
        raise ClaimedAfterStart
    if live_elsewhere:
        raise VoucherAlreadyLive


def check_present(voucher: VoucherFacts, now: datetime) -> None:
    """Whether the holder may show a presence code: claimed, no hold, not expired.

    One in use may be shown too, to prove who stands there; it is bound once all the same.
    """
    if voucher.status not in (S.CLAIMED, S.IN_USE):
        raise NotPresentable(status=voucher.status)
    if voucher.open_holds:
        raise Held(name=VOUCHER.name, action=A.BIND)
    if voucher.status is S.CLAIMED and now >= voucher.valid_until:
        raise PresentedTooLate


def is_bound_to(voucher: VoucherFacts, enrolment_id: UUID) -> bool:
    """Whether a withdrawal of this enrolment gives this voucher back."""
    return voucher.status is S.IN_USE and voucher.enrolment_id == enrolment_id


def rounds(targets: Sequence[Hashable]) -> list[list[int]]:
    """The places of a request's items in rounds: the k-th round holds the k-th item of each target."""
    seen: Counter[Hashable] = Counter()
    found: list[list[int]] = []
    for place, target in enumerate(targets):
        if seen[target] == len(found):
            found.append([])
        found[seen[target]].append(place)
        seen[target] += 1
    return found
