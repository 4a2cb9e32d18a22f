"""Funds: a budget by source, area and year, what it may pay (§三(三)), and the double entry of its money."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests

WHOLE_CITY = "410400"


class FundState(StrEnum):
    """An open fund reserves and pays in its year. Carried over it pays what it had reserved; closed, it has ended."""

    PROPOSED = "proposed"
    OPEN = "open"
    CARRIED_OVER = "carried_over"
    CLOSED = "closed"
    REJECTED = "rejected"


class FundAction(StrEnum):
    """What finance does to a fund. What is not proposed or given up is a second officer's approval."""

    PROPOSE = "propose"
    OPEN = "open"
    RAISE = "raise"
    PROPOSE_REDUCTION = "propose_reduction"
    REDUCE = "reduce"
    PROPOSE_CARRY_OVER = "propose_carry_over"
    CARRY_OVER = "carry_over"
    PROPOSE_CLOSING = "propose_closing"
    CLOSE = "close"
    REJECT = "reject"


_S, _A = FundState, FundAction

_UNCLOSED = (_S.OPEN, _S.CARRIED_OVER)
_OPENED = (*_UNCLOSED, _S.CLOSED)


def _edge(to: FundState, emits: str) -> Edge:
    return Edge(to, emits=f"fund.{emits}", details=("amount_fen",))


FUND = Lifecycle(
    "payout.fund",
    {
        (None, _A.PROPOSE): _edge(_S.PROPOSED, "proposed"),
        (_S.PROPOSED, _A.OPEN): _edge(_S.OPEN, "opened"),
        (_S.PROPOSED, _A.REJECT): _edge(_S.REJECTED, "rejected"),
        (_S.OPEN, _A.PROPOSE): _edge(_S.OPEN, "proposed"),
        (_S.OPEN, _A.RAISE): _edge(_S.OPEN, "raised"),
        **{(state, _A.PROPOSE_REDUCTION): _edge(state, "reduction_proposed") for state in _OPENED},
        **{(state, _A.REDUCE): _edge(state, "reduced") for state in _OPENED},
        (_S.OPEN, _A.PROPOSE_CARRY_OVER): _edge(_S.OPEN, "carry_over_proposed"),
        (_S.OPEN, _A.CARRY_OVER): _edge(_S.CARRIED_OVER, "carried_over"),
        **{(state, _A.PROPOSE_CLOSING): _edge(state, "closing_proposed") for state in _UNCLOSED},
        **{(state, _A.CLOSE): _edge(_S.CLOSED, "closed") for state in _UNCLOSED},
        **{(state, _A.REJECT): _edge(state, "rejected") for state in _OPENED},
    },
    {
        _S.PROPOSED: ByPeople("another finance officer"),
        _S.OPEN: ByPeople("two finance officers, once its year is over", counted_as="fund_year_over"),
        _S.CARRIED_OVER: Rests("it pays what it had reserved"),
    },
)

ENDINGS = {
    FundState.CARRIED_OVER: (FundAction.PROPOSE_CARRY_OVER, FundAction.CARRY_OVER),
    FundState.CLOSED: (FundAction.PROPOSE_CLOSING, FundAction.CLOSE),
}
"""How a state that is proposed is proposed, and taken."""


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
    zh, en = "该资金已有待批准的提议", "Another proposal about this fund waits: approve or reject it first."


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
    zh, en = "核减不得超过可用余额 {available_fen} 分", "Only what nobody claimed, {available_fen} fen, is taken away."


class FundYearOver(Conflict):
    """After 31 December a fund takes no money, and pays no more until it is carried over."""

    code = "fund_year_over"
    policy = "R24"
    zh, en = "{year} 年度已结束,资金结转后方可拨付", "The year {year} is over; carried over by two, the fund pays on."


class FundYearNotOver(Conflict):
    """A fund is carried over after 31 December of its year."""

    code = "fund_year_not_over"
    policy = "R24"
    zh, en = "{year} 年度尚未结束,不得结转", "The year {year} is not over: nothing is carried over yet."


class FundStillReserved(Conflict):
    """A fund is closed when nothing is reserved in it any more."""

    code = "fund_still_reserved"
    policy = "R24"
    zh, en = "资金尚有预留 {reserved_fen} 分,不得关闭", "The fund still reserves {reserved_fen} fen for payouts."


@dataclass(frozen=True, slots=True)
class FundRulesOfDay:
    """The dated rules of funds."""

    fund_budget_most_fen: int
    """The largest budget that a fund may have, fen (R24)."""
    fund_year_over_working_days: int
    """How many working days of a new year an old year's fund may wait for its officers (R24)."""


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
    proposed_status: FundState | None
    proposed_by: UUID

    @property
    def available_fen(self) -> int:
        """What can still be reserved."""
        return self.budget_fen - self.reserved_fen - self.spent_fen - self.receivable_fen - self.written_off_fen

    @property
    def is_pending(self) -> bool:
        """Whether something waits for a second officer."""
        return self.proposed_fen is not None or self.proposed_status is not None

    def check_pays(self, today: date) -> None:
        """`FundYearOver` after its year, until it is carried over."""
        if self.status in {FundState.PROPOSED, FundState.OPEN} and today.year > self.year:
            raise FundYearOver(year=self.year)

    def check_growth(self, amount_fen: int, rules: FundRulesOfDay, today: date) -> None:
        """`FundYearOver`, or `FundBudgetTooLarge` if the budget would exceed the bound of the day."""
        self.check_pays(today)
        if self.budget_fen + amount_fen > rules.fund_budget_most_fen:
            raise FundBudgetTooLarge(most_fen=rules.fund_budget_most_fen)

    def check_reduction(self, amount_fen: int) -> None:
        """`FundReductionTooLarge` if the budget would not cover what is claimed of it."""
        if amount_fen > self.available_fen:
            raise FundReductionTooLarge(available_fen=self.available_fen)

    def decide_ending(self, status: FundState, today: date) -> int:
        """What an end that is proposed would give back, fen; `FundProposalPending`, or what speaks against the end."""
        if self.is_pending:
            raise FundProposalPending
        FUND.decide(self.status, ENDINGS[status][0])
        self.check_ending(status, today)
        return self.available_fen

    def check_ending(self, status: FundState, today: date) -> None:
        """`FundYearNotOver` before a carry-over's time, `FundStillReserved` before a closing's."""
        if status is FundState.CARRIED_OVER and today.year <= self.year:
            raise FundYearNotOver(year=self.year)
        if status is FundState.CLOSED and self.reserved_fen:
            raise FundStillReserved(reserved_fen=self.reserved_fen)

    def proposal(self, ending: FundState | None = None) -> int:
        """What waits, fen, negative for a reduction, 0 for an end; `FundProposalMissing` if nothing does, and
        `FundProposalPending` if it is not the `ending` that is asked for."""
        if not self.is_pending:
            raise FundProposalMissing
        if ending not in (None, self.proposed_status):
            raise FundProposalPending
        return self.proposed_fen or 0

    def decide_approval(self, rules: FundRulesOfDay, today: date) -> tuple[FundAction, int]:
        """What a second officer's approval does, and by how much it changes the budget, fen."""
        change_fen = self.proposal()
        if self.proposed_status is not None:
            self.check_ending(self.proposed_status, today)
            return ENDINGS[self.proposed_status][1], -self.available_fen
        if change_fen < 0:
            self.check_reduction(-change_fen)
            return FundAction.REDUCE, change_fen
        self.check_growth(change_fen, rules, today)
        return FundAction.OPEN if self.status is FundState.PROPOSED else FundAction.RAISE, change_fen

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
