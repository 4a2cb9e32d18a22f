"""Opening and closing sessions, check-ins and check-outs, rosters (§二(二)6; DOMAIN §5; D4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.training.attendance import queries
from services.training.attendance.domain import (
    AttendanceKind,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    Attendee,
    CheckedInAlready,
    CountedStay,
    Direction,
    EnrolmentNotAttending,
    NotCheckedIn,
    Roll,
    RosterRow,
    SessionCodeUsed,
    StandingRecord,
    attendance_digest,
    check_may_check_in,
    check_may_check_out,
    check_open,
    code_expires_at,
    code_step,
    session_code,
    step_of_code,
)
from services.training.attendance.models import Attendance, CheckIn
from services.training.class_sessions.domain import (
    ClassSessionAction,
    ClassSessionNotFound,
    ClassSessionState,
    Interval,
    check_awaits_roster,
    check_may_open,
    check_over,
)
from services.training.class_sessions.queries import SessionRow, lock_sessions, session_facts, share_session
from services.training.class_sessions.service import Tally, close_sessions, correct_sessions, open_session
from services.training.classes.service import start_with_session
from services.training.enrolments.domain import PRESENT_STATES, EnrolmentNotFound
from services.training.enrolments.queries import share_enrolment_of_person
from services.training.enrolments.service import begin_attending
from services.training.rules.domain import Rules
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, map_constraint
from shared.persistence.dated import rules_on
from shared.security import Principal

map_constraint("uq_check_ins_class_session_id_person_id_step", SessionCodeUsed)
map_constraint("uq_check_ins_class_session_id_enrolment_id_direction", CheckedInAlready)
map_constraint("uq_attendance_first", AttendanceRecordedAlready)
map_constraint("uq_attendance_supersedes", AttendanceRecordedAlready)
map_constraint("ex_standing_attendance_person", AttendanceOverlaps)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """The digits that a session shows now, and until when they are taken, real time."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """When a worker came to a session, and went; business time."""

    class_session_id: UUID
    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None


async def open_class_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> SessionRow:
    """The institution opens a session, at most the grace before its time; the first one begins the class."""
    training_class, row = await queries.lock_class_and_session(uow, session_id, caller)
    check_may_open(session_facts(row), uow.now, _grace(await rules_on(uow, Rules, uow.today)))
    row.lifecycle.decide(row.status, ClassSessionAction.OPEN)
    await start_with_session(uow, training_class)
    open_session(uow, row)
    return row


async def show_code(uow: UnitOfWork, session_id: UUID, caller: Principal) -> ShownCode:
    """The code for the screen in the institution's room; another every 30 seconds."""
    row = await queries.see_session(uow, session_id, caller)
    check_open(session_facts(row))
    step = code_step(uow.recorded_at)
    return ShownCode(session_code(row.code_key, step), code_expires_at(step))


async def check_in(uow: UnitOfWork, session_id: UUID, code: str, caller: Principal) -> Visit:
    """A worker comes: their own session of the app, the room's code of this half minute, the server's time."""
    row, attendee = await _present(uow, session_id, caller)
    check_may_check_in(session_facts(row), uow.now, _grace(await rules_on(uow, Rules, uow.today)))
    if Direction.IN in await queries.check_ins_of(uow, session_id, attendee.enrolment_id):
        raise CheckedInAlready
    await _use_code(uow, row, attendee, code, Direction.IN)
    return Visit(session_id, attendee.enrolment_id, uow.now, None)


async def check_out(uow: UnitOfWork, session_id: UUID, code: str, caller: Principal) -> Visit:
    """A worker goes, with a later code: the stay is recorded, and its minutes are computed."""
    row, attendee = await _present(uow, session_id, caller)
    session, rules = session_facts(row), await rules_on(uow, Rules, uow.today)
    check_may_check_out(session, uow.now, _grace(rules))
    before = await queries.check_ins_of(uow, session_id, attendee.enrolment_id)
    if Direction.IN not in before:
        raise NotCheckedIn
    if Direction.OUT in before:
        raise AttendanceRecordedAlready
    await _use_code(uow, row, attendee, code, Direction.OUT)
    roll = await queries.call_roll(uow, session, {attendee.enrolment_id: attendee}, rules)
    counted = roll.first(attendee.enrolment_id, Interval(before[Direction.IN], uow.now))
    await append_records(uow, session_id, [_first_record(counted, AttendanceKind.CODE)])
    return Visit(session_id, attendee.enrolment_id, counted.stay.begins_at, counted.stay.ends_at)


async def record_roster(
    uow: UnitOfWork, session_id: UUID, rows: Sequence[RosterRow], caller: Principal
) -> list[CountedStay | DomainError]:
    """The institution's roster of a whole session that is over, at the latest the deadline after its end.

    Times lie in the session's window with the grace, and not in the future of business time. A roster without a
    refused row closes the session; otherwise the refused rows may come again, until it is closed or the clock does.
    """
    training_class, row = await queries.lock_class_and_session(uow, session_id, caller)
    session, rules = session_facts(row), await rules_on(uow, Rules, uow.today)
    check_over(session, uow.now)
    check_awaits_roster(session, uow.now, timedelta(days=rules.roster_deadline_days))
    await start_with_session(uow, training_class)
    if row.status == ClassSessionState.PLANNED:
        open_session(uow, row)
    attendees = await queries.lock_attendees(uow, [line.enrolment_id for line in rows])
    roll = await queries.call_roll(uow, session, attendees, rules)
    verdicts = [_decide(roll, line) for line in rows]
    accepted = [verdict for verdict in verdicts if isinstance(verdict, CountedStay)]
    await append_records(uow, session_id, [_first_record(stay, AttendanceKind.ROSTER) for stay in accepted])
    if len(accepted) == len(verdicts):
        await close(uow, [session_id])
    return verdicts


async def close_class_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> SessionRow:
    """The institution closes a session that is over, with what was recorded."""
    training_class, row = await queries.lock_class_and_session(uow, session_id, caller)
    check_over(session_facts(row), uow.now)
    row.lifecycle.decide(row.status, ClassSessionAction.CLOSE)
    await start_with_session(uow, training_class)
    await close(uow, [session_id])
    return row


async def close_due_sessions(uow: UnitOfWork, limit: int) -> int:
    """The clock closes sessions that are over; answers how many."""
    due = await queries.sessions_to_close(uow, await rules_on(uow, Rules, uow.today), limit)
    locked = await lock_sessions(uow, due)
    await close(uow, [row.id for row in locked if row.status in {ClassSessionState.PLANNED, ClassSessionState.OPEN}])
    return len(locked)


async def close(uow: UnitOfWork, session_ids: Sequence[UUID]) -> None:
    """Close locked sessions: one event each with count and digest; who counted for the first time attends from now."""
    standing = await queries.standing_in(uow, session_ids)
    await close_sessions(uow, _tallies(session_ids, standing))
    await _begin_attending(uow, standing)


async def recount(uow: UnitOfWork, session_id: UUID) -> None:
    """A closed, locked session's records were corrected: its event says what stands now."""
    standing = await queries.standing_in(uow, [session_id])
    await correct_sessions(uow, _tallies([session_id], standing))
    await _begin_attending(uow, standing)


async def append_records(uow: UnitOfWork, session_id: UUID, records: Sequence[Mapping[str, Any]]) -> None:
    """Append records by one statement; the session is open, or closed for corrections: the database looks too."""
    if not records:
        return
    await uow.session.flush()
    entered = {"entered_by": uow.acting.person_id, "account": uow.acting.id, "entered_at": uow.now}
    rows = [{"id": uuid7(), "class_session_id": session_id, **record, **entered} for record in records]
    await uow.session.execute(insert(Attendance), rows)


def stay_columns(attendee: Attendee, stay: CountedStay | None) -> dict[str, Any]:
    """The columns of a record that say whose it is and what counts; without a stay it voids."""
    return {
        "class_id": attendee.class_id,
        "enrolment_id": attendee.enrolment_id,
        "person_id": attendee.person_id,
        "checked_in_at": stay.stay.begins_at if stay else None,
        "checked_out_at": stay.stay.ends_at if stay else None,
        "minutes": stay.minutes if stay else 0,
    }


def _decide(roll: Roll, line: RosterRow) -> CountedStay | DomainError:
    try:
        return roll.first(line.enrolment_id, Interval(line.checked_in_at, line.checked_out_at))
    except DomainError as refusal:
        return refusal


async def _present(uow: UnitOfWork, session_id: UUID, caller: Principal) -> tuple[SessionRow, Attendee]:
    """The session, which cannot close meanwhile, and the caller's own enrolment in its class.

    `ClassSessionNotFound` for somebody else's class.
    """
    session = await share_session(uow, session_id)
    try:
        enrolment = await share_enrolment_of_person(uow, session.class_id, caller.person)
    except EnrolmentNotFound:
        raise ClassSessionNotFound from None
    if enrolment.status not in PRESENT_STATES:
        raise EnrolmentNotAttending
    return session, Attendee(enrolment.id, enrolment.class_id, enrolment.person_id, enrolment.status)


async def _use_code(uow: UnitOfWork, session: SessionRow, attendee: Attendee, code: str, direction: Direction) -> None:
    """`SessionCodeInvalid`, or `SessionCodeUsed` where this person used this code before."""
    step = step_of_code(session.code_key, code, uow.recorded_at)
    uow.session.add(
        CheckIn(
            class_session_id=session.id,
            class_id=session.class_id,
            enrolment_id=attendee.enrolment_id,
            person_id=attendee.person_id,
            direction=str(direction),
            step=step,
            at=uow.now,
            recorded_at=uow.recorded_at,
        )
    )
    await uow.session.flush()


def _first_record(stay: CountedStay, kind: AttendanceKind) -> dict[str, Any]:
    return {**stay_columns(stay.attendee, stay), "kind": str(kind), "supersedes": None, "reason_code": None}


async def _begin_attending(uow: UnitOfWork, standing: Iterable[StandingRecord]) -> None:
    await begin_attending(uow, {record.enrolment_id for record in standing if record.minutes > 0})


def _tallies(session_ids: Iterable[UUID], standing: Sequence[StandingRecord]) -> dict[UUID, Tally]:
    by_session: dict[UUID, list[StandingRecord]] = {session_id: [] for session_id in session_ids}
    for record in standing:
        by_session[record.class_session_id].append(record)
    return {session_id: Tally(len(records), attendance_digest(records)) for session_id, records in by_session.items()}


def _grace(rules: Rules) -> timedelta:
    return timedelta(minutes=rules.session_grace_minutes)
