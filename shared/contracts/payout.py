"""Events of the payout service 兑现: funds, accounts, payouts, payment batches. Audit hears all of them."""

from uuid import UUID

from shared.contracts.fields import (
    AggregateEvent,
    AreaCode,
    Code,
    Count,
    CreditCode,
    Fen,
    Level,
    OwnerId,
    OwnerKind,
    SkillCode,
)


class FundEvent(AggregateEvent):
    """What every event of a fund carries: one source in one area, and an amount."""

    fund_source: Code
    area: AreaCode
    amount_fen: Fen


class FundOpenedV1(FundEvent, service="payout", name="fund.opened"):
    """Finance opened a fund with `amount_fen` of budget; heard by audit."""


class FundRaisedV1(FundEvent, service="payout", name="fund.raised"):
    """Finance added `amount_fen` to the budget; heard by audit."""


class AccountEvent(AggregateEvent):
    """What every event of a version of a payee's account carries: whose it is, never its number."""

    owner_kind: OwnerKind
    owner_id: OwnerId


class AccountProposedV1(AccountEvent, service="payout", name="account.proposed"):
    """A payee, or finance for it, gave a new account; heard by audit."""


class AccountConfirmedV1(AccountEvent, service="payout", name="account.confirmed"):
    """One of two finance officers confirmed the account; heard by audit."""


class AccountRetiredV1(AccountEvent, service="payout", name="account.retired"):
    """A newer version took this one's place; heard by audit."""


class PayoutEvent(AggregateEvent):
    """What every event of a payout carries; `voucher_id` is empty for grants, `amount_fen` 0 where no rate applies."""

    voucher_id: UUID | None
    person_id: UUID
    skill_code: SkillCode
    level: Level
    benefit: Code
    programme: Code
    fund_source: Code
    area: AreaCode
    institution: CreditCode | None
    amount_fen: Fen


class PayoutOpenedV1(PayoutEvent, service="payout", name="payout.opened"):
    """A verified certificate is there and a rate applies; voucher settles."""


class PayoutRejectedV1(PayoutEvent, service="payout", name="payout.rejected"):
    """Born so, or refused by a check or an officer, `code` says why; voucher takes itself back to certified."""

    code: Code


class PayoutCheckedV1(PayoutEvent, service="payout", name="payout.checked"):
    """Verdict, fund rule and reservation hold; heard by audit."""


class PayoutReviewedV1(PayoutEvent, service="payout", name="payout.reviewed"):
    """The area's officer did the first review (初审); heard by audit."""


class PayoutApprovedV1(PayoutEvent, service="payout", name="payout.approved"):
    """The city's officer did the second review (复核) and the account is pinned; heard by audit."""


class PayoutSecondApprovedV1(PayoutEvent, service="payout", name="payout.second_approved"):
    """Another city officer approved an amount above D25; heard by audit."""


class PayoutPublishedV1(PayoutEvent, service="payout", name="payout.published"):
    """The public notice (公示) began; heard by audit."""


class PayoutClearedV1(PayoutEvent, service="payout", name="payout.cleared"):
    """The notice ended without an open objection; heard by audit."""


class PayoutBatchedV1(PayoutEvent, service="payout", name="payout.batched"):
    """A finance officer put it on a payment batch; heard by audit."""


class PayoutSentV1(PayoutEvent, service="payout", name="payout.sent"):
    """Another finance officer released the batch: the instruction may reach the bank; heard by audit."""


class PayoutPaidV1(PayoutEvent, service="payout", name="payout.paid"):
    """The bank confirmed the payment; voucher redeems."""


class PayoutFailedV1(PayoutEvent, service="payout", name="payout.failed"):
    """The bank refused the instruction, `code` says why; heard by audit."""

    code: Code


class PayoutUnknownV1(PayoutEvent, service="payout", name="payout.unknown"):
    """The bank did not answer and will be asked again; heard by audit."""


class PayoutCorrectedV1(PayoutEvent, service="payout", name="payout.corrected"):
    """The account of a failed payment was corrected, and approval comes next; heard by audit."""


class PayoutWithdrawnV1(PayoutEvent, service="payout", name="payout.withdrawn"):
    """Given up before it was sent, `code` says why; voucher takes itself back to certified."""

    code: Code


class PayoutReversedV1(PayoutEvent, service="payout", name="payout.reversed"):
    """Paid and then reversed (追回): certificate revoked or fraud decided; voucher is clawed back."""

    code: Code


class PayoutDebtSettledV1(PayoutEvent, service="payout", name="payout.debt_settled"):
    """The debt of a reversed payout is settled, which frees its key (D22); heard by audit."""


class PayoutHeldV1(PayoutEvent, service="payout", name="payout.held"):
    """A hold was placed: by an officer, an objection, the voucher's, the certificate's or the institution's."""

    code: Code


class PayoutHoldLiftedV1(PayoutEvent, service="payout", name="payout.hold_lifted"):
    """The hold that was placed for `code` was lifted; heard by audit."""

    code: Code


class PaymentBatchEvent(AggregateEvent):
    """What every event of a payment batch carries: how many payouts, and their sum."""

    count: Count
    amount_fen: Fen


class PaymentBatchBuiltV1(PaymentBatchEvent, service="payout", name="payment_batch.built"):
    """A finance officer built the batch; heard by audit."""


class PaymentBatchReleasedV1(PaymentBatchEvent, service="payout", name="payment_batch.released"):
    """Another finance officer released the batch to the bank; heard by audit."""


class PaymentBatchSettledV1(PaymentBatchEvent, service="payout", name="payment_batch.settled"):
    """The bank answered for every payout of the batch; heard by audit."""
