"""Opening and closing sessions, rosters and corrections (§二(二)6; D4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.training.attendance import queries
from services.training.attendance.domain import (
    AttendanceKind,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    Attendee,
    Correction,
    CorrectionDesk,
    CorrectionRow,
    Presence,
    Room,
    RosterRow,
    Standing,
    attendance_digest,
    check_correctable,
)
from services.training.attendance.models import Attendance
from services.training.class_sessions.domain import (
    ClassSessionAction,
    ClassSessionNotFound,
    ClassSessionState,
    Interval,
    SessionFacts,
    check_awaits_roster,
    check_may_open,
    check_over,
)
from services.training.class_sessions.queries import (
    SessionRow,
    class_of_session,
    lock_session,
    lock_sessions,
    session_facts,
)
from services.training.class_sessions.service import Tally, close_sessions, correct_session, open_session
from services.training.classes.domain import ClassNotFound
from services.training.classes.queries import ClassRow, lock_class
from services.training.classes.service import start_with_session
from services.training.enrolments.service import begin_attending
from services.training.rules.domain import Rules
from services.training.rules.queries import rules_on
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, map_constraint
from shared.security import Principal

map_constraint("uq_attendance_first", AttendanceRecordedAlready)
map_constraint("uq_attendance_supersedes", AttendanceRecordedAlready)
map_constraint("ex_standing_attendance_person", AttendanceOverlaps)


async def open_class_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> SessionRow:
    """The institution opens a session, at most the grace before its time; the first one begins the class."""
    held, row = await _hold(uow, session_id, caller)
    check_may_open(session_facts(row), uow.now, _grace(await rules_on(uow, uow.today)))
    row.lifecycle.decide(row.status, ClassSessionAction.OPEN)
    await start_with_session(uow, held)
    await open_session(uow, row)
    return row


async def record_roster(
    uow: UnitOfWork, session_id: UUID, rows: Sequence[RosterRow], caller: Principal
) -> list[Presence | DomainError]:
    """The institution's roster of a whole session that is over, at the latest the deadline after its end.

    Times lie in the session's window with the grace, and not in the future of business time. A roster without a
    refused row closes the session; otherwise the refused rows may come again, until it is closed or the clock does.
    """
    held, row = await _hold(uow, session_id, caller)
    session, rules = session_facts(row), await rules_on(uow, uow.today)
    check_over(session, uow.now)
    check_awaits_roster(session, uow.now, timedelta(days=rules.roster_deadline_days))
    await start_with_session(uow, held)
    if row.status == ClassSessionState.PLANNED:
        await open_session(uow, row)
    attendees = await queries.lock_attendees(uow, [one.enrolment_id for one in rows])
    room = await _room(uow, session, attendees, rules)
    verdicts = [_decide_roster(room, one) for one in rows]
    accepted = [verdict for verdict in verdicts if isinstance(verdict, Presence)]
    await _write(uow, session, [_first_record(one, AttendanceKind.ROSTER, session) for one in accepted], caller)
    if len(accepted) == len(verdicts):
        await close(uow, [session.id])
    return verdicts


def _decide_roster(room: Room, row: RosterRow) -> Presence | DomainError:
    try:
        return room.first(row.enrolment_id, Interval(row.checked_in_at, row.checked_out_at))
    except DomainError as refusal:
        return refusal


async def record_stay(
    uow: UnitOfWork, session: SessionFacts, attendee: Attendee, stay: Interval, worker: Principal
) -> None:
    """A worker checked out of an open session: the stay, with its minutes computed.

    The caller shares session and enrolment, so that many may go at once.
    """
    room = await _room(uow, session, {attendee.enrolment_id: attendee}, await rules_on(uow, uow.today))
    presence = room.first(attendee.enrolment_id, stay)
    await _write(uow, session, [_first_record(presence, AttendanceKind.CODE, session)], worker)


async def close_class_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> SessionRow:
    """The institution closes a session that is over, with what was recorded."""
    held, row = await _hold(uow, session_id, caller)
    check_over(session_facts(row), uow.now)
    row.lifecycle.decide(row.status, ClassSessionAction.CLOSE)
    await start_with_session(uow, held)
    await close(uow, [session_id])
    return row


async def close_due_sessions(uow: UnitOfWork, limit: int) -> int:
    """The clock closes sessions that are over; answers how many."""
    due = await queries.sessions_to_close(uow, await rules_on(uow, uow.today), limit)
    locked = await lock_sessions(uow, due)
    await close(uow, [row.id for row in locked if row.status in {ClassSessionState.PLANNED, ClassSessionState.OPEN}])
    return len(locked)


async def close(uow: UnitOfWork, session_ids: Sequence[UUID]) -> None:
    """Close locked sessions: one event each with count and digest; who counted for the first time attends from now."""
    standing = await queries.standing_in(uow, session_ids)
    await close_sessions(uow, _tallies(session_ids, standing))
    await begin_attending(uow, {record.enrolment_id for record in standing if record.minutes > 0})


async def correct_attendance(
    uow: UnitOfWork, session_id: UUID, rows: Sequence[CorrectionRow], officer: Principal
) -> list[Correction | DomainError]:
    """An officer supersedes records of a closed session, or adds make-ups within their part of the hours (D4).

    Possible until the class is verified, for enrolments that have not ended.
    """
    held, row = await _hold(uow, session_id, officer)
    session = session_facts(row)
    check_correctable(session, held.status)
    desk = await _desk(uow, session, held, [one.enrolment_id for one in rows])
    verdicts = [_decide_correction(desk, one) for one in rows]
    accepted = [verdict for verdict in verdicts if isinstance(verdict, Correction)]
    if accepted:
        await _write(uow, session, [_correcting_record(one) for one in accepted], officer)
        standing = await queries.standing_in(uow, [session_id])
        await correct_session(uow, session_id, _tallies([session_id], standing)[session_id])
        await begin_attending(uow, {record.enrolment_id for record in standing if record.minutes > 0})
    return verdicts


def _decide_correction(desk: CorrectionDesk, row: CorrectionRow) -> Correction | DomainError:
    try:
        return desk.decide(row)
    except DomainError as refusal:
        return refusal


async def _hold(uow: UnitOfWork, session_id: UUID, caller: Principal) -> tuple[ClassRow, SessionRow]:
    """A session of the caller's scope and its class, both locked; `ClassSessionNotFound` otherwise."""
    class_id = await class_of_session(uow, session_id)
    try:
        held = await lock_class(uow, class_id, caller)
    except ClassNotFound:
        raise ClassSessionNotFound from None
    return held, await lock_session(uow, session_id)


async def _room(uow: UnitOfWork, session: SessionFacts, attendees: Mapping[UUID, Attendee], rules: Rules) -> Room:
    """The session with these enrolments, held by the caller, and where their people were about its time."""
    room = Room(session=session, attendees=attendees, now=uow.now, grace=_grace(rules))
    room.recorded.update(await queries.recorded_in(uow, session.id))
    people = {attendee.person_id for attendee in attendees.values()}
    for stay in await queries.stays_of(uow, people, session.window.widened(room.grace)):
        room.stays[stay.person_id].append(stay.presence)
    return room


async def _desk(
    uow: UnitOfWork, session: SessionFacts, held: ClassRow, enrolment_ids: Sequence[UUID]
) -> CorrectionDesk:
    rules = await rules_on(uow, held.starts_on)
    room = await _room(uow, session, await queries.lock_attendees(uow, enrolment_ids), rules)
    attended = await queries.attended(uow, enrolment_ids, rules)
    return CorrectionDesk(
        room=room,
        standing={record.enrolment_id: record for record in await queries.standing_in(uow, [session.id])},
        last=await queries.recorded_in(uow, session.id),
        make_up_minutes={one: attended[one].make_up_minutes for one in enrolment_ids},
        make_ups_allowed=lambda minutes: rules.make_ups_allowed(minutes, held.planned_minutes),
    )


def _first_record(presence: Presence, kind: AttendanceKind, session: SessionFacts) -> dict[str, Any]:
    return {
        **_of(presence.attendee.enrolment_id, presence.attendee.person_id),
        **_stay(presence),
        "kind": str(kind),
        "class_id": session.class_id,
        "supersedes": None,
        "reason_code": None,
    }


def _correcting_record(correction: Correction) -> dict[str, Any]:
    attendee = correction.attendee
    return {
        **_of(attendee.enrolment_id, attendee.person_id),
        **_stay(correction.stay),
        "kind": str(correction.kind),
        "class_id": attendee.class_id,
        "supersedes": correction.supersedes,
        "reason_code": correction.reason_code,
    }


def _of(enrolment_id: UUID, person_id: UUID) -> dict[str, Any]:
    return {"id": uuid7(), "enrolment_id": enrolment_id, "person_id": person_id}


def _stay(presence: Presence | None) -> dict[str, Any]:
    if presence is None:
        return {"checked_in_at": None, "checked_out_at": None, "minutes": 0}
    stay = presence.presence
    return {"checked_in_at": stay.begins_at, "checked_out_at": stay.ends_at, "minutes": presence.minutes}


async def _write(
    uow: UnitOfWork, session: SessionFacts, records: Sequence[Mapping[str, Any]], caller: Principal
) -> None:
    """Append records by one statement; the session is open, or closed for corrections: the database looks too."""
    if not records:
        return
    await uow.session.flush()
    entered = {"class_session_id": session.id, "entered_by": caller.person_id, "account": caller.account}
    rows = [{**record, **entered, "entered_at": uow.now} for record in records]
    await uow.session.execute(insert(Attendance), rows)


def _tallies(session_ids: Iterable[UUID], standing: Sequence[Standing]) -> dict[UUID, Tally]:
    by_session: dict[UUID, list[Standing]] = {session_id: [] for session_id in session_ids}
    for record in standing:
        by_session[record.class_session_id].append(record)
    return {session_id: Tally(len(records), attendance_digest(records)) for session_id, records in by_session.items()}


def _grace(rules: Rules) -> timedelta:
    return timedelta(minutes=rules.session_grace_minutes)
