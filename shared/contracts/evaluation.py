"""Events of the evaluation service 评价·持证: bodies, assessments, certificates. Audit hears all of them."""

from datetime import date
from uuid import UUID

from shared.contracts.fields import (
    Act,
    AggregateEvent,
    BodyKind,
    CertificateKind,
    Channel,
    Code,
    CompactJws,
    Count,
    CreditCode,
    Level,
    OrganisationEvent,
    PublicCertificateNumber,
    ScopeItem,
    SkillCode,
)


class BodyEvent(OrganisationEvent):
    """What every event of an assessing body carries: its kind, and what it may assess and when."""

    kind: BodyKind
    scope: tuple[ScopeItem, ...]


class BodyListedV1(BodyEvent, service="evaluation", name="body.listed"):
    """The body is on the catalogue; heard by audit."""


class BodyScopeAmendedV1(BodyEvent, service="evaluation", name="body.scope_amended"):
    """Lines were added to the body's scope, or ended; heard by audit."""


class BodySuspendedV1(BodyEvent, service="evaluation", name="body.suspended"):
    """No new assessment until reinstated; heard by audit."""


class BodyReinstatedV1(BodyEvent, service="evaluation", name="body.reinstated"):
    """The suspension is over; heard by audit."""


class BodyRemovedV1(BodyEvent, service="evaluation", name="body.removed"):
    """The body left the catalogue for good; heard by audit."""


class AssessorRegisteredV1(AggregateEvent, service="evaluation", name="assessor.registered"):
    """A body named a person as its assessor (考评员); heard by audit."""

    person_id: UUID
    body: CreditCode


class AssessorQualifiedV1(AggregateEvent, service="evaluation", name="assessor.qualified"):
    """A body named further skills of an assessor; heard by audit."""

    person_id: UUID
    body: CreditCode


class AssessorStruckOffV1(AggregateEvent, service="evaluation", name="assessor.struck_off"):
    """An officer struck the assessor off for what was found; heard by audit."""

    person_id: UUID
    reason_code: Code


class AssessmentSessionEvent(AggregateEvent):
    """What every event of an assessment session carries."""

    body: CreditCode
    skill_code: SkillCode
    level: Level
    act: Act
    held_on: date


class AssessmentSessionScheduledV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.scheduled"):
    """A body planned an assessment; heard by audit."""


class AssessmentSessionOpenedV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.opened"):
    """The assessment began; heard by audit."""


class AssessmentSessionScoredV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.scored"):
    """Both assessors signed all scores; heard by audit."""


class AssessmentSessionConfirmedV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.confirmed"):
    """The supervisor, who is neither, confirmed the results, `flags` are signs of waving through; heard by audit."""

    candidates: Count = 0
    passed: Count = 0
    flags: tuple[Code, ...] = ()


class CandidateEvent(AggregateEvent):
    """What every event of a candidate carries; a resit is a new candidate."""

    session_id: UUID
    person_id: UUID
    voucher_id: UUID | None
    enrolment_id: UUID | None


class CandidateAdmittedV1(CandidateEvent, service="evaluation", name="candidate.admitted"):
    """The person may sit this assessment; heard by audit."""


class CandidateSatV1(CandidateEvent, service="evaluation", name="candidate.sat"):
    """The person came and was identified; heard by audit."""


class CandidateScoredV1(CandidateEvent, service="evaluation", name="candidate.scored"):
    """Two assessors agree on the scores; heard by audit."""


class CandidatePassedV1(CandidateEvent, service="evaluation", name="candidate.passed"):
    """The confirmed scores reach the pass mark (D17); heard by audit."""


class CandidateFailedV1(CandidateEvent, service="evaluation", name="candidate.failed"):
    """The confirmed scores do not reach the pass mark; heard by audit."""


class CandidateAbsentV1(CandidateEvent, service="evaluation", name="candidate.absent"):
    """The person did not come; heard by audit."""


class CandidateVoidedV1(CandidateEvent, service="evaluation", name="candidate.voided"):
    """The result does not count, for a breach of the rules; heard by audit."""


class CandidateAppealedV1(CandidateEvent, service="evaluation", name="candidate.appealed"):
    """The person objects to the result; heard by audit."""


class CertificateFields(AggregateEvent):
    """The signed certificate and what is read from it; `number` is the public surrogate for permits (DOMAIN §2)."""

    jws: CompactJws
    kind: CertificateKind
    number: PublicCertificateNumber
    voucher_id: UUID | None
    enrolment_id: UUID | None
    person_id: UUID
    skill_code: SkillCode
    level: Level
    act: Act
    assessed_on: date | None
    completed_on: date | None
    issued_on: date
    body: CreditCode
    channel: Channel


class CertificateIssuedV1(CertificateFields, service="evaluation", name="certificate.issued"):
    """A passed candidate got a certificate, valid from birth; voucher certifies, payout keeps a verified copy."""


class CertificateImportedV1(CertificateFields, service="evaluation", name="certificate.imported"):
    """A certificate of another body was recorded with its basis; voucher certifies, payout keeps a verified copy."""


class CertificateVerifiedV1(CertificateFields, service="evaluation", name="certificate.verified"):
    """The outside register confirmed an imported certificate, valid from now on; heard as `.imported` is."""


class CertificateStatusFields(AggregateEvent):
    """Since which day a certificate has its new status, and why."""

    since: date
    reason_code: Code


class CertificateSuspendedV1(CertificateStatusFields, service="evaluation", name="certificate.suspended"):
    """The certificate is not valid for the time being; payout holds."""


class CertificateReinstatedV1(CertificateStatusFields, service="evaluation", name="certificate.reinstated"):
    """The suspension is over; payout lifts its hold."""


class CertificateRevocationProposedV1(AggregateEvent, service="evaluation", name="certificate.revocation_proposed"):
    """An officer asks another one to revoke; the status stays as it is; heard by audit."""

    reason_code: Code


class CertificateRevokedV1(CertificateStatusFields, service="evaluation", name="certificate.revoked"):
    """The certificate is withdrawn for good; voucher keeps it, payout rejects or opens a clawback case."""


class CertificateExpiredV1(CertificateStatusFields, service="evaluation", name="certificate.expired"):
    """A permit ran out without a review; payout keeps the status."""


class CertificateSupersededV1(CertificateStatusFields, service="evaluation", name="certificate.superseded"):
    """A newer certificate replaces this one; payout keeps the status."""
