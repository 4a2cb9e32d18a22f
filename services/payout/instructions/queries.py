"""Reading instructions."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, tuple_

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
