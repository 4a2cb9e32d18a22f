"""Issuing certificates, and everything that happens to them afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.certificates import domain, queries
from services.evaluation.certificates.domain import (
    VALIDITY,
    CertificateAction,
    CertificateAlreadyLive,
    CertificateState,
    Grounds,
    Issuer,
    Verdict,
    Verification,
)
from services.evaluation.certificates.models import AssessedCertificate, Certificate
from services.evaluation.person_facts.queries import known_people, natural_persons
from services.evaluation.rules.queries import rules_on
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import (
    CertificateFacts,
    CertificateSignatureInvalid,
    Principal,
    sign_certificate,
    verify_certificate,
)

RENEWED = "newer_certificate"


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate about to be born: what is signed, whose officers look after it, and a permit's hidden number."""

    facts: CertificateFacts
    basis: str
    area: str
    number_encrypted: bytes | None = None
    number_index: bytes | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """Certificates that were issued, by candidate, and candidates who passed but hold a suspended one of the kind."""

    certificates: dict[UUID, Certificate] = field(default_factory=dict)
    withheld: list[UUID] = field(default_factory=list)


async def issue_certificates(uow: UnitOfWork, grounds: Sequence[Grounds], issuer: Issuer) -> Issued:
    """Give passed candidates of one confirmed session their certificates (§二(二)5, 7): numbered, signed, told.

    A person has one live certificate of a skill and level: a valid one is superseded by the new one, under a suspended
    one nothing is issued, so that a suspension cannot be washed away.
    """
    if not grounds:
        return Issued()
    first = grounds[0]
    people = await known_people(uow, [one.person_id for one in grounds])
    records = {record for person in people.values() for record in person.records}
    live = await queries.lock_live(
        uow, records, first.skill_code, first.level, against="two certificates of one person, skill and level"
    )
    barred = {row.person_id for row in live if row.status == CertificateState.SUSPENDED}
    withheld = [one for one in grounds if not people[one.person_id].records.isdisjoint(barred)]
    entitled = [one for one in grounds if one not in withheld]
    renewed = {record for one in entitled for record in people[one.person_id].records}
    await _supersede(uow, [row.id for row in live if row.person_id in renewed])
    papers = await _papers(uow, entitled, issuer, {one: people[one].subject_digest for one in people})
    created = await create_certificates(uow, CertificateAction.ISSUE, papers)
    by_person = {row.person_id: row for row in created}
    issued = {one.candidate_id: by_person[one.person_id] for one in entitled}
    await _record_bases(uow, entitled, issued)
    return Issued(issued, [one.candidate_id for one in withheld])


async def _supersede(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """The locked, valid certificates `ids` give way to newer ones."""
    values = {"since": uow.today, "reason_code": RENEWED}
    await uow.move_all(Certificate, CertificateAction.SUPERSEDE, ids, values=values)


async def _papers(uow: UnitOfWork, grounds: Sequence[Grounds], issuer: Issuer, digests: dict[UUID, str]) -> list[Paper]:
    """What each certificate will say, with consecutive numbers of one series; permits with their last day."""
    if not grounds:
        return []
    first, year = grounds[0], uow.today.year
    serials = await queries.next_serials(uow, domain.number_series(first.kind, issuer, year, first.level), len(grounds))
    validity = VALIDITY.get(first.kind)
    years = (await rules_on(uow, uow.today))[validity] if validity is not None else 0
    return [
        Paper(
            CertificateFacts(
                certificate_id=uuid7(),
                kind=one.kind.value,
                number=domain.certificate_number_of(one.kind, issuer, year, one.level, serial),
                person_id=one.person_id,
                subject_digest=digests[one.person_id],
                skill_code=one.skill_code,
                level=one.level,
                act="review" if one.act == "review" else "first",
                body=one.body,
                channel=one.channel,
                assessed_on=one.assessed_on,
                completed_on=one.completed_on,
                issued_on=uow.today,
                valid_until=domain.last_day(uow.today, years) if validity is not None else None,
                voucher_id=one.voucher_id,
                enrolment_id=one.enrolment_id,
            ),
            basis="assessment",
            area=one.area,
        )
        for one, serial in zip(grounds, serials, strict=True)
    ]


async def create_certificates(
    uow: UnitOfWork, action: CertificateAction, papers: Sequence[Paper], *, skip_conflicts: bool = False
) -> list[Certificate]:
    """Sign and insert; the caller writes the basis of each in the same unit of work."""
    key = uow.keys.certificate_signing
    rows = [
        {
            **paper.facts.model_dump(exclude={"certificate_id"}),
            "id": paper.facts.certificate_id,
            "basis": paper.basis,
            "area": paper.area,
            "number_encrypted": paper.number_encrypted,
            "number_index": paper.number_index,
            "jws": sign_certificate(paper.facts, key),
        }
        for paper in papers
    ]
    return await uow.create_all(Certificate, action, rows, skip_conflicts=skip_conflicts)


async def _record_bases(uow: UnitOfWork, grounds: Sequence[Grounds], issued: dict[UUID, Certificate]) -> None:
    """Tie each certificate to its passed candidate; the database demands it before the commit."""
    rows = [
        {
            "certificate_id": issued[one.candidate_id].id,
            "candidate_id": one.candidate_id,
            "session_id": one.session_id,
            "person_id": one.person_id,
            "skill_code": one.skill_code,
            "level": one.level,
            "act": one.act,
        }
        for one in grounds
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
    row.revocation_reason_code, row.revocation_proposed_by = reason_code, officer.person
    uow.move(row, CertificateAction.PROPOSE_REVOCATION, reason_code=reason_code)
    return row


async def approve_revocation(uow: UnitOfWork, certificate_id: UUID, officer: Principal) -> Certificate:
    """Another officer approves, and the certificate is revoked for good (§二(二)5); payout rejects or claws back."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="another proposal meanwhile")
    row.lifecycle.edge(row.status, CertificateAction.REVOKE)
    proposer = row.revocation_proposed_by
    natural = await natural_persons(uow, {officer.person} if proposer is None else {proposer, officer.person})
    domain.check_second_officer(natural[proposer] if proposer else None, natural[officer.person])
    row.since, row.reason_code, row.revoked_by = uow.today, row.revocation_reason_code, officer.person
    uow.move(row, CertificateAction.REVOKE)
    return row


async def import_papers(uow: UnitOfWork, papers: Sequence[Paper]) -> list[Certificate]:
    """Certificates from elsewhere, created `imported`; one whose number is taken is left out."""
    return await create_certificates(uow, CertificateAction.IMPORT, papers, skip_conflicts=True)


async def lock_imported(uow: UnitOfWork, certificate_id: UUID, officer: Principal) -> None:
    """Lock a certificate that still has to be verified; refuses any other."""
    row = await queries.lock_certificate(uow, certificate_id, officer, against="two answers of the register")
    row.lifecycle.edge(row.status, CertificateAction.VERIFY)


async def mark_verified(uow: UnitOfWork, certificate_id: UUID) -> None:
    """An imported certificate, locked, is valid from now on, unless its holder has one of the kind already."""
    row = await uow.session.get_one(Certificate, certificate_id)
    person = (await known_people(uow, [row.person_id]))[row.person_id]
    against = "two certificates of one person, skill and level"
    if await queries.lock_live(uow, person.records, row.skill_code, row.level, against=against):
        raise CertificateAlreadyLive
    uow.move(row, CertificateAction.VERIFY)


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
    return domain.verification_of(found.status)


async def verify_number(uow: UnitOfWork, number: str) -> Verification:
    """What can be said of a number: one that cannot exist is contradicted, one that could but is not here is not found
    yet, because an outside register is a week or two behind."""
    canonical = domain.read_number(number)
    if canonical is None:
        return Verification(Verdict.CONTRADICTED)
    found = await queries.with_number(uow, canonical)
    return domain.verification_of(found.status if found else None)
