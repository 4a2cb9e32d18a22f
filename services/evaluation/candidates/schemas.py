"""What is said about candidates over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.evaluation.admissions.domain import Entry, EntryBasis
from services.evaluation.admissions.service import Application
from services.evaluation.candidates.domain import CandidateState, names_nobody
from services.evaluation.candidates.service import Removal
from shared.contracts.fields import Code
from shared.http import Body, View

Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(names_nobody)]


class EntryRequest(Body):
    """The ground of entry: schooling, a lower certificate, work experience; `evidence` names the record."""

    basis: EntryBasis
    evidence: Reference | None = None


class CandidateRow(Body):
    """Somebody to admit: a completed enrolment, or a person without one.

    `affiliation` names the record of employment or study where no enrolment proves it: employers and schools assess
    their own.
    """

    enrolment_id: UUID | None = None
    person_id: UUID | None = None
    entry: EntryRequest | None = None
    affiliation: Reference | None = None

    def application(self) -> Application:
        """The command's item."""
        entry = None if self.entry is None else Entry(self.entry.basis, self.entry.evidence)
        return Application(self.enrolment_id, self.person_id, entry, self.affiliation)


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
    """A candidate; marks appear once both assessors agree."""

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
