"""An objection to a payout on public notice: by real name, frozen at once, decided by two officers (D19)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle
from shared.reference.calendar import is_provisional


class ObjectionState(StrEnum):
    """Where an objection stands."""

    FILED = "filed"
    PROPOSED = "proposed"
    """One officer proposed how it is decided; another decides."""
    UPHELD = "upheld"
    """The payout stays frozen, and is rejected."""
    DISMISSED = "dismissed"


class ObjectionAction(StrEnum):
    """What is done about an objection."""

    FILE = "file"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    UPHOLD = "uphold"
    DISMISS = "dismiss"


class Outcome(StrEnum):
    """How an objection may be decided."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Channel(StrEnum):
    """How an objection came."""

    APP = "app"
    COUNTER = "counter"
    OFFICER = "officer"
    """By telephone or letter; an officer wrote it down."""


_S, _A = ObjectionState, ObjectionAction
OPEN = (_S.FILED, _S.PROPOSED)
"""Waiting for officers, with a deadline."""

OBJECTION = Lifecycle(
    "payout.objection",
    {
        (None, _A.FILE): Edge(_S.FILED, emits="objection.filed"),
        (_S.FILED, _A.PROPOSE): Edge(_S.PROPOSED, emits="objection.decision_proposed"),
        (_S.PROPOSED, _A.SEND_BACK): Edge(_S.FILED, emits="objection.sent_back"),
        (_S.PROPOSED, _A.UPHOLD): Edge(_S.UPHELD, emits="objection.upheld"),
        (_S.PROPOSED, _A.DISMISS): Edge(_S.DISMISSED, emits="objection.dismissed"),
    },
    {
        _S.FILED: ByPeople("an officer who had no part in the payout", "objection"),
        _S.PROPOSED: ByPeople("another officer", "objection"),
    },
)


@dataclass(frozen=True, slots=True)
class ObjectionRules:
    """The dated rules of objections."""

    objection_working_days: int
    """Within so many whole working days after its filing an objection is decided (D19)."""


class ObjectionNotFound(NotFound):
    """No such objection in the caller's scope."""

    code = "objection_not_found"
    zh, en = "未找到该异议", "There is no such objection."


class ObjectionExists(Conflict):
    """One person objects to a payout once at a time."""

    code = "objection_exists"
    policy = "D19"
    zh, en = "您对该项兑现的异议正在处理", "This person's objection to the payout is being dealt with already."


class ObjectorNotNamed(Forbidden):
    """Objections are by real name: a worker's own, and an officer says whose it is."""

    code = "objector_not_named"
    policy = "D19"
    zh, en = (
        "异议须实名:本人提出,或由工作人员代录并注明异议人",
        "A worker objects in person; an officer says who objects.",
    )


class ObjectionSamePerson(Conflict):
    """Two natural persons decide an objection, neither of them who objects or whose payout it is."""

    code = "objection_same_person"
    policy = "D19"
    zh, en = (
        "异议须由两名不同人员办理,且不得为异议人或受益人",
        "Two officers decide an objection, neither who objects nor whose payout it is.",
    )


@dataclass(frozen=True, slots=True)
class Filing:
    """What somebody objects to, and why; never printed."""

    payout_id: UUID
    statement: str
    evidence_digest: str | None
    channel: Channel
    person_id: UUID | None
    """Who objects, where an officer writes it down."""


@dataclass(frozen=True, slots=True)
class ObjectionFacts:
    """An objection as decisions and answers read it, without its text."""

    id: UUID
    status: ObjectionState
    version: int
    created_at: datetime
    payout_id: UUID
    area: str
    objector_id: UUID
    filed_by: UUID
    channel: str
    evidence_digest: str | None
    due_on: date
    outcome: str | None
    reason_code: str | None
    proposed_by: UUID | None
    decided_by: UUID | None

    @property
    def calendar_provisional(self) -> bool:
        """Whether the deadline runs into a year without a published calendar (R19)."""
        return is_provisional(business_date(self.created_at), self.due_on)

    def check_officer(self, records: Set[UUID]) -> None:
        """`ObjectionSamePerson` if the person of `records` objected, or took the step before."""
        if records & {self.objector_id, self.proposed_by}:
            raise ObjectionSamePerson
