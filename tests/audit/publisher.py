"""What the other services publish, as audit receives it: envelopes of any event, versions in order."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import evaluation, payout, training, voucher
from shared.contracts.compatibility import inline_references
from shared.contracts.envelope import Event
from shared.kernel.ids import uuid7
from shared.messaging.records import Record
from tests.databases import ServiceDatabase
from tests.keys import record_of
from tests.shared.contracts.write_examples import example
from tests.worker_process import worker_of

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
INSTITUTION = "91410402000001230R"


class Publisher:
    """Writes records: each event is the next version of its aggregate; what a test does not care about is made up."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._versions: defaultdict[tuple[str, str], int] = defaultdict(int)

    def add(self, event: type[Event], id: object, *, at: datetime = MORNING, **fields: Any) -> Record:
        """The record of an event; it is also kept in `records`."""
        schema = inline_references(event.model_json_schema())
        aggregate = (event.aggregate_type(), str(id))
        self._versions[aggregate] += 1
        known = {"id": str(id), "version": self._versions[aggregate], "business_at": at.isoformat()}
        change = event.model_validate({**example(schema, event.name), **fields, **known})
        record = record_of(change, len(self.records))
        self.records.append(record)
        return record

    def drain(self) -> list[Record]:
        """Every record since the last call."""
        records, self.records = self.records, []
        return records


class Life:
    """A person with a voucher, published link by link."""

    def __init__(self, publisher: Publisher, *, area: str = "410402", person_id: UUID | None = None) -> None:
        self.publisher = publisher
        self.area = area
        self.person_id, self.voucher_id = person_id or uuid7(), uuid7()
        self.enrolment_id, self.candidate_id, self.certificate_id, self.payout_id = uuid7(), uuid7(), uuid7(), uuid7()
        if person_id is None:
            publisher.add(voucher.PersonRegisteredV1, self.person_id, area=area)

    def offer(self, **more: Any) -> "Life":
        """A targeted batch names the person."""
        return self._add(voucher.VoucherOfferedV1, self.voucher_id, **more)

    def claim(self, **more: Any) -> "Life":
        """The voucher is claimed."""
        return self._add(voucher.VoucherClaimedV1, self.voucher_id, area=self.area, **more)

    def enrol(self, **more: Any) -> "Life":
        """The institution presents it, and it is bound and registered."""
        self._add(training.EnrolmentRequestedV1, self.enrolment_id, class_area=self.area, **more)
        self._add(voucher.VoucherBoundV1, self.voucher_id, enrolment_id=str(self.enrolment_id), **more)
        return self._add(training.EnrolmentRegisteredV1, self.enrolment_id, **more)

    def complete(self, **more: Any) -> "Life":
        """Hours and completion test are met."""
        self._add(training.EnrolmentAttendingV1, self.enrolment_id)
        return self._add(training.EnrolmentCompletedV1, self.enrolment_id, **more)

    def assess(self, result: type[Event] = evaluation.CandidatePassedV1) -> "Life":
        """An assessment with a result."""
        for event in (evaluation.CandidateAdmittedV1, evaluation.CandidateSatV1, evaluation.CandidateScoredV1, result):
            self._add(event, self.candidate_id)
        return self

    def certify(self, **more: Any) -> "Life":
        """The certificate is issued and makes the voucher payable."""
        self._add(evaluation.CertificateIssuedV1, self.certificate_id, **more)
        return self._add(
            voucher.VoucherCertifiedV1, self.voucher_id, certificate_id=str(self.certificate_id), area=self.area, **more
        )

    def open(self, *, amount_fen: int = 160_000, **more: Any) -> "Life":
        """The payout opens and the voucher settles."""
        self._add(payout.PayoutOpenedV1, self.payout_id, area=self.area, amount_fen=amount_fen, **more)
        return self._add(voucher.VoucherSettlingV1, self.voucher_id, **more)

    def pay(self, *, amount_fen: int = 160_000, **more: Any) -> "Life":
        """Every step to the bank's confirmation, and the voucher is redeemed."""
        steps = (
            payout.PayoutCheckedV1, payout.PayoutReviewedV1, payout.PayoutApprovedV1, payout.PayoutPublishedV1,
            payout.PayoutClearedV1, payout.PayoutBatchedV1, payout.PayoutSentV1, payout.PayoutPaidV1,
        )  # fmt: skip
        for step in steps:
            self._add(step, self.payout_id, area=self.area, amount_fen=amount_fen, **more)
        return self._add(voucher.VoucherRedeemedV1, self.voucher_id, payout_id=str(self.payout_id), **more)

    def whole(self) -> "Life":
        """The loop closed."""
        return self.claim().enrol().complete().assess().certify().open().pay()

    def _add(self, event: type[Event], id: UUID, **more: Any) -> "Life":
        linked = {
            "person_id": str(self.person_id),
            "voucher_id": str(self.voucher_id),
            "enrolment_id": str(self.enrolment_id),
            "class_area": self.area,
            "institution": INSTITUTION,
            "benefit": "training",
            "starts_on": date(2026, 12, 1).isoformat(),
        }
        fields = event.model_fields
        self.publisher.add(event, id, **{**{name: linked[name] for name in linked if name in fields}, **more})
        return self


async def publish(audit: ServiceDatabase, records: list[Record]) -> None:
    """Let audit consume these records as a single batch."""
    await worker_of("audit").consumer(audit.worker).apply(records)
