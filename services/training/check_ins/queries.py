"""Reading check-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from services.training.check_ins.models import CheckIn
from shared.persistence import UnitOfWork


def checked_in_sessions() -> Select[UUID]:
    """A subquery of the sessions in which a worker has checked in."""
    return select(CheckIn.class_session_id)


async def check_ins_of(uow: UnitOfWork, session_id: UUID, enrolment_id: UUID) -> dict[str, datetime]:
    """When a worker came to a session and went, business time, by direction."""
    statement = select(CheckIn.direction, CheckIn.at).where(
        CheckIn.class_session_id == session_id, CheckIn.enrolment_id == enrolment_id
    )
    return {row.direction: row.at for row in await uow.session.execute(statement)}
