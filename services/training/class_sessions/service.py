"""Planning, opening, closing and dropping class sessions; each is told by one event."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import cast, column, update, values

from services.training.class_sessions.domain import CODE_KEY_BYTES, ClassSessionAction, RoomBusy, TrainerBusy
from services.training.class_sessions.models import ClassSession
from services.training.filings.domain import PlannedSession
from shared.persistence import UnitOfWork, map_constraint

map_constraint("ex_class_sessions_trainer", TrainerBusy)
map_constraint("ex_class_sessions_room", RoomBusy)


@dataclass(frozen=True, slots=True)
class Tally:
    """A session's attendance in two figures: how many records stand, and the digest of them all."""

    count: int
    digest: str


async def plan_sessions(uow: UnitOfWork, class_id: UUID, institution: str, planned: Sequence[PlannedSession]) -> None:
    """Put an approved class's sessions into the calendar; `TrainerBusy` or `RoomBusy` if one meets another."""
    rows = [
        {
            "id": one.id,
            "class_id": class_id,
            "institution": institution,
            "trainer_id": one.trainer_id,
            "room": one.room,
            "starts_at": one.window.begins_at,
            "ends_at": one.window.ends_at,
            "code_key": secrets.token_bytes(CODE_KEY_BYTES),
        }
        for one in planned
    ]
    await uow.create_all(ClassSession, ClassSessionAction.PLAN, rows)


async def move_sessions(uow: UnitOfWork, changes: Sequence[PlannedSession]) -> None:
    """Give planned sessions another time, trainer or room: part of an approved amendment, told by the class.

    One statement, so that two sessions may change places; `TrainerBusy` or `RoomBusy` if one then meets another.
    """
    table = ClassSession.__table__
    given = values(
        column("id", table.c.id.type),
        column("trainer_id", table.c.trainer_id.type),
        column("room", table.c.room.type),
        column("starts_at", table.c.starts_at.type),
        column("ends_at", table.c.ends_at.type),
        name="given",
    ).data([(one.id, one.trainer_id, one.room, one.window.begins_at, one.window.ends_at) for one in changes])
    sets = {name: cast(given.c[name], table.c[name].type) for name in ("trainer_id", "room", "starts_at", "ends_at")}
    statement = update(ClassSession).where(ClassSession.id == cast(given.c.id, table.c.id.type)).values(sets)
    await uow.session.execute(statement, execution_options={"synchronize_session": False})


async def open_session(uow: UnitOfWork, row: ClassSession) -> None:
    """A planned session takes check-ins or a roster from now on; the row is locked."""
    uow.move(row, ClassSessionAction.OPEN)


async def close_sessions(uow: UnitOfWork, tallies: Mapping[UUID, Tally]) -> None:
    """Close locked sessions, each with its attendance in one event."""
    await uow.move_all(ClassSession, ClassSessionAction.CLOSE, tallies, each=_columns(tallies))


async def correct_session(uow: UnitOfWork, session_id: UUID, tally: Tally) -> None:
    """Tell that a closed, locked session's attendance was corrected."""
    each = _columns({session_id: tally})
    await uow.move_all(ClassSession, ClassSessionAction.CORRECT, [session_id], each=each)


async def drop_sessions(uow: UnitOfWork, sessions: Iterable[ClassSession]) -> None:
    """Give back trainer and room of locked sessions that will not take place."""
    await uow.move_all(ClassSession, ClassSessionAction.DROP, [row.id for row in sessions])


def _columns(tallies: Mapping[UUID, Tally]) -> dict[UUID, dict[str, int | str]]:
    return {
        session_id: {"attendance_count": one.count, "attendance_digest": one.digest}
        for session_id, one in tallies.items()
    }
