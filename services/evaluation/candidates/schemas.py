"""What is said about candidates over HTTP."""

from datetime import date
from uuid import UUID

from services.evaluation.candidates.domain import CandidateState, EntryBasis
from services.evaluation.candidates.service import Removal
from shared.contracts.fields import Act, Channel, Code
from shared.http import Body, View


class MarkCandidatesAbsentRow(Body):
    """A candidate who did not come."""

    candidate_id: UUID
    reason_code: Code = "absent"

    def removal(self) -> Removal:
        """What the command takes."""
        return Removal(self.candidate_id, self.reason_code)


class VoidCandidatesRow(Body):
    """A candidate whose result does not count."""

    candidate_id: UUID
    reason_code: Code

    def removal(self) -> Removal:
        """What the command takes."""
        return Removal(self.candidate_id, self.reason_code)


class AppealResultRequest(Body):
    """Why the person objects."""

    reason_code: Code


class CandidateView(View):
    """A candidate of an assessment session. Scores appear once both assessors have signed the same."""

    id: UUID
    status: CandidateState
    version: int
    session_id: UUID
    person_id: UUID
    enrolment_id: UUID | None
    voucher_id: UUID | None
    skill_code: str
    level: int
    act: Act
    occasion: str
    held_on: date
    channel: Channel
    """By which channel the certificate will count: enterprise, school or social (D13)."""
    attempt: int
    entry_basis: EntryBasis
    theory: int | None
    practice: int | None
    review: int | None
    reason_code: str | None
    """Why absent, voided or appealed; null otherwise."""
