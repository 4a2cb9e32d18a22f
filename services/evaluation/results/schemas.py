"""What is said about results over HTTP."""

from uuid import UUID

from services.evaluation.certificates.service import Issued
from services.evaluation.sessions.domain import SessionState
from shared.http import View


class IssuedView(View):
    """A certificate that was issued to a candidate."""

    id: UUID
    number: str
    candidate_id: UUID
    person_id: UUID


class ConfirmationView(View):
    """A confirmed session: how many were assessed and passed, the certificates that it gave, and those withheld because
    the person has a suspended one of the kind. `flags` are signs for the officers who supervise."""

    id: UUID
    status: SessionState
    version: int
    candidates: int
    passed: int
    flags: list[str]
    certificates: list[IssuedView]
    withheld: list[UUID]


class AppealDecisionView(View):
    """A decided appeal and the certificate that it gave, if any."""

    candidate_id: UUID
    passed: bool
    certificates: list[IssuedView]
    withheld: list[UUID]


def issued_views(issued: Issued) -> list[IssuedView]:
    """The certificates of `issued`, by candidate."""
    return [
        IssuedView(id=row.id, number=row.number, candidate_id=candidate_id, person_id=row.person_id)
        for candidate_id, row in issued.certificates.items()
    ]
