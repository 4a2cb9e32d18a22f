"""Reading recorded bases."""

from uuid import UUID

from sqlalchemy import select

from services.evaluation.recognitions.models import Recognition
from shared.persistence import UnitOfWork


async def recorder_of(uow: UnitOfWork, certificate_id: UUID) -> UUID:
    """The officer who recorded the basis of an imported certificate, which always has one."""
    statement = select(Recognition.recorded_by).where(Recognition.certificate_id == certificate_id)
    return (await uow.session.execute(statement)).scalar_one()
