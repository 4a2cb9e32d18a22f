"""Recording certificates that were not assessed here, and having another officer verify them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.bodies.domain import BodyKind
from services.evaluation.certificates import domain as certificates
from services.evaluation.certificates import service as certificate_service
from services.evaluation.certificates.domain import CertificateKind, CertificateNumberTaken
from services.evaluation.certificates.queries import next_serials
from services.evaluation.certificates.service import Paper
from services.evaluation.enrolment_facts.queries import CompletedEnrolment, completed_enrolments
from services.evaluation.person_facts.queries import KnownPerson, known_people, natural_persons
from services.evaluation.recognitions import domain, queries
from services.evaluation.recognitions.domain import PERMITS, RecognitionBasis, RegisterAnswer
from services.evaluation.recognitions.models import Recognition, RecognitionCheck
from services.evaluation.rules.domain import RuleName, Rules
from services.evaluation.rules.queries import rules_on
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.reference.skills import check_skill_level
from shared.security import CertificateFacts, FieldCipher, Principal

PERMIT_NUMBERS = "permit_number"
"""Purpose of the blind index over the ID numbers that permits carry."""
CONTRADICTED = "contradicted_by_register"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A certificate from elsewhere with what it rests on. `number` may be an ID number in disguise: never shown."""

    person_id: UUID
    kind: CertificateKind
    skill_code: str
    level: int
    act: Literal["first", "review"]
    number: str = field(repr=False)
    body: str
    body_kind: BodyKind
    assessed_on: date | None
    issued_on: date
    valid_until: date | None
    enrolment_id: UUID | None
    basis: RecognitionBasis
    source: str
    evidence_digest: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A claim that may be recorded: its canonical skill, body and number, and what is known of person and training."""

    claim: Claim
    person: KnownPerson
    training: CompletedEnrolment | None
    skill_code: str
    body: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A certificate that was recorded and waits to be verified."""

    id: UUID
    person_id: UUID
    status: str
    number: str


async def import_certificates(
    uow: UnitOfWork, claims: Sequence[Claim], officer: Principal
) -> list[Recorded | DomainError]:
    """An officer records certificates from elsewhere, each with the basis that it rests on (A9, D9, DOMAIN §4 13).

    They are born `imported` and count for nothing until another officer has had them verified. A permit's number goes
    into an encrypted column, and a public surrogate stands for it.
    """
    recorder = officer.person
    people = await known_people(uow, [claim.person_id for claim in claims])
    trainings = await completed_enrolments(uow, [claim.enrolment_id for claim in claims if claim.enrolment_id])
    rules = await rules_on(uow, uow.today)

    def check(claim: Claim) -> _Checked | DomainError:
        try:
            return _check(claim, people.get(claim.person_id), trainings, officer, rules)
        except DomainError as refusal:
            return refusal

    checked = [check(claim) for claim in claims]
    accepted = [one for one in checked if isinstance(one, _Checked)]
    papers = await _papers(uow, accepted)
    born = {row.id: row for row in await certificate_service.import_papers(uow, papers)}
    await _record(uow, list(zip(accepted, papers, strict=True)), set(born), recorder)
    ids = iter([paper.facts.certificate_id for paper in papers])

    def answer(one: _Checked | DomainError) -> Recorded | DomainError:
        if isinstance(one, DomainError):
            return one
        row = born.get(next(ids))
        if row is None:
            return domain.PermitOfAnotherPerson() if one.claim.kind in PERMITS else CertificateNumberTaken()
        return Recorded(row.id, row.person_id, row.status, row.number)

    return [answer(one) for one in checked]


def _check(
    claim: Claim,
    person: KnownPerson | None,
    trainings: Mapping[UUID, CompletedEnrolment],
    officer: Principal,
    rules: Rules,
) -> _Checked:
    """The claim in canonical form, or the refusal: holder known here, kind, dates, number and training consistent."""
    if person is None or not officer.covers(person.area):
        raise domain.RecognitionPersonUnknown
    skill = check_skill_level(claim.skill_code, claim.level)
    domain.check_kind(claim.kind, skill.kind)
    domain.check_act(claim.kind, claim.act, claim.valid_until)
    domain.check_last_day(claim.issued_on, claim.valid_until)
    training = trainings.get(claim.enrolment_id) if claim.enrolment_id else None
    if claim.enrolment_id is not None:
        if training is None or (training.person_id, training.skill_code, training.level, training.act) != (
            claim.person_id,
            skill.code,
            claim.level,
            claim.act,
        ):
            raise domain.RecognitionEnrolmentDiffers
        domain.check_completion(training.completed_on, claim.assessed_on, claim.issued_on)
    domain.check_dates(claim.assessed_on, claim.issued_on, claim.decided_on, rules.day)
    if claim.basis is RecognitionBasis.DIRECT_RECOGNITION and not rules[RuleName.DIRECT_RECOGNITION]:
        raise domain.DirectRecognitionOff
    return _Checked(
        claim=claim,
        person=person,
        training=training,
        skill_code=skill.code,
        body=canonical_credit_code(claim.body),
        number=domain.canonical_number(claim.kind, claim.number, claim.issued_on, claim.level),
    )


async def _papers(uow: UnitOfWork, accepted: Sequence[_Checked]) -> list[Paper]:
    """What is signed for each claim."""
    papers = []
    for one in accepted:
        certificate_id, hidden = uuid7(), one.claim.kind in PERMITS
        number = await _surrogate(uow, one.claim) if hidden else one.number
        papers.append(
            Paper(
                _facts(one, certificate_id, number),
                basis=one.claim.basis.value,
                area=one.person.area,
                number_encrypted=_encrypted(uow.keys.fields, one.number, certificate_id) if hidden else None,
                number_index=_indexed(uow.keys.fields, one.number) if hidden else None,
            )
        )
    return papers


async def _surrogate(uow: UnitOfWork, claim: Claim) -> str:
    """A public number for a permit, counted with those that are issued here."""
    year = claim.issued_on.year
    (serial,) = await next_serials(uow, certificates.surrogate_series(claim.kind, year), 1)
    return certificates.surrogate_number(claim.kind, year, serial)


def _encrypted(cipher: FieldCipher, number: str, certificate_id: UUID) -> bytes:
    return cipher.encrypt(number, table="certificates", column="number_encrypted", row=certificate_id)


def _indexed(cipher: FieldCipher, number: str) -> bytes:
    return cipher.blind_index(domain.permit_holder_number(number), purpose=PERMIT_NUMBERS)


def _facts(one: _Checked, certificate_id: UUID, number: str) -> CertificateFacts:
    claim, training = one.claim, one.training
    return CertificateFacts(
        certificate_id=certificate_id,
        kind=claim.kind.value,
        number=number,
        person_id=claim.person_id,
        subject_digest=one.person.subject_digest,
        skill_code=one.skill_code,
        level=claim.level,
        act=claim.act,
        body=one.body,
        channel=domain.channel_of(training.channel if training else None, claim.body_kind),
        assessed_on=claim.assessed_on,
        completed_on=training.completed_on if training else None,
        issued_on=claim.issued_on,
        valid_until=claim.valid_until,
        voucher_id=training.voucher_id if training else None,
        enrolment_id=claim.enrolment_id,
    )


async def _record(uow: UnitOfWork, papers: Sequence[tuple[_Checked, Paper]], born: set[UUID], recorder: UUID) -> None:
    """Write the basis of each certificate that was born; the database demands it before the commit."""
    rows: list[dict[str, Any]] = [
        {
            "certificate_id": paper.facts.certificate_id,
            "basis": paper.basis,
            "person_id": paper.facts.person_id,
            "skill_code": paper.facts.skill_code,
            "level": paper.facts.level,
            "act": paper.facts.act,
            "source": one.claim.source,
            "evidence_digest": one.claim.evidence_digest,
            "decided_on": one.claim.decided_on,
            "recorded_by": recorder,
            "recorded_at": uow.now,
        }
        for one, paper in papers
        if paper.facts.certificate_id in born
    ]
    if rows:
        await uow.session.execute(insert(Recognition), rows)


async def verify_recognition(
    uow: UnitOfWork, certificate_id: UUID, answer: RegisterAnswer, source: str, officer: Principal
) -> None:
    """Another officer records what the register, or the file of the decision, says of an imported certificate.

    `verified` makes it valid; `not_found_yet` is asked again later; `contradicted` proposes its revocation, which yet
    another officer approves.
    """
    await certificate_service.lock_imported(uow, certificate_id, officer)
    recorder = await queries.recorder_of(uow, certificate_id)
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
        await certificate_service.mark_verified(uow, certificate_id)
    elif answer is RegisterAnswer.CONTRADICTED:
        await certificate_service.propose_revocation(uow, certificate_id, CONTRADICTED, officer)
