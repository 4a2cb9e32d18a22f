"""Reading instructions."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, tuple_

from services.payout.accounts.queries import OpenedAccount
from services.payout.bank.domain import PaymentOrder
from services.payout.instructions.domain import Instruction
from services.payout.instructions.models import Delivery, InstructionRow
from shared.persistence import UnitOfWork


async def pinned(uow: UnitOfWork, attempts: Collection[tuple[UUID, int]]) -> dict[UUID, Instruction]:
    """The instruction of each (payout, attempt), by payout; what an approval pinned never changes."""
    query = select(InstructionRow).where(tuple_(InstructionRow.payout_id, InstructionRow.attempt).in_(list(attempts)))
    return {row.payout_id: row.facts() for row in await uow.session.scalars(query)}


async def find_instructions(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Instruction]:
    """These instructions, by their ids, each with the amount that the bank was asked for; unknown ids are left out."""
    query = select(InstructionRow, Delivery.amount_fen).join(Delivery, Delivery.instruction_id == InstructionRow.id)
    rows = await uow.session.execute(query.where(InstructionRow.id.in_(ids)))
    return {row.id: replace(row.facts(), amount_fen=amount_fen) for row, amount_fen in rows}


def order(instruction: Instruction, account: OpenedAccount) -> PaymentOrder:
    """What the bank receives: the instruction with the account's number and name decrypted."""
    return PaymentOrder(
        instruction_id=instruction.id,
        account_name=account.account_name,
        account_number=account.account_number,
        bank_code=account.account.bank_code,
        amount_fen=instruction.amount_fen,
        reference=instruction.payout_id,
    )
