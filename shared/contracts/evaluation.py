"""Events of the evaluation service 评价·持证: bodies, assessors, assessments, certificates."""

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
    Occasion,
    OrganisationEvent,
    PublicCertificateNumber,
    ScopeItem,
    SkillCode,
)
from shared.kernel.occasion import FIRST


class BodyEvent(OrganisationEvent):
    """What every event of an assessing body carries: its kind, and what it may assess and when."""

    kind: BodyKind
    scope: tuple[ScopeItem, ...]


class BodyListedV1(BodyEvent, service="evaluation", name="body.listed"):
    """The body is in the catalogue."""


class BodyScopeAmendedV1(BodyEvent, service="evaluation", name="body.scope_amended"):
    """Lines were added to the body's scope, or ended; `scope` is the whole scope."""


class BodySuspendedV1(BodyEvent, service="evaluation", name="body.suspended"):
    """The body may schedule and confirm no assessment until it is reinstated."""


class BodyReinstatedV1(BodyEvent, service="evaluation", name="body.reinstated"):
    """The suspension is over."""


class BodyRemovedV1(BodyEvent, service="evaluation", name="body.removed"):
    """The body left the catalogue for good."""


class AssessorRegisteredV1(AggregateEvent, service="evaluation", name="assessor.registered"):
    """A body named a person as its assessor (考评员)."""

    person_id: UUID
    body: CreditCode


class AssessorQualifiedV1(AggregateEvent, service="evaluation", name="assessor.qualified"):
    """A body named further skills of an assessor; `body` is that body."""

    person_id: UUID
    body: CreditCode


class AssessorStruckOffV1(AggregateEvent, service="evaluation", name="assessor.struck_off"):
    """An officer struck the assessor off for what was found."""

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
    """A body planned an assessment."""


class AssessmentSessionOpenedV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.opened"):
    """The assessment began; no candidate is added any more."""


class AssessmentSessionScoredV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.scored"):
    """Everybody is scored, absent or voided: the supervisor may confirm."""


class AssessmentSessionConfirmedV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.confirmed"):
    """The supervisor, who is neither assessor, confirmed the results; `flags` are signs of waving through."""

    candidates: Count = 0
    passed: Count = 0
    flags: tuple[Code, ...] = ()


class AssessmentSessionPanelReplacedV1(
    AssessmentSessionEvent, service="evaluation", name="assessment_session.panel_replaced"
):
    """Before the opening, the body put others in the place of the assessors or the supervisor."""

    assessor_1_id: UUID
    assessor_2_id: UUID
    supervisor_id: UUID
    reason_code: Code


class AssessmentSessionCancelledV1(AssessmentSessionEvent, service="evaluation", name="assessment_session.cancelled"):
    """The assessment is not held, and its candidates are free."""

    reason_code: Code


class CandidateEvent(AggregateEvent):
    """What every event of a candidate carries; a resit is a new candidate."""

    session_id: UUID
    person_id: UUID
    voucher_id: UUID | None
    enrolment_id: UUID | None


class CandidateAdmittedV1(CandidateEvent, service="evaluation", name="candidate.admitted"):
    """The person may sit this assessment."""


class CandidateSatV1(CandidateEvent, service="evaluation", name="candidate.sat"):
    """The person came: an assessor has signed scores."""


class CandidateScoredV1(CandidateEvent, service="evaluation", name="candidate.scored"):
    """Both assessors signed the same scores."""


class CandidatePassedV1(CandidateEvent, service="evaluation", name="candidate.passed"):
    """The confirmed scores reach the pass marks (D17)."""


class CandidateFailedV1(CandidateEvent, service="evaluation", name="candidate.failed"):
    """The confirmed scores do not reach the pass marks; with no attempt left the series is over (R8)."""

    attempts_left: Count | None = None


class CandidateAbsentV1(CandidateEvent, service="evaluation", name="candidate.absent"):
    """The person did not come; no attempt is used up."""


class CandidateVoidedV1(CandidateEvent, service="evaluation", name="candidate.voided"):
    """The result does not count, for a breach of the rules."""


class CandidateCancelledV1(CandidateEvent, service="evaluation", name="candidate.cancelled"):
    """The session was not held; no attempt is used up."""

    reason_code: Code


class CandidateAppealedV1(CandidateEvent, service="evaluation", name="candidate.appealed"):
    """The person objects to the result."""


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
    occasion: Occasion = FIRST
    review_due_on: date | None = None
    """The day by which a permit is reviewed next (R7); None for the other kinds, and in events of before."""


class CertificateIssuedV1(CertificateFields, service="evaluation", name="certificate.issued"):
    """A passed candidate got a certificate, which is valid at once."""


class CertificateImportedV1(CertificateFields, service="evaluation", name="certificate.imported"):
    """A certificate from elsewhere was recorded with its basis; it counts for nothing until it is verified."""


class CertificateVerifiedV1(CertificateFields, service="evaluation", name="certificate.verified"):
    """The outside register confirmed an imported certificate, which is valid from now on."""


class CertificateStatusFields(AggregateEvent):
    """Since which day a certificate has its new status, and why."""

    since: date
    reason_code: Code


class CertificateSuspendedV1(CertificateStatusFields, service="evaluation", name="certificate.suspended"):
    """The certificate is not valid for the time being."""


class CertificateReinstatedV1(CertificateStatusFields, service="evaluation", name="certificate.reinstated"):
    """The suspension is over."""


class CertificateRevocationProposedV1(AggregateEvent, service="evaluation", name="certificate.revocation_proposed"):
    """An officer asks another one to revoke; the status stays as it is."""

    reason_code: Code


class CertificateRevokedV1(CertificateStatusFields, service="evaluation", name="certificate.revoked"):
    """Two officers withdrew the certificate for good."""


class CertificateExpiredV1(CertificateStatusFields, service="evaluation", name="certificate.expired"):
    """A permit's last day has passed, or that of its review without one."""


class CertificateSupersededV1(CertificateStatusFields, service="evaluation", name="certificate.superseded"):
    """A newer certificate replaces this one."""
