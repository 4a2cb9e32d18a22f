"""Taking the bank's word that money came back, and setting aside what two officers find to be wrong."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.payout.bank.domain import ReturnReport
from services.payout.instructions.queries import find_instructions
from services.payout.instructions.service import return_money
from services.payout.money_returns import queries
from services.payout.money_returns.domain import MoneyReturnFacts, is_believed
from services.payout.money_returns.models import MoneyReturn
from services.payout.payouts.queries import lock_payouts
from services.payout.payouts.service import acting_officer
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal


async def record_returned(uow: UnitOfWork, reports: Sequence[ReturnReport]) -> int:
    """The bank reports returned money; answers how many payouts went back to `returned` (R23).

    A reference that is kept already changes nothing, an instruction that is not ours is left out. What is not believed
    at once (`is_believed`) is kept and waits for two officers. Taken whatever holds stand: it is a fact of the bank.
    """
    by_reference = {report.reference: report for report in reports}
    instructions = await find_instructions(uow, {report.instruction_id for report in reports})
    payouts = await lock_payouts(
        uow,
        {instruction.payout_id for instruction in instructions.values()},
        against="two reports of one payment, or its answer at this moment",
    )
    for known in await queries.returns_with(uow, list(by_reference)):
        del by_reference[known]
    codes: dict[UUID, str] = {}
    rows = []
    for report in by_reference.values():
        instruction = instructions.get(report.instruction_id)
        if instruction is None:
            continue
        payout = payouts[instruction.payout_id]
        taken = payout.id not in codes and is_believed(report, instruction, payout)
        if taken:
            codes[payout.id] = report.code
        said = {"reference": report.reference, "amount_fen": report.amount_fen, "code": report.code}
        about = {"instruction_id": instruction.id, "payout_id": payout.id}
        rows.append({"id": uuid7(), **said, **about, "taken": taken, "reported_at": uow.now})
    if rows:
        await uow.session.execute(insert(MoneyReturn), rows)
    return len(await return_money(uow, codes))


async def dismiss_money_return(uow: UnitOfWork, caller: Principal, return_id: UUID) -> MoneyReturnFacts:
    """A finance officer proposes to set a held report aside; another does it. No money moves here by that."""
    officer = await acting_officer(uow, caller)
    row = await queries.lock_money_return(uow, caller, return_id)
    facts = row.facts()
    facts.check_waits()
    facts.check_second_officer(officer.records)
    if facts.proposed_by is None:
        row.proposed_by = officer.person_id
    else:
        row.dismissed_by, row.dismissed_at = officer.person_id, uow.now
    await uow.session.flush()
    return row.facts()
