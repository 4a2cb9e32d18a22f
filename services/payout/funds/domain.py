"""Funds: a budget by source, area and year, what it may pay (§三(三)), and the double entry of its money."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle

WHOLE_CITY = "410400"


class FundState(StrEnum):
    """A fund is proposed, and stays open once it is approved; its year bounds what is reserved from it."""

    PROPOSED = "proposed"
    OPEN = "open"
    REJECTED = "rejected"


class FundAction(StrEnum):
    """What finance does to a fund: OPEN, RAISE and REDUCE are a second officer's, who approves what was proposed."""

    PROPOSE = "propose"
    OPEN = "open"
    RAISE = "raise"
    PROPOSE_REDUCTION = "propose_reduction"
    REDUCE = "reduce"
    REJECT = "reject"


FUND = Lifecycle(
    "payout.fund",
    {
        (None, FundAction.PROPOSE): Edge(FundState.PROPOSED, emits="fund.proposed", details=("amount_fen",)),
        (FundState.PROPOSED, FundAction.OPEN): Edge(FundState.OPEN, emits="fund.opened", details=("amount_fen",)),
        (FundState.PROPOSED, FundAction.REJECT): Edge(
            FundState.REJECTED, emits="fund.rejected", details=("amount_fen",)
        ),
        (FundState.OPEN, FundAction.PROPOSE): Edge(FundState.OPEN, emits="fund.proposed", details=("amount_fen",)),
        (FundState.OPEN, FundAction.RAISE): Edge(FundState.OPEN, emits="fund.raised", details=("amount_fen",)),
        (FundState.OPEN, FundAction.PROPOSE_REDUCTION): Edge(
            FundState.OPEN, emits="fund.reduction_proposed", details=("amount_fen",)
        ),
        (FundState.OPEN, FundAction.REDUCE): Edge(FundState.OPEN, emits="fund.reduced", details=("amount_fen",)),
        (FundState.OPEN, FundAction.REJECT): Edge(FundState.OPEN, emits="fund.rejected", details=("amount_fen",)),
    },
    {
        FundState.PROPOSED: ByPeople("another finance officer"),
    },
)


class FundNotFound(NotFound):
    """No such fund in the caller's scope."""

    code = "fund_not_found"
    zh, en = "未找到该资金", "There is no such fund."


class FundExists(Conflict):
    """One fund for each source, area and year; more money is a raise."""

    code = "fund_exists"
    policy = "§三(三)"
    zh, en = "该资金来源、地区、年度的资金已设立", "There is a fund for this source, area and year already; raise it."


class FundProposalPending(Conflict):
    """Another proposal about this fund waits for a second officer."""

    code = "fund_proposal_pending"
    policy = "§三(三)"
    zh, en = (
        "该资金已有待批准的提议",
        "Another proposal about this fund waits: approve or reject it first.",
    )


class FundProposalMissing(Conflict):
    """Nothing is proposed about this fund."""

    code = "fund_proposal_missing"
    policy = "§三(三)"
    zh, en = "该资金没有待批准的提议", "Nothing is proposed about this fund; propose an amount first."


class FundSamePerson(Conflict):
    """Whoever proposes money and whoever approves it are two natural persons."""

    code = "fund_same_person"
    policy = "§三(三)"
    zh, en = "资金提议与批准须由不同自然人办理", "Money is proposed and approved by two natural persons."


class FundBudgetTooLarge(Conflict):
    """A fund's budget stays within the bound of the day."""

    code = "fund_budget_too_large"
    policy = "R24"
    zh, en = "资金预算不得超过 {most_fen} 分", "A fund's budget is at most {most_fen} fen."


class FundReductionTooLarge(Conflict):
    """What is reserved, spent, owed back or given up stays in the budget."""

    code = "fund_reduction_too_large"
    policy = "R24"
    zh, en = (
        "核减不得超过可用余额 {available_fen} 分",
        "Only what nobody has claimed can be taken away: {available_fen} fen.",
    )


@dataclass(frozen=True, slots=True)
class FundRulesOfDay:
    """The dated rules of funds."""

    fund_budget_most_fen: int
    """The largest budget that a fund may have, fen (R24)."""


class FundExhausted(Conflict):
    """Reserved and spent together never exceed the budget."""

    code = "fund_exhausted"
    policy = "§三(三)"
    zh, en = "资金预算不足", "The fund's budget does not cover this."


class FundSourceWithoutRule(Conflict):
    """No rule says what this source may pay."""

    code = "fund_source_without_rule"
    policy = "§三(三)"
    zh, en = "没有该资金来源的使用规定", "No rule says what this source may pay."


@dataclass(frozen=True, slots=True)
class FundFacts:
    """A fund's figures, fen. `area` 410400 is the city's own."""

    id: UUID
    fund_source: str
    area: str
    year: int
    budget_fen: int
    reserved_fen: int
    spent_fen: int
    receivable_fen: int
    written_off_fen: int
    status: FundState
    version: int
    proposed_fen: int | None
    proposed_by: UUID

    @property
    def available_fen(self) -> int:
        """What can still be reserved."""
        return self.budget_fen - self.reserved_fen - self.spent_fen - self.receivable_fen - self.written_off_fen

    def check_growth(self, amount_fen: int, rules: FundRulesOfDay) -> None:
        """`FundBudgetTooLarge` if the budget would exceed the bound of the day."""
        if self.budget_fen + amount_fen > rules.fund_budget_most_fen:
            raise FundBudgetTooLarge(most_fen=rules.fund_budget_most_fen)

    def check_reduction(self, amount_fen: int) -> None:
        """`FundReductionTooLarge` if the budget would not cover what is claimed of it."""
        if amount_fen > self.available_fen:
            raise FundReductionTooLarge(available_fen=self.available_fen)

    def proposal(self) -> int:
        """What waits for a second officer, fen, negative for a reduction; `FundProposalMissing` if nothing does."""
        if self.proposed_fen is None:
            raise FundProposalMissing
        return self.proposed_fen

    def check_second_officer(self, records: Set[UUID]) -> None:
        """`FundSamePerson` if the person of `records` proposed."""
        if self.proposed_by in records:
            raise FundSamePerson


@dataclass(frozen=True, slots=True)
class FundRule:
    """专款专用: a source may pay a programme on these days."""

    fund_source: str
    programme: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class FundRules:
    """All rules of what may be paid from where."""

    rules: Sequence[FundRule]

    def allow(self, fund_source: str, programme: str, on: date) -> bool:
        """Whether `fund_source` may pay `programme` on `on`; what no rule names is not allowed (A19)."""
        return any(
            rule.fund_source == fund_source
            and rule.programme == programme
            and rule.valid_from <= on
            and (rule.valid_to is None or on <= rule.valid_to)
            for rule in self.rules
        )

    def know(self, fund_source: str) -> bool:
        """Whether any rule names the source."""
        return any(rule.fund_source == fund_source for rule in self.rules)


@dataclass(frozen=True, slots=True)
class FundKey:
    """Where a payout's money comes from: a source, the responsible area, the year of the reservation."""

    fund_source: str
    area: str
    year: int


def choose_fund(funds: Sequence[FundFacts], key: FundKey) -> FundFacts | None:
    """The area's own fund; the city's where the area has none of this source and year (市级统筹, §三(一)).

    An area that has a fund waits for its own money: its shortage is not moved to the city unseen.
    """
    by_area = {fund.area: fund for fund in funds if (fund.fund_source, fund.year) == (key.fund_source, key.year)}
    return by_area.get(key.area) or by_area.get(WHOLE_CITY)


def covered_in_order(available_fen: int, amounts_fen: Sequence[int]) -> int:
    """How many of `amounts_fen`, from the first on, `available_fen` covers: nobody is overtaken by a smaller claim."""
    for place, amount_fen in enumerate(amounts_fen):
        available_fen -= amount_fen
        if available_fen < 0:
            return place
    return len(amounts_fen)


class LedgerAccount(StrEnum):
    """The accounts that every fund has. `appropriation` is the source and stands negative."""

    APPROPRIATION = "appropriation"
    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"
    RECEIVABLE = "receivable"
    """Paid, and owed back (R4)."""
    WRITTEN_OFF = "written_off"
    """Owed back once, and given up."""


class LedgerKind(StrEnum):
    """Why money moves."""

    BUDGET = "budget"
    REDUCTION = "reduction"
    RESERVE = "reserve"
    FREE = "free"
    SPEND = "spend"
    RETURN = "return"
    """The bank gives back what it had paid (R23)."""
    RECALL = "recall"
    """What was paid is owed back (R4)."""
    RECOVER = "recover"
    WRITE_OFF = "write_off"


ROUTE = {
    LedgerKind.BUDGET: (LedgerAccount.APPROPRIATION, LedgerAccount.AVAILABLE),
    LedgerKind.REDUCTION: (LedgerAccount.AVAILABLE, LedgerAccount.APPROPRIATION),
    LedgerKind.RESERVE: (LedgerAccount.AVAILABLE, LedgerAccount.RESERVED),
    LedgerKind.FREE: (LedgerAccount.RESERVED, LedgerAccount.AVAILABLE),
    LedgerKind.SPEND: (LedgerAccount.RESERVED, LedgerAccount.SPENT),
    LedgerKind.RETURN: (LedgerAccount.SPENT, LedgerAccount.RESERVED),
    LedgerKind.RECALL: (LedgerAccount.SPENT, LedgerAccount.RECEIVABLE),
    LedgerKind.RECOVER: (LedgerAccount.RECEIVABLE, LedgerAccount.AVAILABLE),
    LedgerKind.WRITE_OFF: (LedgerAccount.RECEIVABLE, LedgerAccount.WRITTEN_OFF),
}
"""From which account to which."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement inside a fund: `amount_fen` > 0 along the route of its kind, for a payout or for the budget."""

    kind: LedgerKind
    fund_id: UUID
    amount_fen: int
    payout_id: UUID | None = None

    def postings(self) -> tuple[tuple[LedgerAccount, int], tuple[LedgerAccount, int]]:
        """The two postings: out of the one account, into the other."""
        source, target = ROUTE[self.kind]
        return (source, -self.amount_fen), (target, self.amount_fen)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a fund keeps, or is to keep, for one payout, fen."""

    fund_id: UUID
    payout_id: UUID
    amount_fen: int

    def transaction(self, kind: LedgerKind) -> Transaction:
        """The whole reservation as one movement."""
        return Transaction(kind, self.fund_id, self.amount_fen, self.payout_id)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account of one fund, fen."""

    fund_id: UUID
    account: LedgerAccount
    balance_fen: int
