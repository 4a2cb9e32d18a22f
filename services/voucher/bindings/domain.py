"""Who may present a voucher, and which enrolment it may be bound to (DOMAIN §3); the refusals of this room."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.voucher.vouchers.domain import (
    VOUCHER,
    ActDiffers,
    NotTheHolder,
    SkillDiffers,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherFacts,
    VoucherState,
)
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict
from shared.kernel.lifecycle import Held
from shared.kernel.occasion import act_of

S, A = VoucherState, VoucherAction


class PresentedTooLate(Conflict):
    """Presented after the voucher's last day."""

    code = "presented_too_late"
    policy = "D3"
    zh, en = "出示时培训券已过期", "The voucher had expired when it was presented."


class VoucherNotPresentable(Conflict):
    """Only a claimed voucher that is not in use is presented."""

    code = "voucher_not_presentable"
    policy = "§二(二)7"
    zh, en = "培训券处于 {status} 状态,不能出示", "The voucher is {status} and cannot be presented."


class ClaimedAfterStart(Conflict):
    """Only a voucher claimed before the class starts can be enrolled (DOMAIN §5: ghost trainees)."""

    code = "claimed_after_start"
    policy = "§二(二)7"
    zh, en = "开班后领取的培训券不能用于该班", "The voucher was not claimed before the class starts."


class ClassStartsTooLate(Conflict):
    """The class starts within the voucher's validity, whenever the voucher was presented (D3, R6)."""

    code = "class_starts_too_late"
    policy = "R6"
    zh, en = "开班日期晚于培训券有效期", "The class starts after the voucher's last day."


class PayeeNotMandated(Conflict):
    """Somebody else is to be paid than the worker, or whom they gave their mandate."""

    code = "payee_not_mandated"
    policy = "D5"
    zh, en = "收款方与劳动者的委托不符", "The payee is neither the worker nor whom they gave their mandate."


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """Who mandated whom: for this voucher, when it is presented at this institution, `payee_id` is paid."""

    voucher_id: UUID
    person_id: UUID
    institution: str
    payee_id: str


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


@dataclass(frozen=True, slots=True)
class UnbindRequest:
    """An enrolment gives its voucher back."""

    voucher_id: UUID
    enrolment_id: UUID
    reason_code: str


@dataclass(frozen=True, slots=True)
class FailedTraining:
    """A training that its holder failed. `ends_it`: an expulsion, or no attempt of the assessment is left."""

    voucher_id: UUID
    enrolment_id: UUID
    code: str
    ends_it: bool


def is_voided_by(voucher: VoucherFacts, failure: FailedTraining) -> bool:
    """Whether the failure is the voucher's end: an expulsion, or not the first (R5, D28)."""
    return failure.ends_it or voucher.failed_trainings > 0


def check_bind(voucher: VoucherFacts, request: BindRequest, *, live_elsewhere: bool = False) -> None:
    """Bind: state and hold now; holder; skill, level and act; presented in time; claimed before the class starts,
    which starts within the validity.

    An expired voucher that was presented in time is bound all the same (DOMAIN §3), unless its holder has taken
    another of the programme since (`live_elsewhere`).
    """
    VOUCHER.decide(voucher.status, A.BIND, voucher.open_holds)
    if voucher.person_id != request.person_id:
        raise NotTheHolder
    if (voucher.skill_code, voucher.level) != (request.skill_code, request.level):
        raise SkillDiffers
    if voucher.occasion is None or act_of(voucher.occasion) != request.act:
        raise ActDiffers
    if request.presented_at >= voucher.valid_until:
        raise PresentedTooLate
    if request.starts_on > voucher.last_day:
        raise ClassStartsTooLate
    if voucher.claimed_at is None or business_date(voucher.claimed_at) >= request.starts_on:
        raise ClaimedAfterStart
    if live_elsewhere:
        raise VoucherAlreadyLive


def check_present(voucher: VoucherFacts, now: datetime) -> None:
    """Whether the holder may show a presence code: claimed, no hold, not expired.

    One in use may be shown too, to prove who stands there; it is bound once all the same.
    """
    if voucher.status not in (S.CLAIMED, S.IN_USE):
        raise VoucherNotPresentable(status=voucher.status)
    if voucher.open_holds:
        raise Held(name=VOUCHER.name, action=A.BIND)
    if voucher.status is S.CLAIMED and now >= voucher.valid_until:
        raise PresentedTooLate


def is_bound_to(voucher: VoucherFacts, enrolment_id: UUID) -> bool:
    """Whether a withdrawal of this enrolment gives this voucher back."""
    return voucher.status is S.IN_USE and voucher.enrolment_id == enrolment_id


def check_payee(request: BindRequest, mandate: MandateFacts | None) -> None:
    """`PayeeNotMandated` unless the worker is paid, or the organisation that the worker's own mandate names (D5).

    `mandate` is what this service keeps under the request's `mandate_id`.
    """
    if request.payee_kind == "worker":
        fits = request.payee_id == str(request.person_id) and request.mandate_id is None
    else:
        fits = mandate == MandateFacts(request.voucher_id, request.person_id, request.institution, request.payee_id)
    if not fits:
        raise PayeeNotMandated
