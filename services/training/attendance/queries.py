"""Reading attendance: who may be there, what stands, and what it comes to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select

from services.training.attendance.domain import AttendanceKind, Attendee, Roll, StandingRecord
from services.training.attendance.models import Attendance, CheckIn, StandingAttendance
from services.training.class_sessions.domain import ClassSessionFacts, ClassSessionNotFound, Interval
from services.training.class_sessions.queries import (
    SessionRow,
    class_of_session,
    due_sessions,
    lock_session,
    session_of,
)
from services.training.classes.domain import ClassNotFound
from services.training.classes.queries import ClassRow, class_of, lock_class, see_class
from services.training.enrolments.queries import lock_enrolments, see_enrolment
from services.training.rules.domain import Rules
from shared.kernel.clock import business_date
from shared.persistence import UnitOfWork
from shared.persistence.dated import rules_on
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Attended:
    """What one enrolment's attendance comes to."""

    counted_minutes: int
    """Each day up to the cap."""
    make_up_minutes: int


@dataclass(frozen=True, slots=True)
class AttendanceSheet:
    """One enrolment's attendance: its records, and what they come to beside what was planned."""

    records: list[StandingRecord]
    attended: Attended
    planned_minutes: int
    class_hours: int
    enough: bool


async def see_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> SessionRow:
    """A session of the caller's scope; `ClassSessionNotFound` otherwise."""
    try:
        await see_class(uow, await class_of_session(uow, session_id), caller)
    except ClassNotFound:
        raise ClassSessionNotFound from None
    return await session_of(uow, session_id)


async def lock_class_and_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> tuple[ClassRow, SessionRow]:
    """A session of the caller's scope and its class, both locked; `ClassSessionNotFound` otherwise."""
    class_id = await class_of_session(uow, session_id)
    try:
        training_class = await lock_class(uow, class_id, caller)
    except ClassNotFound:
        raise ClassSessionNotFound from None
    return training_class, await lock_session(uow, session_id)


async def call_roll(
    uow: UnitOfWork, session: ClassSessionFacts, attendees: Mapping[UUID, Attendee], rules: Rules
) -> Roll:
    """The session with these enrolments, locked by the caller, and where their people were about its time."""
    roll = Roll(session, attendees, uow.now, timedelta(minutes=rules.session_grace_minutes))
    roll.recorded.update(await recorded_in(uow, session.id))
    people = {attendee.person_id for attendee in attendees.values()}
    for record in await stays_of(uow, people, session.window.widened(roll.grace)):
        roll.stays[record.person_id].append(record.stay)
    return roll


async def lock_attendees(uow: UnitOfWork, enrolment_ids: Collection[UUID]) -> dict[UUID, Attendee]:
    """Enrolments whose attendance is about to be written."""
    rows = await lock_enrolments(uow, enrolment_ids, against="a withdrawal while attendance is written")
    return {row.id: Attendee(row.id, row.class_id, row.person_id, row.status) for row in rows.values()}


async def standing_in(uow: UnitOfWork, session_ids: Collection[UUID]) -> list[StandingRecord]:
    """The standing records of some sessions."""
    statement = select(StandingAttendance).where(StandingAttendance.class_session_id.in_(session_ids))
    return [standing_record(row) for row in await uow.session.scalars(statement)]


async def stays_of(uow: UnitOfWork, people: Collection[UUID], during: Interval) -> list[StandingRecord]:
    """The standing records of some people that meet an interval."""
    statement = select(StandingAttendance).where(
        StandingAttendance.person_id.in_(people),
        StandingAttendance.checked_in_at < during.ends_at,
        StandingAttendance.checked_out_at > during.begins_at,
    )
    return [standing_record(row) for row in await uow.session.scalars(statement)]


async def recorded_in(uow: UnitOfWork, session_id: UUID) -> dict[UUID, UUID]:
    """By enrolment, the last record of a session: the one that nothing supersedes, standing or void."""
    later = Attendance.__table__.alias("later")
    statement = select(Attendance.enrolment_id, Attendance.id).where(
        Attendance.class_session_id == session_id, ~exists().where(later.c.supersedes == Attendance.id)
    )
    return {row.enrolment_id: row.id for row in await uow.session.execute(statement)}


async def check_ins_of(uow: UnitOfWork, session_id: UUID, enrolment_id: UUID) -> dict[str, datetime]:
    """When a worker came to a session and went, business time, by direction."""
    statement = select(CheckIn.direction, CheckIn.at).where(
        CheckIn.class_session_id == session_id, CheckIn.enrolment_id == enrolment_id
    )
    return {row.direction: row.at for row in await uow.session.execute(statement)}


async def sessions_to_close(uow: UnitOfWork, rules: Rules, limit: int) -> list[UUID]:
    """Sessions to be closed now: after the grace where workers checked in, else after the roster's deadline."""
    grace, deadline = timedelta(minutes=rules.session_grace_minutes), timedelta(days=rules.roster_deadline_days)
    checked_in = select(CheckIn.class_session_id)
    return await due_sessions(uow, checked_in=checked_in, grace=grace, deadline=deadline, limit=limit)


async def attended(uow: UnitOfWork, enrolment_ids: Collection[UUID], rules: Rules) -> dict[UUID, Attended]:
    """What the attendance of some enrolments comes to: hours are computed, never sent in (DOMAIN §3)."""
    statement = select(StandingAttendance).where(StandingAttendance.enrolment_id.in_(enrolment_ids))
    by_enrolment: dict[UUID, list[StandingRecord]] = defaultdict(list)
    for row in await uow.session.scalars(statement):
        by_enrolment[row.enrolment_id].append(standing_record(row))
    return {enrolment_id: _attended(by_enrolment[enrolment_id], rules) for enrolment_id in enrolment_ids}


def _attended(records: Iterable[StandingRecord], rules: Rules) -> Attended:
    by_day: dict[date, int] = defaultdict(int)
    make_up_minutes = 0
    for record in records:
        by_day[business_date(record.stay.begins_at)] += record.minutes
        make_up_minutes += record.minutes if record.kind == AttendanceKind.MAKE_UP else 0
    return Attended(rules.countable_minutes(by_day), make_up_minutes)


async def attendance_of_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> list[StandingRecord]:
    """The standing records of a session of the caller's scope."""
    await see_session(uow, session_id, caller)
    return sorted(await standing_in(uow, [session_id]), key=lambda record: record.enrolment_id)


async def attendance_of_enrolment(uow: UnitOfWork, enrolment_id: UUID, caller: Principal) -> AttendanceSheet:
    """The attendance of an enrolment of the caller's scope, so far."""
    enrolment = await see_enrolment(uow, enrolment_id, caller)
    training_class = await class_of(uow, enrolment.class_id)
    rules = await rules_on(uow, Rules, training_class.starts_on)
    statement = select(StandingAttendance).where(StandingAttendance.enrolment_id == enrolment_id)
    found = await uow.session.scalars(statement.order_by(StandingAttendance.checked_in_at))
    records = [standing_record(row) for row in found]
    attended = _attended(records, rules)
    return AttendanceSheet(
        records=records,
        attended=attended,
        planned_minutes=training_class.planned_minutes,
        class_hours=rules.class_hours(attended.counted_minutes),
        enough=rules.attended_enough(attended.counted_minutes, training_class.planned_minutes),
    )


def standing_record(row: StandingAttendance) -> StandingRecord:
    """A standing record as decisions see it."""
    stay = Interval(row.checked_in_at, row.checked_out_at)
    return StandingRecord(
        row.attendance_id, row.class_session_id, row.enrolment_id, row.person_id, stay, row.minutes, row.kind
    )
