"""The clock closes sessions that are over."""

from services.training.attendance.service import close_due_sessions
from shared.messaging import Timer
from shared.persistence import UnitOfWork

SESSIONS_MOST = 100
"""A turn's sessions: each brings all its attendance into memory."""


async def close_sessions(uow: UnitOfWork, limit: int) -> int:
    """Close sessions after their end: after the grace where workers checked in, else after the roster's deadline."""
    return await close_due_sessions(uow, min(limit, SESSIONS_MOST))


TIMERS = [Timer("training.close_sessions", close_sessions)]
