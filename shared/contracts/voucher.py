"""Events of the voucher service 发券: people, batches, vouchers."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.fields import (
    Account,
    Act,
    AggregateEvent,
    AreaCode,
    BatchKind,
    Channel,
    Code,
    CompactJws,
    Count,
    CreditCode,
    Digest,
    Eligibility,
    FactName,
    Level,
    MaskedName,
    Occasion,
    OwnerId,
    OwnerKind,
    RealNameLevel,
    RulesVersion,
    SkillCode,
    UnmaskedField,
)
from shared.kernel.occasion import FIRST


class PersonRegisteredV1(AggregateEvent, service="voucher", name="person.registered"):
    """A person was verified and got a person_id, which is `id`."""

    subject_digest: Digest
    area: AreaCode
    real_name_level: RealNameLevel
    masked_name: MaskedName | None = None


class PersonSupersededV1(AggregateEvent, service="voucher", name="person.superseded"):
    """Two records are of one person, of whom `survivor_id` stands; both count as one from now on."""

    survivor_id: UUID


class PersonSeparatedV1(AggregateEvent, service="voucher", name="person.separated"):
    """A merger was undone by two officers (R16): this record and `survivor_id` are two persons, and stand each."""

    survivor_id: UUID


class MergerEvent(AggregateEvent):
    """What every event of a merger carries: two records, of which `survivor_id` is to stand."""

    person_id: UUID
    survivor_id: UUID


class MergerProposedV1(MergerEvent, service="voucher", name="merger.proposed"):
    """An officer proposed to merge two records of one person (R16); nothing has changed yet."""

    reason_code: Code


class MergerApprovedV1(MergerEvent, service="voucher", name="merger.approved"):
    """A second officer merged the records; `person.superseded` says so of the person."""


class MergerRefusedV1(MergerEvent, service="voucher", name="merger.refused"):
    """A second officer did not agree to the merger."""


class MergerWithdrawnV1(MergerEvent, service="voucher", name="merger.withdrawn"):
    """Whoever proposed the merger took it back."""


class MergerSeparationProposedV1(MergerEvent, service="voucher", name="merger.separation_proposed"):
    """An officer proposed to undo the merger: the records are of two persons after all."""

    reason_code: Code


class MergerSeparationRefusedV1(MergerEvent, service="voucher", name="merger.separation_refused"):
    """A second officer did not agree to undo the merger, which stands."""


class MergerSeparationWithdrawnV1(MergerEvent, service="voucher", name="merger.separation_withdrawn"):
    """Whoever proposed to undo the merger took that back."""


class MergerSeparatedV1(MergerEvent, service="voucher", name="merger.separated"):
    """A second officer undid the merger; `person.separated` says so of the person."""


class PersonPhoneChangedV1(AggregateEvent, service="voucher", name="person.phone_changed"):
    """A person has another telephone number, which does not travel."""


class PersonMovedV1(AggregateEvent, service="voucher", name="person.moved"):
    """A person lives in another area (R15); what was claimed or issued before keeps the area it had."""

    area: AreaCode


class PersonNameProposedV1(AggregateEvent, service="voucher", name="person.name_proposed"):
    """An officer proposed a change of name, which does not travel (R27)."""

    proposal_id: UUID
    reason_code: Code


class PersonRenamedV1(AggregateEvent, service="voucher", name="person.renamed"):
    """A second officer changed the name (R27): certificates from now on have the new digest, earlier ones their own."""

    proposal_id: UUID
    subject_digest: Digest
    masked_name: MaskedName | None = None


class PersonFactsRecordedV1(AggregateEvent, service="voucher", name="person.facts_recorded"):
    """An officer or a register stated facts of a person: which ones, never what they say."""

    facts: tuple[FactName, ...]


class UnmaskingRecordedV1(AggregateEvent, service="voucher", name="unmasking.recorded"):
    """Somebody looked at a person's unmasked data, with a reason."""

    person_id: UUID
    account: Account
    reason_code: Code
    fields: tuple[UnmaskedField, ...]


class BatchEvent(AggregateEvent):
    """What every event of a voucher batch carries."""

    programme: Code
    fund_source: Code
    kind: BatchKind
    quantity: int
    areas: tuple[AreaCode, ...]
    rules_version: RulesVersion


class BatchProposedV1(BatchEvent, service="voucher", name="batch.proposed"):
    """An officer proposed a batch."""


class BatchApprovedV1(BatchEvent, service="voucher", name="batch.approved"):
    """A second officer approved the batch, which is open from now on."""


class BatchRejectedV1(BatchEvent, service="voucher", name="batch.rejected"):
    """A second officer refused the batch."""


class BatchClosedV1(BatchEvent, service="voucher", name="batch.closed"):
    """The batch takes no more claims."""


class VoucherOfferedV1(AggregateEvent, service="voucher", name="voucher.offered"):
    """A targeted batch was approved, and this holder may claim."""

    person_id: UUID
    batch_id: UUID


class ClaimedFields(AggregateEvent):
    """What is known of a voucher since its claim."""

    person_id: UUID
    batch_id: UUID
    programme: Code
    fund_source: Code
    area: AreaCode
    skill_code: SkillCode
    level: Level
    valid_until: AwareDatetime
    rules_version: RulesVersion
    eligibility_decided_on: date
    occasion: Occasion = FIRST


class BoundFields(AggregateEvent):
    """What is known of a voucher since it was bound to an enrolment."""

    person_id: UUID
    enrolment_id: UUID
    class_id: UUID
    class_area: AreaCode
    channel: Channel
    institution: CreditCode
    payee_kind: OwnerKind
    payee_id: OwnerId
    mandate_id: UUID | None
    act: Act
    starts_on: date
    ends_on: date


class VoucherClaimedV1(ClaimedFields, service="voucher", name="voucher.claimed"):
    """The holder claimed: a voucher of a general batch is created, an offered one taken up."""


class VoucherBoundV1(BoundFields, service="voucher", name="voucher.bound"):
    """The voucher is in use for an enrolment."""


class VoucherBindRefusedV1(AggregateEvent, service="voucher", name="voucher.bind_refused"):
    """The voucher cannot serve this enrolment; `code` says why."""

    enrolment_id: UUID
    class_id: UUID
    code: Code


class VoucherUnboundV1(AggregateEvent, service="voucher", name="voucher.unbound"):
    """The voucher went back to its holder, withdrawn or after a first failed training, with time to use it again."""

    enrolment_id: UUID
    class_id: UUID
    reason_code: Code
    valid_until: AwareDatetime | None = None


class VoucherCertifiedV1(BoundFields, ClaimedFields, service="voucher", name="voucher.certified"):
    """The certificate made the voucher payable. `eligibility` is a fresh verdict."""

    certificate_id: UUID
    jws: CompactJws
    assessed_on: date | None
    completed_on: date | None
    eligibility: Eligibility
    masked_name: MaskedName | None = None
    """The holder as the public notice of the payout will show them (D19); None in events of before."""


class VoucherJudgedV1(AggregateEvent, service="voucher", name="voucher.judged"):
    """A register answered after the certification, and `eligibility` is another verdict on the holder."""

    eligibility: Eligibility
    eligibility_decided_on: date


class VoucherCertifyRefusedV1(AggregateEvent, service="voucher", name="voucher.certify_refused"):
    """A certificate named this voucher and does not fit; `code` says why."""

    certificate_id: UUID
    code: Code


class VoucherSettlingV1(AggregateEvent, service="voucher", name="voucher.settling"):
    """A payout was opened for the voucher."""


class VoucherRedeemedV1(AggregateEvent, service="voucher", name="voucher.redeemed"):
    """The bank confirmed the payment: the loop is closed."""

    payout_id: UUID


class VoucherReturnedV1(AggregateEvent, service="voucher", name="voucher.returned"):
    """The payout was rejected or withdrawn, and the voucher is certified again; `code` says why."""

    payout_id: UUID
    code: Code


class VoucherHeldV1(AggregateEvent, service="voucher", name="voucher.held"):
    """An officer placed a hold."""

    hold_id: UUID
    reason_code: Code


class VoucherHoldLiftedV1(AggregateEvent, service="voucher", name="voucher.hold_lifted"):
    """An officer lifted the hold `hold_id`; `reason_code` is that of its placing."""

    hold_id: UUID
    reason_code: Code
    valid_until: AwareDatetime | None = None
    """The time that it was held is added (R6)."""


class VoucherCancellationProposedV1(AggregateEvent, service="voucher", name="voucher.cancellation_proposed"):
    """A first officer asks that the voucher be cancelled."""

    reason_code: Code


class VoucherCancellationRefusedV1(AggregateEvent, service="voucher", name="voucher.cancellation_refused"):
    """A second officer did not agree: the voucher stays as it is."""

    reason_code: Code


class VoucherCancellationWithdrawnV1(AggregateEvent, service="voucher", name="voucher.cancellation_withdrawn"):
    """The officer who proposed to cancel took it back."""

    reason_code: Code


class VoucherCancellationLapsedV1(AggregateEvent, service="voucher", name="voucher.cancellation_lapsed"):
    """Nobody decided on the proposed cancellation in time (R6)."""

    reason_code: Code


class VoucherExpiringV1(AggregateEvent, service="voucher", name="voucher.expiring"):
    """The voucher expires in `days_left` days unless it is presented."""

    days_left: Count


class VoucherGivenBackV1(AggregateEvent, service="voucher", name="voucher.given_back"):
    """The holder did not want the voucher any more (放弃)."""


class VoucherCancelledV1(AggregateEvent, service="voucher", name="voucher.cancelled"):
    """A second officer cancelled the voucher."""

    reason_code: Code


class VoucherExpiredV1(AggregateEvent, service="voucher", name="voucher.expired"):
    """Business time passed `valid_until` before the voucher was used."""


class VoucherVoidedV1(AggregateEvent, service="voucher", name="voucher.voided"):
    """No certificate comes of it any more: none came in time (D21), or its holder failed for good (R5)."""

    code: Code | None = None


class VoucherUncertifiedV1(AggregateEvent, service="voucher", name="voucher.uncertified"):
    """The certificate was revoked before the payment: the voucher is in use again, for another certificate (R3)."""

    certificate_id: UUID
    code: Code


class VoucherLapsedV1(AggregateEvent, service="voucher", name="voucher.lapsed"):
    """Nothing is paid for the certified voucher: its payout was rejected for good, or none came of it in time (R2)."""

    code: Code


class VoucherClawedBackV1(AggregateEvent, service="voucher", name="voucher.clawed_back"):
    """The payout was reversed: certificate revoked, or fraud decided."""

    payout_id: UUID
