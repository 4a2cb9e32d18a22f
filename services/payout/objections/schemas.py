"""What is said in an objection, and how it is shown: who objected, to the administration alone."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from services.payout.objections.domain import About, Channel, Filing, ObjectionFacts, ObjectionState, Outcome
from shared.contracts.fields import Code, Digest
from shared.http import Body, View

Statement = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=2_000)]


class LodgeObjectionRequest(Body):
    """An objection by real name of the holder or the payee to a final rejection."""

    statement: Statement
    """What is wrong; kept encrypted."""
    evidence_digest: Digest | None = None
    """SHA-256 of the evidence, hexadecimal; the evidence itself is kept by the office."""
    channel: Channel = Channel.APP
    person_id: UUID | None = None
    """Who objects, where an officer writes it down; everybody else objects in person."""

    def filing(self, payout_id: UUID) -> Filing:
        """What the command takes."""
        return Filing(payout_id, self.statement, self.evidence_digest, self.channel, self.person_id)


class FileObjectionRequest(LodgeObjectionRequest):
    """An objection by real name to a payout on public notice."""

    payout_id: UUID


class ProposeDecisionRequest(Body):
    """How an objection should be decided, and why."""

    outcome: Outcome
    """Upheld: the payout is rejected. Dismissed: it goes on."""
    reason_code: Code


class RuleOnObjectionRequest(Body):
    """How an objection to a final rejection is decided, and why."""

    outcome: Outcome
    """Upheld: the payout is opened anew. Dismissed: it stays rejected."""
    reason_code: Code


class ObjectionView(View):
    """An objection, as whoever objected sees it too, and both parties to a rejection."""

    id: UUID
    status: ObjectionState
    version: int
    about: About
    """What is objected to: a public notice, or a final rejection."""
    payout_id: UUID
    channel: Channel
    """How it came."""
    filed_at: datetime
    """When it was filed."""
    evidence_digest: str | None
    """SHA-256 of the evidence, hexadecimal."""
    due_on: date
    """The day by whose end it is to be decided."""
    overdue: bool
    """Whether that day is over and nothing was decided."""
    calendar_provisional: bool
    reason_code: str | None
    """Why it is decided so; null before."""

    @classmethod
    def of(cls, objection: ObjectionFacts, today: date) -> "ObjectionView":
        """The objection on a day."""
        late = objection.decided_by is None and objection.due_on < today
        derived = {"filed_at": objection.created_at, "overdue": late}
        own = {name: getattr(objection, name) for name in cls.model_fields if name not in derived}
        if objection.decided_by is None:
            own["reason_code"] = None
        return cls(**own, **derived)


class ObjectionDetailView(ObjectionView):
    """An objection with its text, and inside the administration with those who had a hand in it."""

    statement: str | None
    """What is said to be wrong; null for the other party to a rejection."""
    objector_id: UUID | None
    """Who objects, by person; null outside the administration."""
    organisation: str | None
    """The payee in whose name they object, by credit code; null for a person's own, and outside the administration."""
    outcome: Outcome | None
    """What is proposed, and once decided what was; null outside the administration."""
    proposed_by: UUID | None
    """Who proposed it, by person; null outside the administration."""
    decided_by: UUID | None
    """Who decided, by person; null outside the administration."""
