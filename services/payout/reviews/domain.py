"""What the decisions on a payout demand besides its life cycle (DOMAIN §3)."""

from dataclasses import dataclass

from services.payout.instructions.domain import ACCOUNT_CLOSED_CODE, NEVER_RECEIVED_CODE
from services.payout.payouts.domain import ANSWERED_BY_TWO, PayoutAction, PayoutFacts, PayoutState
from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class RejectionRules:
    """The dated rules of rejections."""

    returns_most: int
    """How often one officer may return a voucher's payouts for correction (退回补正, R2)."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a payout is refused, and whether for good."""

    code: str
    final: bool = False


class InstructionUnanswered(Conflict):
    """The bank never answered for the instruction, so it is never given under a new id; the payout can be rejected."""

    code = "instruction_unanswered"
    policy = "DOMAIN §3"
    zh, en = "银行未收到原支付指令,不得以新编号重发,只能驳回", "The bank never received it: it can only be rejected."


class SecondApprovalGiven(Conflict):
    """A second officer approved already."""

    code = "second_approval_given"
    policy = "D25"
    zh, en = "已再次复核", "The second approval has been given already."


class SecondOfficerNeeded(Conflict):
    """What two officers answered for, and what is rejected for good, takes two: one holds it, another ends it."""

    code = "second_officer_needed"
    policy = "§三(三)"
    zh, en = (
        "已复核的兑现记录,以及不予兑现的决定,须先由另一名人员冻结,再由您驳回",
        "Rejecting what is approved, or for good, takes two: another officer holds it first, then you reject it.",
    )


class ReturnedTooOften(Conflict):
    """A voucher's payouts are returned for correction three times at most; then two officers decide for good.

    What an objection reopened is not returned at all: its voucher lapsed, so that it could not be claimed for again.
    """

    code = "returned_too_often"
    policy = "R2"
    zh, en = (
        "该培训券的兑现已多次退回补正,或系异议后重新办理,请由两名人员作出不予兑现决定,或予以通过",
        "It was returned too often, or reopened after an objection; let it pass, or two officers reject it for good.",
    )


def check_second_approvable(payout: PayoutFacts) -> None:
    """Raise unless a second approval may be given."""
    payout.decide(PayoutAction.SECOND_APPROVE)
    if payout.officers.second_approved_by is not None:
        raise SecondApprovalGiven


def check_correctable(payout: PayoutFacts) -> None:
    """Raise unless the bank refused the payment, so that it may be approved anew."""
    if payout.code == NEVER_RECEIVED_CODE:
        raise InstructionUnanswered
    payout.decide(PayoutAction.CORRECT)


def needs_other_account(payout: PayoutFacts) -> bool:
    """Whether the bank gave the money back, or closed the account: what was pinned is not paid to again (R23)."""
    return payout.status is PayoutState.RETURNED or payout.code == ACCOUNT_CLOSED_CODE


def check_rejectable(payout: PayoutFacts, rejection: Rejection, *, held_by_another: bool, may_return: bool) -> None:
    """Raise unless the officer may refuse it: for good under another's hold, for correction a few times (R2)."""
    payout.decide(PayoutAction.REJECT)
    if (rejection.final or payout.status in ANSWERED_BY_TWO) and not held_by_another:
        raise SecondOfficerNeeded
    if not rejection.final and (not may_return or payout.reopens is not None):
        raise ReturnedTooOften
