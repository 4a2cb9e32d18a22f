"""Issuing certificates, and everything that happens to them afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.assessment_sessions.domain import AssessmentSessionFacts
from services.evaluation.candidates.domain import PassedCandidate
from services.evaluation.certificates import domain, queries
from services.evaluation.certificates.domain import (
    CertificateAction,
    CertificateAlreadyLive,
    CertificateState,
    PermitDays,
    Verdict,
    Verification,
)
from services.evaluation.certificates.models import AssessedCertificate, Certificate
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.occasion import act_of, due_on
from shared.persistence import UnitOfWork, rules_on
from shared.persons import Person, keep_merges_out, known_persons, natural_persons
from shared.reference.skills import canonical_skill
from shared.security import (
    CertificateFacts,
    CertificateSignatureInvalid,
    Principal,
    sign_certificate,
    verify_certificate,
)

CertificateRow: TypeAlias = Certificate
"""A certificate as neighbours read it."""
Outcome: TypeAlias = Certificate | DomainError
"""What comes of one row of a request: the certificate, or why not."""
RENEWED = "newer_certificate"


@dataclass(frozen=True, slots=True)
class Draft:
    """A certificate about to be created: what is signed, whose officers look after it, its holder's name, a permit's
    hidden number."""

    facts: CertificateFacts
    basis: str
    area: str
    masked_name: str | None
    number_encrypted: bytes | None = None
    number_index: bytes | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """Certificates that were issued, by candidate, and who passed but has a suspended one of the skill and level, or a
    permit to review no more."""

    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    withheld: list[UUID] = field(default_factory=list)


async def issue_certificates(
    uow: UnitOfWork, session: AssessmentSessionFacts, passed: Sequence[PassedCandidate]
) -> Issued:
    """Give passed candidates of one confirmed session their certificates (§二(二)5, 7), numbered and signed.

    A person has one live certificate of a skill and level: a valid one is superseded by the new one, under a suspended
    one nothing is issued, so that a suspension cannot be washed away; nor for the review of a permit that was revoked
    since the admission (R7).
    """
    if not passed:
        return Issued()
    people = await known_persons(uow, {candidate.person_id for candidate in passed})
    records = {record for person in people.values() for record in person.records}
    live = await queries.lock_live(
        uow, records, session.skill_code, session.level, against="two certificates of one person, skill and level"
    )
    barred = {row.person_id for row in live if row.status == CertificateState.SUSPENDED}
    days = await _permit_days(uow, session, passed, people)
    entitled = [
        candidate
        for candidate in passed
        if candidate.id in days and people[candidate.person_id].records.isdisjoint(barred)
    ]
    renewed = {record for candidate in entitled for record in people[candidate.person_id].records}
    values = {"since": uow.today, "reason_code": RENEWED}
    superseded = [row.id for row in live if row.person_id in renewed]
    await uow.move_all(Certificate, CertificateAction.SUPERSEDE, superseded, values=values)
    drafts = await _drafts(uow, session, entitled, people, days)
    created = await _create(uow, CertificateAction.ISSUE, drafts)
    by_person = {row.person_id: row for row in created}
    issued = {candidate.id: by_person[candidate.person_id] for candidate in entitled}
    await _record_bases(uow, session, issued)
    return Issued(issued, [candidate.id for candidate in passed if candidate.id not in issued])


async def _drafts(
    uow: UnitOfWork,
    session: AssessmentSessionFacts,
    passed: Sequence[PassedCandidate],
    people: Mapping[UUID, Person],
    days: Mapping[UUID, PermitDays],
) -> list[Draft]:
    """What each certificate will say, with consecutive numbers of one series; permits with their last day."""
    if not passed:
        return []
    kind, year = _kind_of(session), uow.today.year
    serials = await queries.next_serials(uow, domain.number_series(kind, session, year), len(passed))
    return [
        Draft(
            CertificateFacts(
                certificate_id=uuid7(),
                kind=kind.value,
                number=domain.number_of(kind, session, year, serial),
                person_id=candidate.person_id,
                subject_digest=people[candidate.person_id].subject_digest,
                skill_code=session.skill_code,
                level=session.level,
                act=act_of(candidate.occasion),
                occasion=candidate.occasion,
                body=session.body,
                channel=candidate.channel,
                assessed_on=session.held_on,
                completed_on=candidate.completed_on,
                issued_on=uow.today,
                valid_until=days[candidate.id].valid_until,
                review_due_on=days[candidate.id].review_due_on,
                voucher_id=candidate.voucher_id,
                enrolment_id=candidate.enrolment_id,
            ),
            basis="assessment",
            area=session.area,
            masked_name=people[candidate.person_id].masked_name,
        )
        for candidate, serial in zip(passed, serials, strict=True)
    ]


def _kind_of(session: AssessmentSessionFacts) -> domain.CertificateKind:
    return domain.kind_of_certificate(canonical_skill(session.skill_code).kind, session.body_kind)


async def _permit_days(
    uow: UnitOfWork, session: AssessmentSessionFacts, passed: Sequence[PassedCandidate], people: Mapping[UUID, Person]
) -> dict[UUID, PermitDays]:
    """The last days of each certificate, by candidate: a review counts on from the permit that was due (R7).

    Who has that permit no more is left out.
    """
    kind, rules = _kind_of(session), await rules_on(uow, Rules, uow.today)
    if session.act == "first":
        return dict.fromkeys([candidate.id for candidate in passed], domain.first_days(kind, uow.today, rules))
    records = {record for candidate in passed for record in people[candidate.person_id].records}
    permits = await queries.lock_reviewed(uow, records, session.skill_code, session.level)
    days = {}
    for candidate in passed:
        due = due_on(candidate.occasion)
        for permit in permits:
            same = permit.review_due_on == due and permit.person_id in people[candidate.person_id].records
            if due is not None and same:
                days[candidate.id] = domain.reviewed_days(kind, permit.valid_until, due, rules)
    return days


async def _create(
    uow: UnitOfWork, action: CertificateAction, drafts: Sequence[Draft], *, skip_conflicts: bool = False
) -> list[Certificate]:
    """Sign and insert; the basis of each is written in the same unit of work, which the database demands."""
    key = uow.keys.certificate_signing
    rows = [
        {
            **draft.facts.model_dump(exclude={"certificate_id"}),
            "id": draft.facts.certificate_id,
            "basis": draft.basis,
            "area": draft.area,
            "masked_name": draft.masked_name,
            "number_encrypted": draft.number_encrypted,
            "number_index": draft.number_index,
            "jws": sign_certificate(draft.facts, key),
        }
        for draft in drafts
    ]
    return await uow.create_all(Certificate, action, rows, skip_conflicts=skip_conflicts)


async def _record_bases(uow: UnitOfWork, session: AssessmentSessionFacts, issued: Mapping[UUID, Certificate]) -> None:
    """Tie each certificate to its passed candidate."""
    rows = [
        {
            "certificate_id": certificate.id,
            "candidate_id": candidate_id,
            "session_id": session.id,
            "person_id": certificate.person_id,
            "skill_code": session.skill_code,
            "level": session.level,
            "act": session.act,
            "occasion": certificate.occasion,
        }
        for candidate_id, certificate in issued.items()
    ]
    if rows:
        await uow.session.execute(insert(AssessedCertificate), rows)


async def suspend_certificate(
    uow: UnitOfWork, certificate_id: UUID, reason_code: str, officer: Principal
) -> Certificate:
    """Suspend a certificate while something is looked into; payout holds what rests on it."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="a revocation meanwhile")
    row.since, row.reason_code = uow.today, reason_code
    uow.move(row, CertificateAction.SUSPEND)
    return row


async def reinstate_certificate(
    uow: UnitOfWork, certificate_id: UUID, reason_code: str, officer: Principal
) -> Certificate:
    """End a suspension."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="a revocation meanwhile")
    row.since, row.reason_code = uow.today, reason_code
    uow.move(row, CertificateAction.REINSTATE)
    return row


async def propose_revocation(
    uow: UnitOfWork, certificate_id: UUID, reason_code: str, officer: Principal
) -> Certificate:
    """An officer proposes to revoke; the status stays until another one approves. A later proposal replaces it."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="an approval meanwhile")
    mark_revocation_proposed(uow, row, reason_code, officer.person)
    return row


def mark_revocation_proposed(uow: UnitOfWork, row: Certificate, reason_code: str, proposed_by: UUID) -> None:
    """Note who proposes to revoke a locked certificate, and why."""
    row.revocation_reason_code, row.revocation_proposed_by = reason_code, proposed_by
    uow.move(row, CertificateAction.PROPOSE_REVOCATION, reason_code=reason_code)


async def approve_revocation(uow: UnitOfWork, certificate_id: UUID, officer: Principal) -> Certificate:
    """Another officer approves, and the certificate is revoked for good (§二(二)5); payout rejects or claws back."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="another proposal meanwhile")
    row.lifecycle.edge(row.status, CertificateAction.REVOKE)
    await keep_merges_out(uow)
    proposer = row.revocation_proposed_by
    natural = await natural_persons(uow, {officer.person} if proposer is None else {proposer, officer.person})
    domain.check_second_officer(natural[proposer] if proposer else None, natural[officer.person])
    row.since, row.reason_code, row.revoked_by = uow.today, row.revocation_reason_code, officer.person
    uow.move(row, CertificateAction.REVOKE)
    return row


async def import_certificates(uow: UnitOfWork, drafts: Sequence[Draft]) -> list[Certificate]:
    """Certificates from elsewhere, first `imported`; one whose number is taken is left out.

    The caller writes the basis of each in the same unit of work.
    """
    return await _create(uow, CertificateAction.IMPORT, drafts, skip_conflicts=True)


async def lock_imported(uow: UnitOfWork, certificate_id: UUID, officer: Principal) -> Certificate:
    """A certificate that still has to be verified, locked; refuses any other."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="two answers of the register")
    row.lifecycle.edge(row.status, CertificateAction.VERIFY)
    return row


async def mark_verified(uow: UnitOfWork, row: Certificate) -> None:
    """An imported certificate, locked, is valid from now on, unless its holder has one of the kind already.

    A permit that was reviewed elsewhere takes the place of the one that was due (R7), unless that one is suspended.
    """
    person = (await known_persons(uow, [row.person_id]))[row.person_id]
    against = "two certificates of one person, skill and level"
    live = await queries.lock_live(uow, person.records, row.skill_code, row.level, against=against)
    if any(other.status == CertificateState.SUSPENDED or not _renews(row, other) for other in live):
        raise CertificateAlreadyLive
    values = {"since": uow.today, "reason_code": RENEWED}
    await uow.move_all(Certificate, CertificateAction.SUPERSEDE, [other.id for other in live], values=values)
    uow.move(row, CertificateAction.VERIFY)


def _renews(row: Certificate, other: Certificate) -> bool:
    """Whether the review counts on from the other, or a later day than the other's next."""
    due = due_on(row.occasion)
    return due is not None and other.review_due_on is not None and due >= other.review_due_on


async def verify_text(uow: UnitOfWork, jws: str) -> Verification:
    """What can be said of a signed certificate that somebody shows (§二(二)7): forged, unknown here, or its status."""
    try:
        facts = verify_certificate(jws, uow.keys.certificates)
    except CertificateSignatureInvalid:
        return Verification(Verdict.CONTRADICTED)
    found = await queries.find_certificate(uow, facts.certificate_id)
    if found is None:
        return Verification(Verdict.NOT_FOUND_YET)
    if found.jws != jws:
        return Verification(Verdict.CONTRADICTED)
    return _with_print(domain.verification_of(found.status), found)


async def verify_number(uow: UnitOfWork, number: str, issued_on: date | None) -> Verification:
    """What can be said of a number: one that cannot exist is contradicted, one that could but is not here is not found
    yet, because an outside register is a week or two behind.

    Serials follow one another, so a number alone is no sign of the paper: only with its day of issue is the answer what
    the paper must say, and with another day it is contradicted.
    """
    canonical = domain.read_number(number)
    if canonical is None:
        return Verification(Verdict.CONTRADICTED)
    found = await queries.with_number(uow, canonical)
    answer = domain.verification_of(found.status if found else None)
    if found is None or issued_on is None:
        return answer
    return _with_print(answer, found) if found.issued_on == issued_on else Verification(Verdict.CONTRADICTED)


def _with_print(answer: Verification, certificate: Certificate) -> Verification:
    return replace(answer, printed=certificate) if answer.verdict is Verdict.VERIFIED else answer
