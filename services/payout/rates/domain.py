"""What a certificate is worth: the rate row in force on the day of assessment (DOMAIN §4, 5)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle

TRAINING_BENEFIT = "training"
TRAINING_PROGRAMMES = frozenset({"training_voucher"})
"""The training benefits that are paid here; all of them are one exclusion group (§二(二)5, A13)."""


def benefit_of(programme: str) -> str:
    """The exclusion group of a programme: `training` for every training benefit, otherwise the programme itself."""
    return TRAINING_BENEFIT if programme in TRAINING_PROGRAMMES else programme


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the rate table; `valid_to` is the last day, None while it is in force."""

    id: int
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    valid_from: date
    valid_to: date | None
    payee: str
    source: str

    def covers(self, day: date) -> bool:
        """Whether the row is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of all programmes and dates; `find` gives the one in force."""

    rates: Sequence[Rate]

    def find(self, programme: str, *, kind: str, level: int, act: str, on: date) -> Rate | None:
        """The one row for this certificate on the day of its assessment; None if there is none."""
        asked = (programme, kind, level, act)
        for rate in self.rates:
            if (rate.programme, rate.certificate_kind, rate.level, rate.act) == asked and rate.covers(on):
                return rate
        return None


class RateState(StrEnum):
    """A change of the table is proposed by one officer and decided by another."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class RateAction(StrEnum):
    """What officers do to a change."""

    PROPOSE = "propose"
    APPROVE = "approve"
    REJECT = "reject"


RATE = Lifecycle(
    "payout.rate",
    {
        (None, RateAction.PROPOSE): Edge(RateState.PROPOSED, emits="rate.proposed"),
        (RateState.PROPOSED, RateAction.APPROVE): Edge(RateState.APPROVED, emits="rate.approved"),
        (RateState.PROPOSED, RateAction.REJECT): Edge(RateState.REJECTED, emits="rate.rejected"),
    },
    {
        RateState.PROPOSED: ByPeople("another officer"),
    },
)


class RateNotFound(NotFound):
    """No such row of the rate table."""

    code = "rate_not_found"
    zh, en = "未找到该标准", "There is no such rate."


class RateChangeNotFound(NotFound):
    """No such change of the rate table."""

    code = "rate_change_not_found"
    zh, en = "未找到该标准变更", "There is no such change of a rate."


class RateOverlaps(Conflict):
    """Two rows for the same certificate are never in force on one day; a correction ends the old one."""

    code = "rate_overlaps"
    policy = "R22"
    zh, en = "与现行标准的有效期重叠", "Another rate for this certificate is in force on these days; correct or end it."


class RateDaysInvalid(Invalid):
    """A row's last day is not before its first, and a correction begins after the first day of the row it ends."""

    code = "rate_days_invalid"
    policy = "R22"
    zh, en = "有效期无效", "These days are not a term of validity."


class RateChangeSamePerson(Conflict):
    """Whoever proposes a rate and whoever approves it are two natural persons."""

    code = "rate_change_same_person"
    policy = "R22"
    zh, en = "标准变更的提议与批准须由不同自然人办理", "A rate is proposed and approved by two natural persons."


class RateCityOfficerNeeded(Forbidden):
    """The rates are the city's."""

    code = "rate_city_officer_needed"
    policy = "R22"
    zh, en = "标准由市级人员办理", "Only officers of the city change rates."


@dataclass(frozen=True, slots=True)
class NewRate:
    """What a row of the table is to say; `rate_id` is the row that it takes the place of, None for an addition."""

    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    valid_from: date
    valid_to: date | None
    payee: str
    source: str
    rate_id: int | None = None

    def check_days(self, replaced: Rate | None) -> None:
        """`RateDaysInvalid` unless the term is one, and leaves the replaced row at least its first day."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise RateDaysInvalid
        if replaced is not None and self.valid_from <= replaced.valid_from:
            raise RateDaysInvalid


@dataclass(frozen=True, slots=True)
class RateChangeFacts:
    """A change as decisions and answers read it."""

    id: UUID
    status: RateState
    version: int
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    valid_from: date
    valid_to: date | None
    payee: str
    source: str
    rate_id: int | None
    proposed_by: UUID

    def check_second_officer(self, records: Set[UUID]) -> None:
        """`RateChangeSamePerson` if the person of `records` proposed."""
        if self.proposed_by in records:
            raise RateChangeSamePerson


@dataclass(frozen=True, slots=True)
class Difference:
    """A payout that was decided at the old rate for a day on which the new one holds: a supplement is for people."""

    payout_id: UUID
    paid_fen: int
    rate_fen: int
