"""Recording certificates that were not assessed here, and having another officer verify them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.certificates import domain as certificates
from services.evaluation.certificates import service as certificate_service
from services.evaluation.certificates.domain import PERMITS, CertificateNumberTaken
from services.evaluation.certificates.queries import next_serials
from services.evaluation.certificates.service import CertificateRow, Draft, Outcome
from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from services.evaluation.enrolment_facts.queries import completed_enrolments
from services.evaluation.recognitions import domain, queries
from services.evaluation.recognitions.domain import OutsideCertificate, RecognitionBasis, RegisterAnswer
from services.evaluation.recognitions.models import Recognition, RecognitionCheck
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import DomainError, NotReceivedYet
from shared.kernel.ids import uuid7
from shared.kernel.occasion import FIRST, review_of
from shared.persistence import UnitOfWork, rules_on
from shared.persons import Person, keep_merges_out, known_persons, natural_persons
from shared.reference.skills import check_skill_level
from shared.security import CertificateFacts, Principal

PERMIT_NUMBERS = "permit_number"
"""Purpose of the blind index over the ID numbers that permits carry."""
CONTRADICTED = "contradicted_by_register"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all who are named, and the rules of today."""

    people: Mapping[UUID, Person]
    enrolments: Mapping[UUID, CompletedEnrolment]
    rules: Rules
    today: date


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A certificate from elsewhere that may be recorded, and the certificate that it becomes here."""

    row: OutsideCertificate
    draft: Draft


async def import_certificates(uow: UnitOfWork, rows: Sequence[OutsideCertificate], officer: Principal) -> list[Outcome]:
    """An officer records certificates from elsewhere, each with the basis that it rests on (A9, D9, DOMAIN §4 13).

    They count for nothing until another officer has had them verified. A permit's number goes into an encrypted
    column, and a public surrogate stands for it.
    """
    known = _Known(
        people=await known_persons(uow, {row.person_id for row in rows}),
        enrolments=await completed_enrolments(uow, {row.enrolment_id for row in rows if row.enrolment_id}),
        rules=await rules_on(uow, Rules, uow.today),
        today=uow.today,
    )
    decided: list[_Accepted | DomainError] = []
    for row in rows:
        try:
            checked = _checked(row, known, officer)
            decided.append(_Accepted(checked, await _draft(uow, checked, known)))
        except DomainError as refusal:
            decided.append(refusal)
    accepted = [entry for entry in decided if isinstance(entry, _Accepted)]
    imported = await certificate_service.import_certificates(uow, [entry.draft for entry in accepted])
    created = {certificate.id: certificate for certificate in imported}
    recorded = [entry for entry in accepted if entry.draft.facts.certificate_id in created]
    await _record_bases(uow, recorded, officer.person)
    return [
        entry if isinstance(entry, DomainError) else created.get(entry.draft.facts.certificate_id) or _taken(entry)
        for entry in decided
    ]


def _taken(entry: _Accepted) -> DomainError:
    """Why the database left a certificate out."""
    return domain.PermitOfAnotherPerson() if entry.row.kind in PERMITS else CertificateNumberTaken()


def _checked(row: OutsideCertificate, known: _Known, officer: Principal) -> OutsideCertificate:
    """The row in canonical form, or the refusal: holder known here, kind, dates, number and training consistent."""
    person = known.people.get(row.person_id)
    if person is None or not officer.covers(person.area):
        raise NotReceivedYet(noun="person")
    skill = check_skill_level(row.skill_code, row.level)
    domain.check_kind(row.kind, skill.kind)
    domain.check_act(row)
    domain.check_last_day(row.issued_on, row.valid_until)
    domain.check_last_day(row.issued_on, row.review_due_on)
    if row.enrolment_id is not None:
        training = known.enrolments.get(row.enrolment_id)
        if training is None:
            raise NotReceivedYet(noun="enrolment")
        if (training.person_id, training.skill_code, training.level, training.act) != (
            row.person_id,
            skill.code,
            row.level,
            row.act,
        ):
            raise domain.RecognitionEnrolmentDiffers
        domain.check_completion(training.completed_on, row.assessed_on, row.issued_on)
    domain.check_dates(row.assessed_on, row.issued_on, row.decided_on, known.today)
    if row.basis is RecognitionBasis.DIRECT_RECOGNITION and not known.rules.direct_recognition_allowed:
        raise domain.DirectRecognitionOff
    number = domain.canonical_number(row.kind, row.number, row.issued_on, row.level)
    return replace(row, skill_code=skill.code, number=number, review_due_on=domain.next_review(row, known.rules))


async def _draft(uow: UnitOfWork, row: OutsideCertificate, known: _Known) -> Draft:
    """What is signed for a checked row. A permit's number is hidden behind a public one."""
    certificate_id, year = uuid7(), row.issued_on.year
    person = known.people[row.person_id]
    if row.kind not in PERMITS:
        return Draft(
            _facts(row, known, certificate_id, row.number),
            basis=row.basis.value,
            area=person.area,
            masked_name=person.masked_name,
        )
    (serial,) = await next_serials(uow, certificates.surrogate_series(row.kind, year), 1)
    cipher = uow.keys.fields
    return Draft(
        _facts(row, known, certificate_id, certificates.surrogate_number(row.kind, year, serial)),
        basis=row.basis.value,
        area=person.area,
        masked_name=person.masked_name,
        number_encrypted=cipher.encrypt(
            row.number, table="certificates", column="number_encrypted", row=certificate_id
        ),
        number_index=cipher.blind_index(domain.permit_holder_number(row.number), purpose=PERMIT_NUMBERS),
    )


def _facts(row: OutsideCertificate, known: _Known, certificate_id: UUID, number: str) -> CertificateFacts:
    training = known.enrolments[row.enrolment_id] if row.enrolment_id else None
    return CertificateFacts(
        certificate_id=certificate_id,
        kind=row.kind.value,
        number=number,
        person_id=row.person_id,
        subject_digest=known.people[row.person_id].subject_digest,
        skill_code=row.skill_code,
        level=row.level,
        act=row.act,
        occasion=FIRST if row.reviewed_due_on is None else review_of(row.reviewed_due_on),
        body=row.body,
        channel=domain.channel_of(training.channel if training else None, row.body_kind),
        assessed_on=row.assessed_on,
        completed_on=training.completed_on if training else None,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        review_due_on=row.review_due_on,
        voucher_id=training.voucher_id if training else None,
        enrolment_id=row.enrolment_id,
    )


async def _record_bases(uow: UnitOfWork, recorded: Sequence[_Accepted], recorder: UUID) -> None:
    """Write what each certificate rests on; the database demands it before the commit."""
    rows: list[dict[str, Any]] = [
        {
            "certificate_id": entry.draft.facts.certificate_id,
            "basis": entry.draft.basis,
            "person_id": entry.row.person_id,
            "skill_code": entry.row.skill_code,
            "level": entry.row.level,
            "act": entry.row.act,
            "source": entry.row.source,
            "evidence_digest": entry.row.evidence_digest,
            "decided_on": entry.row.decided_on,
            "recorded_by": recorder,
            "recorded_at": uow.now,
        }
        for entry in recorded
    ]
    if rows:
        await uow.session.execute(insert(Recognition), rows)


async def record_register_answer(
    uow: UnitOfWork, certificate_id: UUID, answer: RegisterAnswer, source: str, officer: Principal
) -> CertificateRow:
    """Another officer records what the register, or the file of the decision, says of an imported certificate.

    `verified` makes it valid; `not_found_yet` is asked again later; `contradicted` proposes its revocation, which yet
    another officer approves.
    """
    certificate = await certificate_service.lock_imported(uow, certificate_id, officer)
    recorder = await queries.recorder_of(uow, certificate_id)
    await keep_merges_out(uow)
    natural = await natural_persons(uow, {recorder, officer.person})
    domain.check_verifier(natural[recorder], natural[officer.person])
    check = RecognitionCheck(
        certificate_id=certificate_id,
        answer=answer.value,
        source=source,
        checked_by=officer.person,
        checked_at=uow.now,
    )
    uow.session.add(check)
    await uow.session.flush()
    if answer is RegisterAnswer.VERIFIED:
        await certificate_service.mark_verified(uow, certificate)
    elif answer is RegisterAnswer.CONTRADICTED:
        certificate_service.mark_revocation_proposed(uow, certificate, CONTRADICTED, officer.person)
    return certificate
