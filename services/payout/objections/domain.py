"""Objections by real name: to what is on public notice, frozen at once (D19), and to a final rejection (R2, D27)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.payout.payouts.domain import PayoutFacts
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle
from shared.reference.calendar import is_provisional


class About(StrEnum):
    """What is objected to."""

    NOTICE = "notice"
    """A payout on public notice, which anybody may object to (D19)."""
    REJECTION = "rejection"
    """A payout rejected for good, which its holder and its payee may object to, once (R2, D27)."""


class ObjectionState(StrEnum):
    """Where an objection stands."""

    FILED = "filed"
    """Against a notice: one officer proposes how it is decided."""
    PROPOSED = "proposed"
    """One officer proposed how it is decided; another decides."""
    LODGED = "lodged"
    """Against a final rejection: a third officer decides."""
    UPHELD = "upheld"
    """What stands on a notice stays frozen, and is rejected; what was rejected is opened anew."""
    DISMISSED = "dismissed"


class ObjectionAction(StrEnum):
    """What is done about an objection."""

    FILE = "file"
    LODGE = "lodge"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    CONFIRM = "confirm"


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
OPEN = (_S.FILED, _S.PROPOSED, _S.LODGED)
"""Waiting for officers, with a deadline."""

OBJECTION = Lifecycle(
    "payout.objection",
    {
        (None, _A.FILE): Edge(_S.FILED, emits="objection.filed"),
        (_S.FILED, _A.PROPOSE): Edge(_S.PROPOSED, emits="objection.decision_proposed"),
        (_S.PROPOSED, _A.SEND_BACK): Edge(_S.FILED, emits="objection.sent_back"),
        (_S.PROPOSED, _A.UPHOLD): Edge(_S.UPHELD, emits="objection.upheld"),
        (_S.PROPOSED, _A.DISMISS): Edge(_S.DISMISSED, emits="objection.dismissed"),
        (None, _A.LODGE): Edge(_S.LODGED, emits="objection.lodged"),
        (_S.LODGED, _A.REOPEN): Edge(_S.UPHELD, emits="objection.upheld"),
        (_S.LODGED, _A.CONFIRM): Edge(_S.DISMISSED, emits="objection.dismissed"),
    },
    {
        _S.FILED: ByPeople("an officer who had no part in the payout", "objection"),
        _S.PROPOSED: ByPeople("another officer", "objection"),
        _S.LODGED: ByPeople("an officer who neither held nor rejected the payout", "objection"),
    },
)


@dataclass(frozen=True, slots=True)
class ObjectionRules:
    """The dated rules of objections."""

    objection_working_days: int
    """Within so many whole working days after it was made an objection is decided (D19, D27)."""


class ObjectionNotFound(NotFound):
    """No such objection in the caller's scope."""

    code = "objection_not_found"
    zh, en = "未找到该异议", "There is no such objection."


class ObjectionExists(Conflict):
    """One person objects to a payout once at a time."""

    code = "objection_exists"
    policy = "D19"
    zh, en = "您对该项兑现的异议正在处理", "This person's objection to the payout is being dealt with already."


class RejectionNotFinal(Conflict):
    """Only what two officers rejected for good is objected to; what was returned is corrected and claimed anew."""

    code = "rejection_not_final"
    policy = "R2"
    zh, en = "该兑现未被作出不予兑现决定", "The payout is not rejected for good."


class ObjectionTooLate(Conflict):
    """The working days for objecting to a final rejection are over."""

    code = "objection_too_late"
    policy = "D27"
    zh, en = "提出异议的期限已于 {until} 届满", "Objections could be made until the end of {until}."


class ObjectedOnce(Conflict):
    """One objection, and one reopening: the decision on it is the end."""

    code = "objected_once"
    policy = "R2"
    zh, en = (
        "对不予兑现决定只能提出一次异议,该券的兑现已提出过异议",
        "A final rejection is objected to once, and for this voucher somebody has done so.",
    )


class ObjectorNotParty(Conflict):
    """Whose voucher it is, or who would be paid, objects to a rejection, and nobody else."""

    code = "objector_not_party"
    policy = "D27"
    zh, en = "异议人须为持券人本人", "The person whom the officer names does not hold the voucher."


class ObjectorNotNamed(Forbidden):
    """Objections are by real name: a worker's own, and an officer says whose it is."""

    code = "objector_not_named"
    policy = "D19"
    zh, en = (
        "异议须实名:本人提出,或由工作人员代录并注明异议人",
        "A worker objects in person; an officer says who objects.",
    )


class ObjectionSamePerson(Conflict):
    """Who decides had no hand in it, or in the rejection, and is neither who objects nor whose payout it is."""

    code = "objection_same_person"
    policy = "D19"
    zh, en = (
        "办理异议的人员须与其他经办人及作出原决定的人员不同,且不得为异议人或受益人",
        "Who decides an objection had no hand in it or in the rejection, does not object, and is not paid.",
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
    about: About
    payout_id: UUID
    area: str
    objector_id: UUID
    organisation: str | None
    """The payee in whose name they object; None for a person's own."""
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


def check_lodging(payout: PayoutFacts, until: date | None, today: date) -> None:
    """Raise unless a payout was rejected for good, for the first time, and `until` is not over (R2, D27)."""
    if not payout.final:
        raise RejectionNotFinal
    if until is None:
        raise ObjectedOnce
    if today > until:
        raise ObjectionTooLate(until=until)
