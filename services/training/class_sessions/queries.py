"""Reading class sessions."""

from collections.abc import Collection
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, select

from services.training.class_sessions.domain import (
    Booking,
    ClassSessionFacts,
    ClassSessionNotFound,
    Interval,
    PlannedSession,
)
from services.training.class_sessions.models import ClassSession
from shared.persistence import UnitOfWork

UNCLOSED = ("planned", "open")

SessionRow: TypeAlias = ClassSession
"""A session's row, for rooms that may not see the table."""


def session_facts(row: ClassSession) -> ClassSessionFacts:
    """What decisions need of a session."""
    return ClassSessionFacts(row.id, row.class_id, row.status, Interval(row.starts_at, row.ends_at))


async def class_of_session(uow: UnitOfWork, session_id: UUID) -> UUID:
    """The class that a session is of; `ClassSessionNotFound` if there is none."""
    class_id = await uow.session.scalar(select(ClassSession.class_id).where(ClassSession.id == session_id))
    if class_id is None:
        raise ClassSessionNotFound
    return class_id


async def session_of(uow: UnitOfWork, session_id: UUID) -> ClassSession:
    """The session of something that the caller was allowed to see."""
    return await uow.session.get_one(ClassSession, session_id)


async def lock_session(uow: UnitOfWork, session_id: UUID) -> ClassSession:
    """A session, locked against check-ins that arrive while it closes."""
    rows = await uow.lock_rows(ClassSession, [session_id], against="a check-in while the session closes")
    if session_id not in rows:
        raise ClassSessionNotFound
    return rows[session_id]


async def lock_sessions(uow: UnitOfWork, session_ids: Collection[UUID]) -> list[ClassSession]:
    """Sessions, locked against check-ins that arrive while they close."""
    rows = await uow.lock_rows(ClassSession, session_ids, against="a check-in while the session closes")
    return list(rows.values())


async def share_session(uow: UnitOfWork, session_id: UUID) -> ClassSession:
    """A session that cannot close until this unit of work ends; many check-ins share it at once.

    The shared lock stands against the race in which a check-in is written after the session's rows were counted.
    """
    statement = select(ClassSession).where(ClassSession.id == session_id).with_for_update(read=True)
    found = await uow.session.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise ClassSessionNotFound
    return found


async def sessions_of(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[ClassSession]:
    """All sessions of some classes, in order of time."""
    statement = select(ClassSession).where(ClassSession.class_id.in_(class_ids))
    return list(await uow.session.scalars(statement.order_by(ClassSession.starts_at, ClassSession.id)))


async def lock_unclosed(uow: UnitOfWork, class_ids: Collection[UUID]) -> list[ClassSession]:
    """The sessions of some classes that are planned or open, locked."""
    statement = select(ClassSession.id).where(ClassSession.class_id.in_(class_ids), ClassSession.status.in_(UNCLOSED))
    ids = list(await uow.session.scalars(statement))
    rows = await uow.lock_rows(ClassSession, ids, against="a check-in while the session closes or is dropped")
    return [row for row in rows.values() if row.status in UNCLOSED]


async def classes_with_unclosed(uow: UnitOfWork, class_ids: Collection[UUID]) -> set[UUID]:
    """Which of some classes have sessions that are planned or open."""
    statement = select(ClassSession.class_id).where(
        ClassSession.class_id.in_(class_ids), ClassSession.status.in_(UNCLOSED)
    )
    return set(await uow.session.scalars(statement.distinct()))


async def bookings_about(
    uow: UnitOfWork, institution: str, sessions: Collection[PlannedSession], *, but: UUID
) -> list[Booking]:
    """What other classes than `but` have booked of the trainers and of the institution's rooms about these times."""
    statement = select(ClassSession).where(
        ClassSession.status != "dropped",
        ClassSession.class_id != but,
        ClassSession.starts_at < max(session.window.ends_at for session in sessions),
        ClassSession.ends_at > min(session.window.begins_at for session in sessions),
        ClassSession.trainer_id.in_({session.trainer_id for session in sessions})
        | (ClassSession.institution == institution),
    )
    return [
        Booking(row.trainer_id, row.institution, row.room, Interval(row.starts_at, row.ends_at))
        for row in await uow.session.scalars(statement)
    ]


async def due_sessions(
    uow: UnitOfWork, *, checked_in: Select[UUID], grace: timedelta, deadline: timedelta, limit: int
) -> list[UUID]:
    """Sessions to be closed: of `checked_in` after the grace, the others after the deadline for rosters."""
    due = (ClassSession.ends_at <= uow.now - deadline) | (
        (ClassSession.ends_at <= uow.now - grace) & ClassSession.id.in_(checked_in)
    )
    statement = select(ClassSession.id).where(ClassSession.status.in_(UNCLOSED), due)
    return list(await uow.session.scalars(statement.order_by(ClassSession.ends_at).limit(limit)))
