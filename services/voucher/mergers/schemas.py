"""What mergers' routes take and show. The evidence is written and read by officers alone, and never shown here."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from shared.contracts.fields import Code
from shared.http import Body, View

Evidence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ProposeMergerRequest(Body):
    """Which records are of one person, which of them stands, and what shows it."""

    person_id: UUID
    """The record that is to stand no more."""
    survivor_id: UUID
    """The record of the same person that is to stand."""
    reason_code: Code
    evidence: Evidence
    """What the officer saw, in words: the papers and their numbers."""


class ProposeSeparationRequest(Body):
    """Why merged records are of two persons after all."""

    reason_code: Code
    evidence: Evidence
    """What the officer saw, in words: the papers and their numbers."""


class MergerView(View):
    """A merger of two records, as it stands."""

    id: UUID
    person_id: UUID
    """The record that stands no more once they are merged."""
    survivor_id: UUID
    """The record that stands for both once they are merged."""
    status: str
    version: int
    reason_code: str
    """Why they are to be merged."""
    proposed_by: UUID
    """The officer who proposed the merger."""
    decided_by: UUID | None
    """The officer who approved or refused it; null until then."""
    merged_at: AwareDatetime | None
    """When they were merged; null if they were not."""
    separation_reason_code: str | None
    """Why the merger is to be undone; null if nobody proposes it."""
    separation_proposed_by: UUID | None
    """The officer who proposed to undo it; null if nobody does."""
    separated_by: UUID | None
    """The officer who undid it; null if it stands."""
