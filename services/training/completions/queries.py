"""Reading what a class is completed by."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.training.completions.models import CompletionTest
from shared.persistence import UnitOfWork


async def tested(uow: UnitOfWork, enrolment_ids: Collection[UUID]) -> dict[UUID, int]:
    """Scores of completion tests that were entered, by enrolment."""
    statement = select(CompletionTest).where(CompletionTest.enrolment_id.in_(enrolment_ids))
    return {row.enrolment_id: row.score for row in await uow.session.scalars(statement)}
