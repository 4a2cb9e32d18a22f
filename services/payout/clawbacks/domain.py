"""追回: the life cycle of a debt to a fund, what is set off against it, and how it ends (R4, D29)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.clock import months_later
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle


class ClawbackState(StrEnum):
    """Where a case stands. What is owed is owed in every state from `open` to `enforced`."""

    PROPOSED = "proposed"
    OPEN = "open"
    INSTALMENTS = "instalments"
    OVERDUE = "overdue"
    ENFORCED = "enforced"
    """Handed over to enforcement (移送强制执行); money still counts when it comes."""
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    REJECTED = "rejected"


class ClawbackAction(StrEnum):
    """What can be done to a case."""

    PROPOSE = "propose"
    OPEN = "open"
    REJECT = "reject"
    PROPOSE_MEASURE = "propose_measure"
    ENDORSE_MEASURE = "endorse_measure"
    REJECT_MEASURE = "reject_measure"
    AGREE = "agree"
    HAND_OVER = "hand_over"
    WRITE_OFF = "write_off"
    RECOVER = "recover"
    SETTLE = "settle"
    LAPSE = "lapse"


_S, _A = ClawbackState, ClawbackAction

OWING = (_S.OPEN, _S.INSTALMENTS, _S.OVERDUE, _S.ENFORCED)
"""The debtor owes, and later payouts of the same payee from the same fund are set off."""
CLAWBACK = Lifecycle(
    "payout.clawback",
    {
        (None, _A.PROPOSE): Edge(_S.PROPOSED, emits="clawback.proposed"),
        (None, _A.OPEN): Edge(_S.OPEN, emits="clawback.opened"),
        (_S.PROPOSED, _A.OPEN): Edge(_S.OPEN, emits="clawback.opened"),
        (_S.PROPOSED, _A.REJECT): Edge(_S.REJECTED, emits="clawback.rejected"),
        **{
            (state, _A.PROPOSE_MEASURE): Edge(state, emits="clawback.measure_proposed", details=("measure",))
            for state in OWING
        },
        **{
            (state, _A.ENDORSE_MEASURE): Edge(state, emits="clawback.measure_endorsed", details=("measure",))
            for state in OWING
        },
        **{
            (state, _A.REJECT_MEASURE): Edge(state, emits="clawback.measure_rejected", details=("measure",))
            for state in OWING
        },
        (_S.OPEN, _A.AGREE): Edge(_S.INSTALMENTS, emits="clawback.instalments_agreed"),
        (_S.OVERDUE, _A.AGREE): Edge(_S.INSTALMENTS, emits="clawback.instalments_agreed"),
        (_S.OPEN, _A.LAPSE): Edge(_S.OVERDUE, emits="clawback.overdue"),
        (_S.INSTALMENTS, _A.LAPSE): Edge(_S.OVERDUE, emits="clawback.overdue"),
        **{
            (state, _A.HAND_OVER): Edge(_S.ENFORCED, emits="clawback.handed_over")
            for state in OWING
            if state is not _S.ENFORCED
        },
        **{(state, _A.WRITE_OFF): Edge(_S.WRITTEN_OFF, emits="clawback.written_off") for state in OWING},
        **{
            (state, _A.RECOVER): Edge(state, emits="clawback.recovered", details=("recovered_fen", "cause"))
            for state in OWING
        },
        **{(state, _A.SETTLE): Edge(_S.SETTLED, emits="clawback.settled") for state in OWING},
    },
    {
        _S.PROPOSED: ByPeople("another officer"),
        _S.OPEN: ByClock("payout.lapse_clawbacks", "its time to pay back is over"),
        _S.INSTALMENTS: ByClock("payout.lapse_clawbacks", "an instalment is missing"),
        _S.OVERDUE: ByPeople("officers: instalments, enforcement or writing off"),
        _S.ENFORCED: ByPeople("officers, with what enforcement brought"),
    },
)


class Measure(StrEnum):
    """What officers propose about a case; another one decides."""

    FRAUD = "fraud"
    INSTALMENTS = "instalments"
    ENFORCEMENT = "enforcement"
    WRITE_OFF = "write_off"


TAKES = {
    Measure.FRAUD: ClawbackAction.OPEN,
    Measure.INSTALMENTS: ClawbackAction.AGREE,
    Measure.ENFORCEMENT: ClawbackAction.HAND_OVER,
    Measure.WRITE_OFF: ClawbackAction.WRITE_OFF,
}
"""The edge that a measure takes once it is decided."""


class MovementKind(StrEnum):
    """Why what is owed grows (`debt`, once) or shrinks."""

    DEBT = "debt"
    OFFSET = "offset"
    INCOMING = "incoming"
    WRITE_OFF = "write_off"


class ClawbackNotFound(NotFound):
    """No such case in the caller's scope."""

    code = "clawback_not_found"
    zh, en = "未找到该追回案件", "There is no such clawback case."


class ClawbackExists(Conflict):
    """A payout has one case, whatever says that the money is owed back."""

    code = "clawback_exists"
    policy = "R4"
    zh, en = "该兑现记录已有追回案件", "There is a clawback case for this payout already."


class PayoutNotPaid(Conflict):
    """Only what was paid is owed back; what was not is rejected."""

    code = "payout_not_paid"
    policy = "R4"
    zh, en = "该兑现记录未支付,不能追回", "Nothing was paid for this payout; reject it instead."


class ClawbackSamePerson(Conflict):
    """Whoever proposes, endorses and decides are different natural persons, none of them the debtor."""

    code = "clawback_same_person"
    policy = "D29"
    zh, en = (
        "追回事项的提议、会签与决定须由不同自然人办理",
        "A measure is proposed and decided by different natural persons.",
    )


class MeasurePending(Conflict):
    """Another proposal about this case waits."""

    code = "measure_pending"
    policy = "R4"
    zh, en = "该案件已有待决定的提议", "Another proposal about this case waits: decide it first."


class MeasureInvalid(Invalid):
    """Instalments say into how many parts and from which day on; nothing else does."""

    code = "measure_invalid"
    policy = "R4"
    zh, en = (
        "分期须写明期数和不早于今日的首期日期,其他措施不得填写",
        "Instalments need parts and a first day from today on; nothing else has them.",
    )


class MeasureMissing(Conflict):
    """Nothing is proposed about this case."""

    code = "measure_missing"
    policy = "R4"
    zh, en = "该案件没有待决定的提议", "Nothing is proposed about this case."


class CityOfficerForWriteOff(Forbidden):
    """What is written off above the limit needs three, the last of them of the city."""

    code = "city_officer_for_write_off"
    policy = "D29"
    zh, en = "超过限额的核销须由市级人员最后决定", "Above the limit a city officer decides last on a write-off."


class OffsetPending(Conflict):
    """A payment that is with the bank was set off against this debt: its answer comes first."""

    code = "offset_pending"
    policy = "R4"
    zh, en = (
        "有抵扣款项正待银行答复,请稍后办理",
        "A payment set off against this debt is with the bank; its answer comes first.",
    )


@dataclass(frozen=True, slots=True)
class ClawbackRules:
    """The dated rules of clawback."""

    clawback_days: int
    """How many days the debtor has to pay (D29)."""
    write_off_by_two_most_fen: int
    """Up to this amount two officers write off; above it three, the last of the city (D29)."""


@dataclass(frozen=True, slots=True)
class ClawbackFacts:
    """A case as decisions and answers read it. Amounts in fen."""

    id: UUID
    status: ClawbackState
    version: int
    created_at: datetime
    payout_id: UUID
    fund_id: UUID
    area: str
    debtor_kind: str
    debtor_id: str
    amount_fen: int
    outstanding_fen: int
    reason_code: str
    due_on: date | None
    measure: Measure | None
    measure_by: UUID | None
    endorsed_by: UUID | None
    measure_parts: int | None
    measure_due_on: date | None
    plan_parts: int | None
    plan_due_on: date | None
    plan_fen: int | None

    @property
    def debt(self) -> tuple[str, str, UUID]:
        """Who owes, to which fund: only payouts of both are set off (专款专用)."""
        return self.debtor_kind, self.debtor_id, self.fund_id

    def pending_measure(self) -> Measure:
        """What waits for a decision; `MeasureMissing` if nothing does."""
        if self.measure is None:
            raise MeasureMissing
        return self.measure

    def check_new_officer(self, records: Set[UUID]) -> None:
        """`ClawbackSamePerson` if the person of `records` proposed or endorsed, or owes the money."""
        if records & {self.measure_by, self.endorsed_by} or self.debtor_id in map(str, records):
            raise ClawbackSamePerson

    def needs_third(self, rules: ClawbackRules) -> bool:
        """Whether the write-off is above the limit for two and nobody has endorsed it yet."""
        above = self.outstanding_fen > rules.write_off_by_two_most_fen
        return self.measure is Measure.WRITE_OFF and above and self.endorsed_by is None

    def needs_city(self, rules: ClawbackRules) -> bool:
        """Whether the last who decides on the measure is of the city."""
        return self.measure is Measure.WRITE_OFF and self.outstanding_fen > rules.write_off_by_two_most_fen


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a debtor's statement, fen."""

    id: UUID
    kind: MovementKind
    amount_fen: int
    business_at: datetime


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of an agreed plan, fen."""

    due_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Offset:
    """What of one instruction goes to one debt instead of to its payee, fen."""

    instruction_id: UUID
    clawback_id: UUID
    amount_fen: int


def plan_offsets(
    instruction_id: UUID, owed_fen: int, debts: Sequence[ClawbackFacts], free_fen: Mapping[UUID, int]
) -> list[Offset]:
    """What is set off from a payment of `owed_fen`: oldest debt first, never more than a debt, nor than the payment.

    `free_fen` is by debt what no other payment under way is set off against.
    """
    offsets = []
    for debt in sorted(debts, key=lambda debt: debt.id):
        amount_fen = min(owed_fen, free_fen[debt.id])
        if amount_fen > 0:
            offsets.append(Offset(instruction_id, debt.id, amount_fen))
            owed_fen -= amount_fen
    return offsets


def instalments(outstanding_fen: int, parts: int, first_due_on: date) -> list[Instalment]:
    """Equal monthly parts from `first_due_on` that sum to what is owed; what does not divide is in the first."""
    base_fen, rest_fen = divmod(outstanding_fen, parts)
    return [
        Instalment(months_later(first_due_on, place), base_fen + (rest_fen if place == 0 else 0))
        for place in range(parts)
    ]


def plan_ends_on(parts: int, first_due_on: date) -> date:
    """The last day on which the plan still holds."""
    return months_later(first_due_on, parts - 1)
