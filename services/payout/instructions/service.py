"""Pinning what will be paid, handing it to the bank, and committing what the bank says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update

from services.payout.accounts.service import close_accounts
from services.payout.bank.domain import Answer, BankChannel
from services.payout.clawbacks.queries import payouts_behind
from services.payout.clawbacks.service import apply_offsets, lock_offsets, reverse_revoked, set_off
from services.payout.decisions.service import carry_out, lock_to_decide
from services.payout.funds.domain import Reservation
from services.payout.funds.service import return_spending, spend_reservations
from services.payout.holds.domain import HoldSource, Placement
from services.payout.instructions.domain import (
    ACCOUNT_CLOSED_CODE,
    NEVER_RECEIVED_CODE,
    BankRules,
    DueCall,
    Instruction,
    Reply,
    check_resendable,
    instruction_id,
    may_be_given_up,
    pause_s,
)
from services.payout.instructions.models import Delivery, InstructionRow
from services.payout.payouts.domain import AT_THE_BANK, PayoutAction, PayoutFacts, PayoutState
from services.payout.payouts.queries import lock_payouts
from services.payout.payouts.service import move_payouts, place_holds
from shared.persistence import UnitOfWork, rules_on

LEASE_S = 30
"""How long a call may take, its record included, before another process may make it again."""


async def pin_instructions(uow: UnitOfWork, approved: Sequence[tuple[PayoutFacts, UUID]]) -> None:
    """Pin each approved payout's amount to a version of its payee's account (DOMAIN §5)."""
    if not approved:
        return
    await uow.session.execute(
        insert(InstructionRow),
        [
            {
                "id": instruction_id(payout.id, payout.attempt),
                "payout_id": payout.id,
                "attempt": payout.attempt,
                "account_id": account_id,
                "payee_kind": payout.payee_kind,
                "payee_id": payout.payee_id,
                "amount_fen": payout.amount_fen,
                "pinned_at": uow.now,
            }
            for payout, account_id in approved
        ],
    )


async def begin_deliveries(
    uow: UnitOfWork,
    instructions: Sequence[Instruction],
    payouts: Mapping[UUID, PayoutFacts],
    channels: Mapping[UUID, BankChannel],
) -> None:
    """Write down the intent that these instructions go to the bank; `payouts`, locked, are `sent` by the same commit.

    Each goes by the channel of its batch, by payout.

    What a payee owes to the fund is set off first (R4). The bank is instructed to pay what is left; where nothing is,
    it is not asked at all, and the payout is paid.
    """
    if not instructions:
        return
    offsets = await set_off(uow, payouts, {instruction.payout_id: instruction.id for instruction in instructions})
    left = {
        instruction.payout_id: instruction.amount_fen
        - payouts[instruction.payout_id].offset_fen
        - offsets.get(instruction.payout_id, 0)
        for instruction in instructions
    }
    await uow.session.execute(
        insert(Delivery),
        [
            _delivery(uow, instruction, left[instruction.payout_id], channels[instruction.payout_id])
            for instruction in instructions
        ],
    )
    whole = [instruction for instruction in instructions if left[instruction.payout_id] == 0]
    if whole:
        behind = await payouts_behind(uow, {instruction.id for instruction in whole})
        await lock_payouts(uow, behind, against="a debt settled twice")
        await _record_paid(uow, [payouts[instruction.payout_id] for instruction in whole])


def _delivery(uow: UnitOfWork, instruction: Instruction, left_fen: int, channel: BankChannel) -> dict[str, object]:
    done_at = uow.recorded_at if left_fen == 0 else None
    return {
        "instruction_id": instruction.id,
        "payout_id": instruction.payout_id,
        "amount_fen": left_fen,
        "channel": channel,
        "next_call_at": uow.recorded_at,
        "outcome": "paid" if left_fen == 0 else None,
        "given_at": done_at,
        "answered_at": done_at,
    }


async def lease_due(uow: UnitOfWork, limit: int) -> list[DueCall]:
    """Take instructions without a final answer whose turn it is; nobody else calls for them before the lease ends."""
    called = (Delivery.outcome.is_(None), Delivery.channel == BankChannel.HTTP)
    due = select(Delivery.instruction_id).where(*called, Delivery.next_call_at <= uow.recorded_at)
    due = due.order_by(Delivery.next_call_at).limit(limit).with_for_update(skip_locked=True)
    ids = list(await uow.session.scalars(due))
    if not ids:
        return []
    until = uow.recorded_at + timedelta(seconds=LEASE_S)
    leased = await uow.session.execute(
        update(Delivery)
        .where(Delivery.instruction_id.in_(ids))
        .values(
            calls=Delivery.calls + 1, next_call_at=until, given_at=func.coalesce(Delivery.given_at, uow.recorded_at)
        )
        .returning(Delivery.instruction_id, Delivery.calls, Delivery.amount_fen),
        execution_options={"synchronize_session": False},
    )
    given = {row.instruction_id: row for row in leased}
    rows = await uow.session.scalars(select(InstructionRow).where(InstructionRow.id.in_(ids)))
    calls = [
        DueCall(replace(row.facts(), amount_fen=given[row.id].amount_fen), given[row.id].calls, until) for row in rows
    ]
    return sorted(calls, key=lambda call: call.instruction.id)


async def lock_for_file(uow: UnitOfWork, instruction_ids: Collection[UUID]) -> list[Instruction]:
    """Those of these instructions that go in a file and are in none, each with the amount that the bank is asked for.

    Locked against two processes that write one instruction into two files.
    """
    unwritten = (Delivery.channel != BankChannel.HTTP, Delivery.outcome.is_(None), Delivery.given_at.is_(None))
    query = select(Delivery.instruction_id, Delivery.amount_fen).where(
        Delivery.instruction_id.in_(instruction_ids), *unwritten
    )
    locked = await uow.session.execute(query.order_by(Delivery.instruction_id).with_for_update())
    amounts = {row.instruction_id: row.amount_fen for row in locked}
    rows = await uow.session.scalars(select(InstructionRow).where(InstructionRow.id.in_(amounts)))
    found = [replace(row.facts(), amount_fen=amounts[row.id]) for row in rows]
    return sorted(found, key=lambda instruction: instruction.id)


async def mark_written(uow: UnitOfWork, instruction_ids: Collection[UUID]) -> None:
    """These locked instructions stand in a file: from now on they may be with the bank."""
    written = update(Delivery).where(Delivery.instruction_id.in_(instruction_ids))
    await uow.session.execute(
        written.values(given_at=uow.recorded_at), execution_options={"synchronize_session": False}
    )


async def permit_resends(uow: UnitOfWork, calls: Sequence[DueCall]) -> list[DueCall]:
    """Those of the instructions that the bank never received and that may be given again: same id, same content.

    The certificate is read again under lock. What was `unknown` is `sent` again; what is `sent` stays so.
    """
    by_payout = {call.instruction.payout_id: call for call in calls}
    decisions = await lock_to_decide(uow, by_payout, against="a certificate revoked while it is sent again")
    for payout in decisions.payouts:
        with decisions.on(payout):
            check_resendable(payout, by_payout[payout.id].instruction.attempt)
            decisions.accept(payout, code=payout.code)
    await carry_out(uow, PayoutAction.SEND, decisions)
    given = update(Delivery).where(Delivery.payout_id.in_(decisions.accepted), Delivery.outcome.is_(None))
    await uow.session.execute(given.values(given_at=uow.recorded_at), execution_options={"synchronize_session": False})
    return [by_payout[payout_id] for payout_id in decisions.accepted]


async def lock_to_answer(uow: UnitOfWork, instructions: Collection[Instruction]) -> dict[UUID, PayoutFacts]:
    """The payouts of these instructions, and those whose debts they are set off against, locked in one order."""
    behind = await payouts_behind(uow, {instruction.id for instruction in instructions})
    ids = {instruction.payout_id for instruction in instructions} | behind
    return await lock_payouts(uow, ids, against="two processes that record one answer")


async def record_answers(uow: UnitOfWork, answers: Sequence[Reply]) -> int:
    """Commit what the bank said: paid, failed, or still nothing; answers how many payouts moved.

    An account that the bank has closed is closed here too: accounts are locked after payouts and before funds.
    A fact of the bank is taken whatever holds stand. A payout that already has its final answer is left alone.
    """
    named = {reply.call.instruction.payout_id: reply for reply in answers}
    payouts = await lock_to_answer(uow, [reply.call.instruction for reply in answers])
    said: dict[Answer, list[PayoutFacts]] = {answer: [] for answer in Answer}
    for payout in (payouts[payout_id] for payout_id in payouts if payout_id in named):
        reply = named[payout.id]
        if payout.status in AT_THE_BANK and payout.attempt == reply.call.instruction.attempt:
            said[reply.answer.answer].append(payout)
    reasons = {payout.id: named[payout.id].answer.failure_code for payout in said[Answer.FAILED]}
    moved = await _record_failed(uow, reasons | await _given_up(uow, said[Answer.NEVER_RECEIVED]))
    closed = [payout.id for payout in said[Answer.FAILED] if reasons[payout.id] == ACCOUNT_CLOSED_CODE]
    await close_accounts(uow, {named[payout_id].call.instruction.account_id for payout_id in closed})
    moved += await _record_paid(uow, said[Answer.PAID])
    unclear = [*(payout for payout in said[Answer.SILENT] if named[payout.id].given), *said[Answer.CONFLICT]]
    lost = [payout.id for payout in unclear if payout.status is PayoutState.SENT]
    moved += len(await move_payouts(uow, PayoutAction.LOSE, lost))
    await place_holds(
        uow,
        [
            Placement(payout.id, HoldSource.BANK, str(payout.id), "bank_content_conflict")
            for payout in said[Answer.CONFLICT]
        ],
    )
    await _wait(uow, [reply.call for reply in answers if reply.answer.answer not in (Answer.PAID, Answer.FAILED)])
    return moved


async def return_money(uow: UnitOfWork, codes: Mapping[UUID, str]) -> dict[UUID, PayoutFacts]:
    """退汇: the bank gives back what it paid for these locked payouts, `codes` saying why; those that moved (R23).

    What had been spent is reserved again, and the key stays taken. The instruction stands no more: the next approval
    pins another one.
    """
    each = {payout_id: {"code": code} for payout_id, code in codes.items()}
    moved = await move_payouts(uow, PayoutAction.RETURN, list(codes), each=each)
    statement = update(Delivery).where(Delivery.payout_id.in_(moved), Delivery.outcome == "paid")
    given_back = await uow.session.execute(
        statement.values(outcome="returned", returned_at=uow.recorded_at).returning(
            Delivery.payout_id, Delivery.amount_fen
        ),
        execution_options={"synchronize_session": False},
    )
    funds = {payout.id: payout.fund_id for payout in moved.values() if payout.fund_id is not None}
    await return_spending(uow, [Reservation(funds[row.payout_id], row.payout_id, row.amount_fen) for row in given_back])
    return moved


async def _given_up(uow: UnitOfWork, payouts: Sequence[PayoutFacts]) -> dict[UUID, str]:
    """Held payouts whose instruction the bank never received and cannot receive any more: to be rejected."""
    held = [payout.id for payout in payouts if payout.open_holds]
    if not held:
        return {}
    rules = await rules_on(uow, BankRules, uow.today)
    query = select(Delivery.payout_id, Delivery.given_at).where(
        Delivery.payout_id.in_(held), Delivery.outcome.is_(None)
    )
    return {
        row.payout_id: NEVER_RECEIVED_CODE
        for row in await uow.session.execute(query)
        if may_be_given_up(row.given_at, uow.recorded_at, rules.bank_silence_hours)
    }


async def _record_paid(uow: UnitOfWork, payouts: Sequence[PayoutFacts]) -> int:
    """The bank has paid: the reservation becomes spending, and what was set off is counted for the debts (R4).

    What rests on a certificate that was revoked meanwhile is owed back at once.
    """
    pinned = select(InstructionRow.id, InstructionRow.payout_id).where(
        tuple_(InstructionRow.payout_id, InstructionRow.attempt).in_(
            [(payout.id, payout.attempt) for payout in payouts]
        )
    )
    payout_of = {row.id: row.payout_id for row in await uow.session.execute(pinned)}
    offsets = await lock_offsets(uow, payout_of)
    each = {payout.id: {"offset_fen": payout.offset_fen} for payout in payouts}
    for offset in offsets:
        each[payout_of[offset.instruction_id]]["offset_fen"] += offset.amount_fen
    paid = await move_payouts(uow, PayoutAction.PAY, list(each), each=each)
    await _close(uow, list(paid), "paid", {})
    await spend_reservations(
        uow, [payout.reservation for payout in payouts if payout.reservation and payout.id in paid]
    )
    await apply_offsets(uow, offsets)
    await reverse_revoked(uow, list(paid.values()))
    return len(paid)


async def _record_failed(uow: UnitOfWork, codes: dict[UUID, str]) -> int:
    """The bank definitely refused: an officer corrects, the reservation stays."""
    each = {payout_id: {"code": code} for payout_id, code in codes.items()}
    failed = await move_payouts(uow, PayoutAction.FAIL, list(codes), each=each)
    await _close(uow, list(failed), "failed", codes)
    return len(failed)


async def _close(uow: UnitOfWork, payout_ids: Sequence[UUID], outcome: str, reasons: dict[UUID, str]) -> None:
    by_reason: dict[str | None, list[UUID]] = {}
    for payout_id in payout_ids:
        by_reason.setdefault(reasons.get(payout_id), []).append(payout_id)
    for reason, ids in by_reason.items():
        statement = update(Delivery).where(Delivery.payout_id.in_(ids), Delivery.outcome.is_(None))
        values = {"outcome": outcome, "reason": reason, "answered_at": uow.recorded_at}
        await uow.session.execute(statement.values(**values), execution_options={"synchronize_session": False})


async def _wait(uow: UnitOfWork, calls: Sequence[DueCall]) -> None:
    """Ask again later, after a pause that grows with the number of calls."""
    for call in calls:
        statement = update(Delivery).where(Delivery.instruction_id == call.instruction.id, Delivery.outcome.is_(None))
        later = uow.recorded_at + timedelta(seconds=pause_s(call.calls))
        await uow.session.execute(
            statement.values(next_call_at=later), execution_options={"synchronize_session": False}
        )
