"""What is said about admissions over HTTP."""

from uuid import UUID

from services.evaluation.admissions.domain import Application, Entry
from services.evaluation.candidates.domain import EntryBasis
from shared.contracts.fields import ShortText
from shared.http import Body


class EntryRequest(Body):
    """The ground of entry (申报条件), with the record that proves it."""

    basis: EntryBasis
    """Schooling, a lower certificate, or work experience."""
    evidence: ShortText | None = None


class AdmitCandidatesRow(Body):
    """Somebody to admit: a completed enrolment, or a person without one."""

    enrolment_id: UUID | None = None
    """The completed enrolment that leads to the assessment; then no `person_id`."""
    person_id: UUID | None = None
    """The person, who has no enrolment here; then no `enrolment_id`."""
    entry: EntryRequest | None = None
    affiliation: ShortText | None = None

    def application(self) -> Application:
        """What the command takes."""
        entry = None if self.entry is None else Entry(self.entry.basis, self.entry.evidence)
        return Application(self.enrolment_id, self.person_id, entry, self.affiliation)
