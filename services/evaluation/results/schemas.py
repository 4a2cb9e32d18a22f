"""What is said about results over HTTP."""

from typing import Self
from uuid import UUID

from services.evaluation.assessment_sessions.domain import AssessmentSessionState
from services.evaluation.assessment_sessions.service import SessionRow
from services.evaluation.certificates.service import Issued
from services.evaluation.results.domain import Flag
from shared.http import View


class IssuedCertificateView(View):
    """A certificate that was issued to a candidate."""

    id: UUID
    """The certificate's id."""
    number: str
    candidate_id: UUID
    person_id: UUID


class ConfirmationView(View):
    """A confirmed session and the certificates that it gave."""

    id: UUID
    """The session's id."""
    status: AssessmentSessionState
    version: int
    candidates: int
    """How many results were confirmed."""
    passed: int
    """How many of them passed."""
    flags: list[Flag]
    """Signs of waving through, for the officers who supervise; they decide nothing."""
    certificates: list[IssuedCertificateView]
    """The certificates that were issued."""
    withheld: list[UUID]
    """Candidates who passed and got none: their certificate of the skill and level is suspended, or the permit
    that they had reviewed was revoked."""

    @classmethod
    def of(cls, session: SessionRow, issued: Issued) -> Self:
        """What came of a confirmation."""
        return cls(
            id=session.id,
            status=AssessmentSessionState(session.status),
            version=session.version,
            candidates=session.candidates or 0,
            passed=session.passed or 0,
            flags=[Flag(flag) for flag in session.flags or []],
            certificates=_views(issued),
            withheld=issued.withheld,
        )


class AppealDecisionView(View):
    """A decided appeal and the certificate that it gave, if any."""

    candidate_id: UUID
    passed: bool
    """Whether the candidate passed after all."""
    certificates: list[IssuedCertificateView]
    """The certificate that was issued, if they passed."""
    withheld: list[UUID]
    """The candidate, if they passed and got none: their certificate of the skill and level is suspended, or the permit
    that they had reviewed was revoked."""

    @classmethod
    def of(cls, candidate_id: UUID, issued: Issued) -> Self:
        """What came of an appeal: who passed has a certificate, or would have one."""
        return cls(
            candidate_id=candidate_id,
            passed=bool(issued.certificates or issued.withheld),
            certificates=_views(issued),
            withheld=issued.withheld,
        )


def _views(issued: Issued) -> list[IssuedCertificateView]:
    return [
        IssuedCertificateView(id=row.id, number=row.number, candidate_id=candidate_id, person_id=row.person_id)
        for candidate_id, row in issued.certificates.items()
    ]
