"""Events of the payout service 兑现: funds, accounts, payouts, payment batches."""

from datetime import date
from uuid import UUID

from shared.contracts.fields import (
    AggregateEvent,
    AreaCode,
    Code,
    Count,
    CreditCode,
    Fen,
    Level,
    Occasion,
    OwnerId,
    OwnerKind,
    SkillCode,
)
from shared.kernel.occasion import FIRST


class FundEvent(AggregateEvent):
    """What every event of a fund carries: one source in one area, and an amount."""

    fund_source: Code
    area: AreaCode
    amount_fen: Fen


class FundProposedV1(FundEvent, service="payout", name="fund.proposed"):
    """Finance proposed a fund with `amount_fen` of budget, or so much more for an open one."""


class FundRejectedV1(FundEvent, service="payout", name="fund.rejected"):
    """What was proposed, `amount_fen`, was given up."""


class FundOpenedV1(FundEvent, service="payout", name="fund.opened"):
    """A second finance officer approved a fund with `amount_fen` of budget."""


class FundRaisedV1(FundEvent, service="payout", name="fund.raised"):
    """A second finance officer approved `amount_fen` more for the budget."""


class FundReductionProposedV1(FundEvent, service="payout", name="fund.reduction_proposed"):
    """Finance proposed to take `amount_fen` from the budget of an open fund (R24)."""


class FundReducedV1(FundEvent, service="payout", name="fund.reduced"):
    """A second finance officer approved `amount_fen` less for the budget (R24)."""


class FundCarryOverProposedV1(FundEvent, service="payout", name="fund.carry_over_proposed"):
    """Finance proposed to carry over what a fund has reserved, and to return `amount_fen` that is available (R24)."""

    reserved_fen: Fen


class FundCarriedOverV1(FundEvent, service="payout", name="fund.carried_over"):
    """A second finance officer had the fund carry `reserved_fen` over and return `amount_fen` (R24)."""

    reserved_fen: Fen


class FundClosingProposedV1(FundEvent, service="payout", name="fund.closing_proposed"):
    """Finance proposed to close a fund and to return `amount_fen` that is available (R24)."""


class FundClosedV1(FundEvent, service="payout", name="fund.closed"):
    """A second finance officer closed the fund, which returned `amount_fen` (R24)."""


class AccountEvent(AggregateEvent):
    """What every event of a version of a payee's account carries: whose it is, never its number."""

    owner_kind: OwnerKind
    owner_id: OwnerId


class AccountProposedV1(AccountEvent, service="payout", name="account.proposed"):
    """A payee, or finance for it, gave a new account."""


class AccountConfirmedV1(AccountEvent, service="payout", name="account.confirmed"):
    """One of two finance officers confirmed the account."""


class AccountRetiredV1(AccountEvent, service="payout", name="account.retired"):
    """A newer version took this one's place."""


class AccountClosedV1(AccountEvent, service="payout", name="account.closed"):
    """The bank said that this account is closed: it is never paid to again."""


class PayoutEvent(AggregateEvent):
    """What every event of a payout carries; `voucher_id` is null for grants, `amount_fen` 0 without a rate."""

    voucher_id: UUID | None
    person_id: UUID
    skill_code: SkillCode
    level: Level
    benefit: Code
    occasion: Occasion = FIRST
    programme: Code
    fund_source: Code
    area: AreaCode
    institution: CreditCode | None
    amount_fen: Fen


class PayoutOpenedV1(PayoutEvent, service="payout", name="payout.opened"):
    """A verified certificate is there and a rate applies. The voucher is settling."""

    reopens: UUID | None = None
    """The payout rejected for good that an upheld objection opened anew as this one (R2); its voucher stays lapsed."""


class PayoutRejectedV1(PayoutEvent, service="payout", name="payout.rejected"):
    """Refused at its opening, by officers, or for a revoked certificate; `code` says why."""

    code: Code
    final: bool = False
    """Two officers decided that nothing will be paid (不予兑现, R2): its voucher lapses."""


class PayoutCheckedV1(PayoutEvent, service="payout", name="payout.checked"):
    """Its fund has reserved the money."""


class PayoutReviewedV1(PayoutEvent, service="payout", name="payout.reviewed"):
    """The area's officer did the first review (初审)."""


class PayoutApprovedV1(PayoutEvent, service="payout", name="payout.approved"):
    """The city's officer did the second review (复核) and the account is pinned."""


class PayoutSecondApprovedV1(PayoutEvent, service="payout", name="payout.second_approved"):
    """Another city officer approved an amount above D25."""


class PayoutPublishedV1(PayoutEvent, service="payout", name="payout.published"):
    """The public notice (公示) began."""

    notice_id: UUID | None = None
    """The notice that shows it."""


class PayoutClearedV1(PayoutEvent, service="payout", name="payout.cleared"):
    """The notice ended without an open objection."""


class PayoutBatchedV1(PayoutEvent, service="payout", name="payout.batched"):
    """A finance officer put it on a payment batch."""


class PayoutSentV1(PayoutEvent, service="payout", name="payout.sent"):
    """Its batch was released, and everything still held: the instruction may reach the bank."""


class PayoutPaidV1(PayoutEvent, service="payout", name="payout.paid"):
    """The bank confirmed the payment. The voucher is redeemed."""


class PayoutFailedV1(PayoutEvent, service="payout", name="payout.failed"):
    """The bank refused the instruction, `code` says why."""

    code: Code


class PayoutReturnedV1(PayoutEvent, service="payout", name="payout.returned"):
    """退汇: the bank had paid, and gave the money back (R23); `code` says why. Nothing moves for its voucher."""

    code: Code


class PayoutUnknownV1(PayoutEvent, service="payout", name="payout.unknown"):
    """The bank did not answer and will be asked again."""


class PayoutCorrectedV1(PayoutEvent, service="payout", name="payout.corrected"):
    """The account of a failed or returned payment was corrected, and approval comes next."""


class PayoutWithdrawnV1(PayoutEvent, service="payout", name="payout.withdrawn"):
    """Given up before it was sent; `code` says why. Its voucher is free again."""

    code: Code


class PayoutReversedV1(PayoutEvent, service="payout", name="payout.reversed"):
    """Paid and then reversed (追回): certificate revoked or fraud decided. The voucher is clawed back."""

    code: Code


class PayoutDebtSettledV1(PayoutEvent, service="payout", name="payout.debt_settled"):
    """The debt of a reversed payout is settled, which frees its key (D22)."""


class PayoutHeldV1(PayoutEvent, service="payout", name="payout.held"):
    """A hold was placed: by an officer, or for what was received of voucher, certificate, institution or bank."""

    hold_id: UUID
    reason_code: Code


class PayoutHoldLiftedV1(PayoutEvent, service="payout", name="payout.hold_lifted"):
    """A hold was lifted: the payout goes on when none is left."""

    hold_id: UUID
    reason_code: Code


class RateEvent(AggregateEvent):
    """What every event of a change of the rate table carries; `rate_id` is the row that it replaces, null for none."""

    programme: Code
    level: Level
    amount_fen: Fen
    valid_from: date
    valid_to: date | None
    rate_id: int | None


class RateProposedV1(RateEvent, service="payout", name="rate.proposed"):
    """A city officer proposed a row of the rate table (R22)."""


class RateApprovedV1(RateEvent, service="payout", name="rate.approved"):
    """Another officer approved it: it is in the table, and the row that it replaces ended the day before."""


class RateRejectedV1(RateEvent, service="payout", name="rate.rejected"):
    """The proposal was given up."""


class ClawbackEvent(AggregateEvent):
    """What every event of a clawback case carries: who owes what, still, to which fund for which payout."""

    payout_id: UUID
    fund_id: UUID
    area: AreaCode
    debtor_kind: OwnerKind
    debtor_id: OwnerId
    amount_fen: Fen
    outstanding_fen: Fen
    reason_code: Code


class ClawbackProposedV1(ClawbackEvent, service="payout", name="clawback.proposed"):
    """An officer found that a paid payout rests on fraud; nothing is owed before another decides."""


class ClawbackRejectedV1(ClawbackEvent, service="payout", name="clawback.rejected"):
    """What was proposed was given up; nothing is owed."""


class ClawbackOpenedV1(ClawbackEvent, service="payout", name="clawback.opened"):
    """The payee that was paid owes it back: certificate revoked, or fraud decided by two (R4)."""


class ClawbackMeasureEvent(ClawbackEvent):
    """What every event of a proposal about a debt carries."""

    measure: Code


class ClawbackMeasureProposedV1(ClawbackMeasureEvent, service="payout", name="clawback.measure_proposed"):
    """An officer proposed instalments, enforcement or a write-off."""


class ClawbackMeasureEndorsedV1(ClawbackMeasureEvent, service="payout", name="clawback.measure_endorsed"):
    """A second officer endorsed a write-off that needs a third (D29)."""


class ClawbackMeasureRejectedV1(ClawbackMeasureEvent, service="payout", name="clawback.measure_rejected"):
    """The proposal was given up; the debt stands as it is."""


class ClawbackInstalmentsAgreedV1(ClawbackEvent, service="payout", name="clawback.instalments_agreed"):
    """Two officers agreed to monthly parts."""


class ClawbackOverdueV1(ClawbackEvent, service="payout", name="clawback.overdue"):
    """The last day to pay is over."""


class ClawbackHandedOverV1(ClawbackEvent, service="payout", name="clawback.handed_over"):
    """Two officers handed the case over to enforcement."""


class ClawbackRecoveredV1(ClawbackEvent, service="payout", name="clawback.recovered"):
    """`recovered_fen` came back, by an offset or by money that came in: `cause`."""

    recovered_fen: Fen
    cause: Code


class ClawbackSettledV1(ClawbackEvent, service="payout", name="clawback.settled"):
    """Nothing is owed any more: the payout's key is free (D22)."""


class ClawbackWrittenOffV1(ClawbackEvent, service="payout", name="clawback.written_off"):
    """Officers gave up what was still owed (D29): the payout's key is free."""


class PaymentBatchEvent(AggregateEvent):
    """What every event of a payment batch carries: how many payouts, and their sum."""

    count: Count
    amount_fen: Fen


class PaymentBatchBuiltV1(PaymentBatchEvent, service="payout", name="payment_batch.built"):
    """A finance officer built the batch."""


class PaymentBatchEndorsedV1(PaymentBatchEvent, service="payout", name="payment_batch.endorsed"):
    """The first of the two finance officers who release a batch above the limit agreed (R18)."""


class PaymentBatchReleasedV1(PaymentBatchEvent, service="payout", name="payment_batch.released"):
    """Another finance officer released the batch to the bank."""


class PaymentBatchSettledV1(PaymentBatchEvent, service="payout", name="payment_batch.settled"):
    """The bank answered for every payout of the batch."""


class BankReportEvent(AggregateEvent):
    """What every event of a report of the bank carries: the file that it answers, and how many rows it has."""

    file_id: UUID | None
    """Null if it answers no file: it notifies credits on the account."""
    count: Count


class BankReportUploadedV1(BankReportEvent, service="payout", name="bank_report.uploaded"):
    """A finance officer uploaded what the bank says; nothing of it has an effect yet."""


class BankReportConfirmedV1(BankReportEvent, service="payout", name="bank_report.confirmed"):
    """Another finance officer confirmed it: its rows take effect, each on its own."""


class BankReportRejectedV1(BankReportEvent, service="payout", name="bank_report.rejected"):
    """A finance officer gave it up before it was confirmed."""


class BankReportAppliedV1(BankReportEvent, service="payout", name="bank_report.applied"):
    """Each of its rows has its outcome; some may wait for two officers."""


class ObjectionEvent(AggregateEvent):
    """What every event of an objection carries: the payout, never who objects.

    Nor does the `actor` of an objection against a notice say it; one against a rejection is made by a party to it.
    """

    payout_id: UUID
    area: AreaCode
    due_on: date
    about: Code = "notice"
    """What is objected to: `notice` (D19), or `rejection` for good (D27)."""


class ObjectionFiledV1(ObjectionEvent, service="payout", name="objection.filed"):
    """Somebody objected by real name to what is on public notice (D19); exactly that payout is frozen."""


class ObjectionLodgedV1(ObjectionEvent, service="payout", name="objection.lodged"):
    """Holder or payee objected to a final rejection (R2); another officer than the two who rejected decides."""


class ObjectionDecisionProposedV1(ObjectionEvent, service="payout", name="objection.decision_proposed"):
    """One officer said how it should be decided."""


class ObjectionSentBackV1(ObjectionEvent, service="payout", name="objection.sent_back"):
    """A second officer did not follow the proposal."""


class ObjectionUpheldV1(ObjectionEvent, service="payout", name="objection.upheld"):
    """It was found right: what stands on a notice stays frozen and is rejected; what was rejected is opened anew."""

    reason_code: Code


class ObjectionDismissedV1(ObjectionEvent, service="payout", name="objection.dismissed"):
    """Nothing wrong was found: what stands on a notice goes on; what was rejected stays so."""

    reason_code: Code
