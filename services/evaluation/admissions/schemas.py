"""What is said about admissions over HTTP."""

from uuid import UUID

from services.evaluation.admissions.domain import Application, Entry
from services.evaluation.candidates.domain import EntryBasis
from shared.contracts.fields import ShortText
from shared.http import Body


class EntryRequest(Body):
    """The ground of entry: schooling, a lower certificate, work experience; `evidence` names the record."""

    basis: EntryBasis
    evidence: ShortText | None = None


class ApplicationRow(Body):
    """Somebody to admit: a completed enrolment, or a person without one.

    `affiliation` names the record of employment or study where no enrolment proves it: employers and schools assess
    their own.
    """

    enrolment_id: UUID | None = None
    person_id: UUID | None = None
    entry: EntryRequest | None = None
    affiliation: ShortText | None = None

    def application(self) -> Application:
        """The command's item."""
        entry = None if self.entry is None else Entry(self.entry.basis, self.entry.evidence)
        return Application(self.enrolment_id, self.person_id, entry, self.affiliation)
