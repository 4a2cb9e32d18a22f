"""Reading instructions."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, tuple_

from services.payout.instructions.domain import Instruction
from services.payout.instructions.models import InstructionRow
from shared.persistence import UnitOfWork


async def pinned(uow: UnitOfWork, attempts: Collection[tuple[UUID, int]]) -> dict[UUID, Instruction]:
    """The instruction of each (payout, attempt), by payout; what an approval pinned never changes."""
    query = select(InstructionRow).where(tuple_(InstructionRow.payout_id, InstructionRow.attempt).in_(list(attempts)))
    return {row.payout_id: row.facts() for row in await uow.session.scalars(query)}
