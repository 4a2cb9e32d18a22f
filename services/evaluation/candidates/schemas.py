"""What is said about candidates over HTTP."""

from datetime import date
from uuid import UUID

from services.evaluation.candidates.domain import CandidateState, EntryBasis
from services.evaluation.candidates.service import Removal
from shared.contracts.fields import Code
from shared.http import Body, View


class AbsenceRow(Body):
    """A candidate who did not come."""

    candidate_id: UUID
    reason_code: Code = "absent"

    def removal(self) -> Removal:
        """The command's item."""
        return Removal(self.candidate_id, self.reason_code)


class VoidingRow(Body):
    """A candidate whose result does not count."""

    candidate_id: UUID
    reason_code: Code

    def removal(self) -> Removal:
        """The command's item."""
        return Removal(self.candidate_id, self.reason_code)


class AppealRequest(Body):
    """Why the person objects."""

    reason_code: Code


class CandidateView(View):
    """A candidate; scores appear once both assessors agree."""

    id: UUID
    status: CandidateState
    version: int
    session_id: UUID
    person_id: UUID
    enrolment_id: UUID | None
    voucher_id: UUID | None
    skill_code: str
    level: int
    act: str
    held_on: date
    channel: str
    attempt: int
    entry_basis: EntryBasis
    theory: int | None
    practice: int | None
    review: int | None
    reason_code: str | None
