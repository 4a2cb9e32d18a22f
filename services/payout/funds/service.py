"""What finance does with funds, and how payouts draw on them: lock, post, and the database adds up."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import insert

from services.payout.funds import queries
from services.payout.funds.domain import (
    ENDINGS,
    FundAction,
    FundFacts,
    FundNotFound,
    FundProposalPending,
    FundRulesOfDay,
    FundSourceWithoutRule,
    FundState,
    LedgerKind,
    Reservation,
    Transaction,
    covered_in_order,
)
from services.payout.funds.models import Fund, LedgerPosting, LedgerTransaction
from shared.http import the_one
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.money import checked_fen
from shared.kernel.rounds import in_rounds
from shared.persistence import UnitOfWork, rules_on
from shared.persons import records_of, registered_person
from shared.reference.calendar import first_in_time
from shared.security import AreaOutsideScope, Principal

Outcome: TypeAlias = FundFacts | DomainError
Decided = TypeVar("Decided")


async def propose_fund(
    uow: UnitOfWork, caller: Principal, *, fund_source: str, area: str, year: int, budget_fen: int
) -> FundFacts:
    """Finance proposes a fund with its budget (资金筹措, §三(二)); one for each source, area and year."""
    officer = await registered_person(uow, caller.person)
    if not caller.covers(area):
        raise AreaOutsideScope
    if not (await queries.fund_rules(uow)).know(fund_source):
        raise FundSourceWithoutRule
    row = Fund(fund_source=fund_source, area=area, year=year, proposed_fen=budget_fen, proposed_by=officer)
    uow.create(row, FundAction.PROPOSE, amount_fen=checked_fen(budget_fen, least_fen=1))
    await uow.session.flush()
    await uow.session.refresh(row)
    row.facts().check_growth(budget_fen, await rules_on(uow, FundRulesOfDay, uow.today), uow.today)
    return row.facts()


async def propose_raise(uow: UnitOfWork, caller: Principal, fund_id: UUID, amount_fen: int) -> FundFacts:
    """Finance proposes to add to an open fund's budget; one proposal waits at a time."""
    officer, row = await _lock_to_propose(uow, caller, fund_id)
    rules = await rules_on(uow, FundRulesOfDay, uow.today)
    row.facts().check_growth(checked_fen(amount_fen, least_fen=1), rules, uow.today)
    row.proposed_fen, row.proposed_by, row.approved_by = amount_fen, officer, None
    uow.move(row, FundAction.PROPOSE, amount_fen=amount_fen)
    await uow.session.flush()
    return row.facts()


async def propose_reduction(uow: UnitOfWork, caller: Principal, fund_id: UUID, amount_fen: int) -> FundFacts:
    """Finance proposes to take from a fund's budget what nobody has claimed of it (R24)."""
    officer, row = await _lock_to_propose(uow, caller, fund_id)
    row.facts().check_reduction(checked_fen(amount_fen, least_fen=1))
    row.proposed_fen, row.proposed_by, row.approved_by = -amount_fen, officer, None
    uow.move(row, FundAction.PROPOSE_REDUCTION, amount_fen=amount_fen)
    await uow.session.flush()
    return row.facts()


async def propose_ending(uow: UnitOfWork, caller: Principal, fund_id: UUID, status: FundState) -> FundFacts:
    """Finance proposes that one fund is carried over (结转), or closed (R24)."""
    return the_one(await propose_endings(uow, caller, [fund_id], status))


async def propose_endings(
    uow: UnitOfWork, caller: Principal, fund_ids: Sequence[UUID], status: FundState
) -> list[Outcome]:
    """The same for a list, each fund judged by itself, and all that pass moved by one statement."""
    officer = await registered_person(uow, caller.person)

    async def propose(ids: Sequence[UUID]) -> list[Outcome]:
        amounts, refused = await _decide(uow, caller, ids, lambda fund: fund.decide_ending(status, uow.today))
        moved = await uow.move_all(
            Fund,
            ENDINGS[status][0],
            amounts,
            values={"proposed_status": status, "proposed_by": officer, "approved_by": None},
            details=lambda row: {"amount_fen": amounts[row.id]},
        )
        outcomes = refused | {row.id: row.facts() for row in moved}
        return [outcomes[fund_id] for fund_id in ids]

    return await in_rounds(fund_ids, lambda fund_id: fund_id, propose)


async def _lock_to_propose(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> tuple[UUID, Fund]:
    officer = await registered_person(uow, caller.person)
    row = await _lock_in_scope(uow, caller, fund_id)
    if row.facts().is_pending:
        raise FundProposalPending
    return officer, row


async def approve_proposal(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> FundFacts:
    """Another finance officer approves what is proposed: the fund opens, its budget grows or shrinks, or it ends.

    A fund that is carried over keeps what is reserved, to the payouts whose it is, and one that ends gives back what
    is available: both in one transaction (R24).
    """
    return the_one(await approve_proposals(uow, caller, [fund_id]))


async def approve_proposals(
    uow: UnitOfWork, caller: Principal, fund_ids: Sequence[UUID], ending: FundState | None = None
) -> list[Outcome]:
    """The same for a list, with `ending` of funds alone whose proposal that is: one statement an action, one for the
    transactions and one for their postings."""
    officer = await registered_person(uow, caller.person)
    records = (await records_of(uow, [officer])).keys()
    rules = await rules_on(uow, FundRulesOfDay, uow.today)

    def decide(fund: FundFacts) -> tuple[FundAction, int, int]:
        fund.proposal(ending)
        action, change_fen = fund.decide_approval(rules, uow.today)
        fund.check_second_officer(records)
        return action, change_fen, fund.budget_fen + change_fen

    async def approve(ids: Sequence[UUID]) -> list[Outcome]:
        decided, refused = await _decide(uow, caller, ids, decide)
        for action in dict.fromkeys(action for action, _, _ in decided.values()):
            await uow.move_all(
                Fund,
                action,
                [fund_id for fund_id, (taken, _, _) in decided.items() if taken is action],
                values={"approved_by": officer, "proposed_fen": None, "proposed_status": None},
                each={fund_id: {"approved_fen": budget_fen} for fund_id, (_, _, budget_fen) in decided.items()},
                details=lambda row: {"amount_fen": abs(decided[row.id][1])},
            )
        await _post(
            uow,
            [
                Transaction(LedgerKind.BUDGET if change_fen > 0 else LedgerKind.REDUCTION, fund_id, abs(change_fen))
                for fund_id, (_, change_fen, _) in decided.items()
                if change_fen
            ],
        )
        outcomes = refused | {fund_id: row.facts() for fund_id, row in (await _lock(uow, list(decided))).items()}
        return [outcomes[fund_id] for fund_id in ids]

    return await in_rounds(fund_ids, lambda fund_id: fund_id, approve)


async def _decide(
    uow: UnitOfWork, caller: Principal, fund_ids: Sequence[UUID], decide: Callable[[FundFacts], Decided]
) -> tuple[dict[UUID, Decided], dict[UUID, Outcome]]:
    """Lock funds and decide on each, or say why not: one that is refused takes no other with it."""
    rows = await _lock(uow, fund_ids)
    decided: dict[UUID, Decided] = {}
    refused: dict[UUID, Outcome] = {}
    for fund_id in fund_ids:
        try:
            decided[fund_id] = decide(_in_scope(rows.get(fund_id), caller).facts())
        except DomainError as refusal:
            refused[fund_id] = refusal
    return decided, refused


async def reject_proposal(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> FundFacts:
    """A finance officer, the proposer too, gives up what is proposed: no money has moved."""
    row = await _lock_in_scope(uow, caller, fund_id)
    change_fen = row.facts().proposal()
    row.proposed_fen = row.proposed_status = None
    uow.move(row, FundAction.REJECT, amount_fen=abs(change_fen))
    await uow.session.flush()
    return row.facts()


async def _lock_in_scope(uow: UnitOfWork, caller: Principal, fund_id: UUID) -> Fund:
    return _in_scope((await _lock(uow, [fund_id])).get(fund_id), caller)


def _in_scope(row: Fund | None, caller: Principal) -> Fund:
    if row is None or not caller.covers(row.area):
        raise FundNotFound
    return row


async def reserve_in_order(uow: UnitOfWork, fund_id: UUID, wanted: Sequence[Reservation]) -> list[UUID]:
    """Reserve for payouts of one fund, in the order given, as far as the money goes; answers those reserved.

    A shortage queues and alarms, it never rejects (应保尽保, §三(三)): what is not covered stays where it is; so does
    what a fund was chosen for that has just ended.
    """
    fund = (await _lock(uow, [fund_id]))[fund_id].facts()
    if fund.status is not FundState.OPEN:
        return []
    covered = wanted[: covered_in_order(fund.available_fen, [reservation.amount_fen for reservation in wanted])]
    await _post(uow, [reservation.transaction(LedgerKind.RESERVE) for reservation in covered])
    return [reservation.payout_id for reservation in covered]


async def free_reservations(uow: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Give back what was reserved for payouts that will not be paid."""
    await _lock(uow, [reservation.fund_id for reservation in reservations])
    await _post(uow, [reservation.transaction(LedgerKind.FREE) for reservation in reservations])


async def spend_reservations(uow: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Turn reservations into spending: the bank has paid."""
    await _lock(uow, [reservation.fund_id for reservation in reservations])
    await _post(uow, [reservation.transaction(LedgerKind.SPEND) for reservation in reservations])


async def return_spending(uow: UnitOfWork, returned: Sequence[Reservation]) -> None:
    """Turn spending into reservations again: the bank has given the money back (R23)."""
    await _lock(uow, [reservation.fund_id for reservation in returned])
    await _post(uow, [reservation.transaction(LedgerKind.RETURN) for reservation in returned])


async def count_ended_years(uow: UnitOfWork) -> dict[str, int]:
    """How many funds of an earlier year wait beyond their day to be carried over or closed (R24)."""
    rules = await rules_on(uow, FundRulesOfDay, uow.today)
    in_time = first_in_time(uow.today, rules.fund_year_over_working_days)
    return {"fund_year_over": await queries.count_open_until(uow, (in_time - timedelta(days=1)).year)}


async def move_debts(uow: UnitOfWork, kind: LedgerKind, debts: Sequence[Reservation]) -> None:
    """What was paid is owed back, recovered, or given up (R4): the amounts of reversed payouts along `kind`'s route."""
    await _lock(uow, [debt.fund_id for debt in debts])
    await _post(uow, [debt.transaction(kind) for debt in debts])


async def _lock(uow: UnitOfWork, fund_ids: Sequence[UUID]) -> dict[UUID, Fund]:
    """Lock funds, the last in the order of locks; nothing else is locked after them."""
    if not fund_ids:
        return {}
    return await uow.lock_rows(Fund, fund_ids, against="two reservations that together exceed the budget")


async def _post(uow: UnitOfWork, transactions: Sequence[Transaction]) -> None:
    """Write transactions with their postings, the only way in which money moves; the funds' figures follow by trigger.

    A transaction that does not sum to zero cannot commit, and one that would break a fund's budget is refused.
    """
    if not transactions:
        return
    numbered = [(uuid7(), transaction) for transaction in transactions]
    clock = {"business_at": uow.now, "recorded_at": uow.recorded_at}
    await uow.session.execute(
        insert(LedgerTransaction),
        [
            {
                "id": number,
                "kind": transaction.kind,
                "fund_id": transaction.fund_id,
                "payout_id": transaction.payout_id,
                **clock,
            }
            for number, transaction in numbered
        ],
    )
    postings = [
        {"transaction_id": number, "fund_id": transaction.fund_id, "account": account, "amount_fen": amount_fen}
        for number, transaction in numbered
        for account, amount_fen in transaction.postings()
    ]
    await uow.session.execute(insert(LedgerPosting).values(postings))
