"""Receiving what happens in the five links: for each event, what it makes of the row of the thing that changed.

The tables below say it all. A test holds them against the life cycles of the services that emit the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.audit.case_facts import service
from services.audit.case_facts.models import (
    CandidateFact,
    CertificateFact,
    EnrolmentFact,
    FactRow,
    PayoutFact,
    VoucherFact,
)
from shared.contracts import EVENT_TYPES, evaluation, payout, training, voucher
from shared.contracts.envelope import Event
from shared.messaging import Handler, Handlers
from shared.persistence import UnitOfWork

KEEPS_STATUS = None


@dataclass(frozen=True, slots=True)
class Step:
    """What an event makes of its row.

    `status` is where the thing stands afterwards, or `KEEPS_STATUS`; `keeps` are the columns that take the event's
    field of the same name, `takes` those of another name (column: field), `clears` those that become empty; `stamps`
    is the column for the event's business time. A step that `creates` may be the first of its row. `holds` is what it
    adds to the open holds.
    """

    status: str | None
    keeps: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    clears: tuple[str, ...] = ()
    stamps: str | None = None
    creates: bool = False
    holds: int = 0

    def row(self, event: Event) -> dict[str, Any]:
        """The columns that this event sets, as JSON has them."""
        data = event.model_dump(mode="json")
        row = {"id": data["id"], "version": data["version"], "changed_at": data["business_at"]}
        row |= {name: data[name] for name in self.keeps} | dict.fromkeys(self.clears)
        row |= {name: data[source] for name, source in self.takes.items()}
        if self.stamps:
            row[self.stamps] = data["business_at"]
        if self.status is not KEEPS_STATUS:
            row |= {"status": self.status, "code": data.get("code", data.get("reason_code"))}
        return row


CLAIMED = ("person_id", "batch_id", "programme", "fund_source", "area", "skill_code", "level", "valid_until")
BOUND = ("enrolment_id", "class_id", "class_area", "institution")
REQUESTED = (
    "voucher_id", "person_id", "class_id", "class_area", "channel", "institution", "skill_code", "level", "act",
    "starts_on", "ends_on",
)  # fmt: skip
ADMITTED = ("session_id", "person_id", "voucher_id", "enrolment_id")
CERTIFICATE = (
    "kind", "number", "person_id", "voucher_id", "enrolment_id", "skill_code", "level", "act", "body", "channel",
    "assessed_on", "issued_on",
)  # fmt: skip
PAYOUT = (
    "voucher_id", "person_id", "skill_code", "level", "benefit", "programme", "fund_source", "area", "institution",
    "amount_fen",
)  # fmt: skip

COUNTED = Step(KEEPS_STATUS)
"""An event that the tables do not name: it changes nothing that is shown, but the version goes on."""
HOLD = Step(KEEPS_STATUS, holds=1)
LIFT_HOLD = Step(KEEPS_STATUS, holds=-1)

VOUCHER_STEPS: Mapping[type[Event], Step] = {
    voucher.VoucherOfferedV1: Step("offered", keeps=("person_id", "batch_id"), stamps="offered_at", creates=True),
    voucher.VoucherClaimedV1: Step("claimed", keeps=CLAIMED, stamps="claimed_at", creates=True),
    voucher.VoucherBoundV1: Step("in_use", keeps=BOUND, stamps="bound_at"),
    voucher.VoucherBindRefusedV1: Step(KEEPS_STATUS, keeps=("code",)),
    voucher.VoucherUnboundV1: Step("claimed", clears=BOUND),
    voucher.VoucherCertifiedV1: Step(
        "certified", keeps=("certificate_id",), clears=("certify_refusal",), stamps="certified_at"
    ),
    voucher.VoucherCertifyRefusedV1: Step(KEEPS_STATUS, takes={"certify_refusal": "code"}),
    voucher.VoucherSettlingV1: Step("settling"),
    voucher.VoucherRedeemedV1: Step("redeemed", stamps="redeemed_at"),
    voucher.VoucherReturnedV1: Step("certified"),
    voucher.VoucherHeldV1: HOLD,
    voucher.VoucherHoldLiftedV1: LIFT_HOLD,
    voucher.VoucherCancelledV1: Step("cancelled"),
    voucher.VoucherExpiredV1: Step("expired"),
    voucher.VoucherVoidedV1: Step("void_uncertified"),
    voucher.VoucherUncertifiedV1: Step("in_use", clears=("certificate_id", "certified_at")),
    voucher.VoucherLapsedV1: Step("lapsed"),
    voucher.VoucherGivenBackV1: Step("given_back"),
    voucher.VoucherClawedBackV1: Step("clawed_back"),
}
ENROLMENT_STEPS: Mapping[type[Event], Step] = {
    training.EnrolmentRequestedV1: Step("requested", keeps=REQUESTED, creates=True),
    training.EnrolmentRegisteredV1: Step("registered"),
    training.EnrolmentRefusedV1: Step("refused"),
    training.EnrolmentAttendingV1: Step("attending"),
    training.EnrolmentCompletedV1: Step("completed", keeps=("class_hours", "completed_on"), stamps="completed_at"),
    training.EnrolmentWithdrawnV1: Step("withdrawn"),
    training.EnrolmentAttendanceFailedV1: Step("failed_attendance"),
    training.EnrolmentTestFailedV1: Step("failed_test"),
    training.EnrolmentExpelledV1: Step("expelled"),
}
CANDIDATE_STEPS: Mapping[type[Event], Step] = {
    evaluation.CandidateAdmittedV1: Step("admitted", keeps=ADMITTED, creates=True),
    evaluation.CandidateSatV1: Step("sat"),
    evaluation.CandidateScoredV1: Step("scored"),
    evaluation.CandidatePassedV1: Step("passed"),
    evaluation.CandidateFailedV1: Step("failed"),
    evaluation.CandidateAbsentV1: Step("absent"),
    evaluation.CandidateVoidedV1: Step("voided"),
    evaluation.CandidateCancelledV1: Step("cancelled"),
    evaluation.CandidateAppealedV1: Step("appealed"),
}
CERTIFICATE_STEPS: Mapping[type[Event], Step] = {
    evaluation.CertificateIssuedV1: Step("valid", keeps=CERTIFICATE, creates=True),
    evaluation.CertificateImportedV1: Step("imported", keeps=CERTIFICATE, creates=True),
    evaluation.CertificateVerifiedV1: Step("valid", keeps=CERTIFICATE),
    evaluation.CertificateSuspendedV1: Step("suspended", keeps=("since",)),
    evaluation.CertificateReinstatedV1: Step("valid", keeps=("since",)),
    evaluation.CertificateRevokedV1: Step("revoked", keeps=("since",)),
    evaluation.CertificateExpiredV1: Step("expired", keeps=("since",)),
    evaluation.CertificateSupersededV1: Step("superseded", keeps=("since",)),
}
PAYOUT_STEPS: Mapping[type[Event], Step] = {
    payout.PayoutOpenedV1: Step("opened", keeps=PAYOUT, stamps="opened_at", creates=True),
    payout.PayoutRejectedV1: Step("rejected", keeps=PAYOUT, creates=True),
    payout.PayoutCheckedV1: Step("checked"),
    payout.PayoutReviewedV1: Step("reviewed"),
    payout.PayoutApprovedV1: Step("approved"),
    payout.PayoutPublishedV1: Step("published"),
    payout.PayoutClearedV1: Step("cleared"),
    payout.PayoutBatchedV1: Step("batched"),
    payout.PayoutSentV1: Step("sent"),
    payout.PayoutPaidV1: Step("paid", keeps=("amount_fen",), stamps="paid_at"),
    payout.PayoutFailedV1: Step("failed"),
    payout.PayoutReturnedV1: Step("returned"),
    payout.PayoutUnknownV1: Step("unknown"),
    payout.PayoutCorrectedV1: Step("reviewed"),
    payout.PayoutWithdrawnV1: Step("withdrawn"),
    payout.PayoutReversedV1: Step("reversed", stamps="reversed_at"),
    payout.PayoutHeldV1: HOLD,
    payout.PayoutHoldLiftedV1: LIFT_HOLD,
}
FOLLOWED: Mapping[type[FactRow], Mapping[type[Event], Step]] = {
    VoucherFact: VOUCHER_STEPS,
    EnrolmentFact: ENROLMENT_STEPS,
    CandidateFact: CANDIDATE_STEPS,
    CertificateFact: CERTIFICATE_STEPS,
    PayoutFact: PAYOUT_STEPS,
}


def _handler(model: type[FactRow], step: Step) -> Handler:
    """The handler of one event: all its rows by one statement."""

    async def on_events(uow: UnitOfWork, events: Sequence[Event]) -> None:
        rows = [step.row(event) for event in events]
        if step.creates:
            await service.write_new(uow, model, rows)
        else:
            await service.write_changes(uow, model, rows, holds=step.holds)

    return on_events


def _handlers(model: type[FactRow], steps: Mapping[type[Event], Step]) -> Handlers:
    """The handlers of every event of one kind of aggregate."""
    aggregate = next(iter(steps)).aggregate_type()
    events = [event for event in EVENT_TYPES if event.aggregate_type() == aggregate]
    return {event: _handler(model, steps.get(event, COUNTED)) for event in events}


HANDLERS: Handlers = {
    event: handler for model, steps in FOLLOWED.items() for event, handler in _handlers(model, steps).items()
}
