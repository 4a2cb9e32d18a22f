"""The dossier as it is shown. Nothing in it names the worker: whoever may see the name asks the voucher service."""

from datetime import date, datetime
from uuid import UUID

from services.audit.dossiers.service import Dossier
from shared.http import View


class FactView(View):
    """Where one thing stands, why, and since when (business time, UTC)."""

    id: UUID
    status: str
    code: str | None
    open_holds: int
    changed_at: datetime


class VoucherView(FactView):
    """A voucher; skill and level are chosen at the claim."""

    batch_id: UUID
    programme: str | None
    area: str | None
    skill_code: str | None
    level: int | None
    valid_until: datetime | None
    offered_at: datetime | None
    claimed_at: datetime | None
    redeemed_at: datetime | None


class EnrolmentView(FactView):
    """A training; `class_hours` of 45 minutes each."""

    voucher_id: UUID
    class_id: UUID
    class_area: str
    institution: str
    skill_code: str
    level: int
    starts_on: date
    ends_on: date
    class_hours: int | None
    completed_on: date | None


class CandidateView(FactView):
    """An attempt at an assessment."""

    session_id: UUID
    voucher_id: UUID | None
    enrolment_id: UUID | None


class CertificateView(FactView):
    """A certificate; `number` is its public number."""

    kind: str
    number: str
    skill_code: str
    level: int
    body: str
    assessed_on: date | None
    issued_on: date
    since: date | None


class PayoutView(FactView):
    """A payout for one of the certificates."""

    voucher_id: UUID | None
    programme: str
    skill_code: str
    level: int
    institution: str | None
    amount_fen: int
    opened_at: datetime | None
    paid_at: datetime | None


class DossierView(View):
    """The lifelong electronic dossier (§二(二)6). `record_ids` are all records that are of this person."""

    person_id: UUID
    area: str
    real_name_level: int
    registered_at: datetime
    record_ids: list[UUID]
    vouchers: list[VoucherView]
    enrolments: list[EnrolmentView]
    candidates: list[CandidateView]
    certificates: list[CertificateView]
    payouts: list[PayoutView]

    @classmethod
    def of(cls, dossier: Dossier) -> "DossierView":
        """Show a dossier."""
        person, facts = dossier.person, dossier.facts
        return cls(
            person_id=person.natural_person,
            area=person.area,
            real_name_level=person.real_name_level,
            registered_at=person.registered_at,
            record_ids=sorted(person.records),
            vouchers=[VoucherView.model_validate(row) for row in facts.vouchers],
            enrolments=[EnrolmentView.model_validate(row) for row in facts.enrolments],
            candidates=[CandidateView.model_validate(row) for row in facts.candidates],
            certificates=[CertificateView.model_validate(row) for row in facts.certificates],
            payouts=[PayoutView.model_validate(row) for row in facts.payouts],
        )
