"""What is said about results over HTTP."""

from typing import Self
from uuid import UUID

from services.evaluation.assessment_sessions.domain import AssessmentSessionState
from services.evaluation.assessment_sessions.service import SessionRow
from services.evaluation.certificates.service import Issued
from shared.http import View


class IssuedView(View):
    """A certificate that was issued to a candidate."""

    id: UUID
    number: str
    candidate_id: UUID
    person_id: UUID


class ConfirmationView(View):
    """A confirmed session: how many were assessed and passed, the certificates that it gave, and those withheld because
    the person has a suspended one of the skill and level. `flags` are signs for the officers who supervise."""

    id: UUID
    status: AssessmentSessionState
    version: int
    candidates: int
    passed: int
    flags: list[str]
    certificates: list[IssuedView]
    withheld: list[UUID]

    @classmethod
    def of(cls, session: SessionRow, issued: Issued) -> Self:
        """What came of a confirmation."""
        return cls(
            id=session.id,
            status=AssessmentSessionState(session.status),
            version=session.version,
            candidates=session.candidates or 0,
            passed=session.passed or 0,
            flags=session.flags or [],
            certificates=_views(issued),
            withheld=issued.withheld,
        )


class AppealDecisionView(View):
    """A decided appeal and the certificate that it gave, if any."""

    candidate_id: UUID
    passed: bool
    certificates: list[IssuedView]
    withheld: list[UUID]

    @classmethod
    def of(cls, candidate_id: UUID, issued: Issued) -> Self:
        """What came of an appeal: who passed has a certificate, or would have one."""
        return cls(
            candidate_id=candidate_id,
            passed=bool(issued.certificates or issued.withheld),
            certificates=_views(issued),
            withheld=issued.withheld,
        )


def _views(issued: Issued) -> list[IssuedView]:
    return [
        IssuedView(id=row.id, number=row.number, candidate_id=candidate_id, person_id=row.person_id)
        for candidate_id, row in issued.certificates.items()
    ]
