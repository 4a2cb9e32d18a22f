"""Planning, moving, opening, closing and dropping class sessions."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import cast, column, update, values

from services.training.class_sessions.domain import (
    CODE_KEY_BYTES,
    ClassSessionAction,
    PlannedSession,
    RoomBusy,
    TrainerBusy,
)
from services.training.class_sessions.models import ClassSession
from shared.persistence import UnitOfWork, map_constraint

map_constraint("ex_class_sessions_trainer", TrainerBusy)
map_constraint("ex_class_sessions_room", RoomBusy)


@dataclass(frozen=True, slots=True)
class Tally:
    """A session's attendance in two figures: how many records stand, and the digest of them all."""

    attendance_count: int
    attendance_digest: str


async def plan_sessions(uow: UnitOfWork, class_id: UUID, institution: str, planned: Sequence[PlannedSession]) -> None:
    """Put an approved class's sessions into the calendar; `TrainerBusy` or `RoomBusy` if one meets another."""
    rows = [
        {
            "id": session.id,
            "class_id": class_id,
            "institution": institution,
            "trainer_id": session.trainer_id,
            "room": session.room,
            "starts_at": session.window.begins_at,
            "ends_at": session.window.ends_at,
            "code_key": secrets.token_bytes(CODE_KEY_BYTES),
        }
        for session in planned
    ]
    await uow.create_all(ClassSession, ClassSessionAction.PLAN, rows)


async def move_sessions(uow: UnitOfWork, changes: Sequence[PlannedSession]) -> None:
    """Give planned sessions another time, trainer or room: part of an approved amendment, whose event says so.

    One statement, so that two sessions may change places; `TrainerBusy` or `RoomBusy` if one then meets another.
    """
    table = ClassSession.__table__
    names = ("id", "trainer_id", "room", "starts_at", "ends_at")
    given = values(*(column(name, table.c[name].type) for name in names), name="given").data(
        [
            (session.id, session.trainer_id, session.room, session.window.begins_at, session.window.ends_at)
            for session in changes
        ]
    )
    sets = {name: cast(given.c[name], table.c[name].type) for name in names if name != "id"}
    statement = update(ClassSession).where(ClassSession.id == cast(given.c.id, table.c.id.type)).values(sets)
    await uow.session.execute(statement, execution_options={"synchronize_session": False})


def open_session(uow: UnitOfWork, row: ClassSession) -> None:
    """A planned session takes check-ins or a roster from now on; the row is locked."""
    uow.move(row, ClassSessionAction.OPEN)


async def close_sessions(uow: UnitOfWork, tallies: Mapping[UUID, Tally]) -> None:
    """Close locked sessions, each with its attendance in one event."""
    await _tally(uow, ClassSessionAction.CLOSE, tallies)


async def correct_sessions(uow: UnitOfWork, tallies: Mapping[UUID, Tally]) -> None:
    """Say of closed, locked sessions that their attendance was corrected."""
    await _tally(uow, ClassSessionAction.CORRECT, tallies)


async def drop_sessions(uow: UnitOfWork, sessions: Iterable[ClassSession]) -> None:
    """Give back trainer and room of locked sessions that will not take place."""
    await uow.move_all(ClassSession, ClassSessionAction.DROP, [row.id for row in sessions])


async def _tally(uow: UnitOfWork, action: ClassSessionAction, tallies: Mapping[UUID, Tally]) -> None:
    each = {session_id: asdict(tally) for session_id, tally in tallies.items()}
    await uow.move_all(ClassSession, action, tallies, each=each)
