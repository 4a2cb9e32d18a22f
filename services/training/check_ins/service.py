"""Showing a session's code, and checking in and out with it (DOMAIN §5: server time, one-time, own session)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.training.attendance.domain import AttendanceRecordedAlready, Attendee, NotPresentable
from services.training.attendance.service import record_stay
from services.training.check_ins.domain import (
    CheckedInAlready,
    Direction,
    NotCheckedIn,
    SessionCodeUsed,
    check_may_check_in,
    check_may_check_out,
    check_open,
    code_expires_at,
    code_step,
    session_code,
    step_of_code,
)
from services.training.check_ins.models import CheckIn
from services.training.check_ins.queries import check_ins_of
from services.training.class_sessions.domain import ClassSessionNotFound, Interval, SessionFacts
from services.training.class_sessions.queries import code_key_of, session_facts, share_session
from services.training.classes.queries import read_class
from services.training.enrolments.domain import PRESENT_STATES, EnrolmentNotFound
from services.training.enrolments.queries import EnrolledPerson, share_enrolment_of_person
from services.training.rules.queries import rules_on
from shared.kernel.errors import NotFound
from shared.persistence import UnitOfWork, map_constraint
from shared.security import Principal

map_constraint("uq_check_ins_class_session_id_person_id_step", SessionCodeUsed)
map_constraint("uq_check_ins_class_session_id_enrolment_id_direction", CheckedInAlready)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """The digits that a session shows now, and until when they are taken, real time."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """When a worker came to a session, and went; business time."""

    class_session_id: UUID
    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None


async def show_code(uow: UnitOfWork, session_id: UUID, caller: Principal) -> ShownCode:
    """The code for the screen in the institution's room; another every 30 seconds."""
    row = await share_session(uow, session_id)
    try:
        await read_class(uow, row.class_id, caller)
    except NotFound:
        raise ClassSessionNotFound from None
    check_open(session_facts(row))
    step = code_step(uow.recorded_at)
    return ShownCode(session_code(row.code_key, step), code_expires_at(step))


async def check_in(uow: UnitOfWork, session_id: UUID, code: str, caller: Principal) -> Stay:
    """A worker comes: his own session of the app, the room's code of this half minute, the server's time."""
    session, enrolled, grace = await _at_the_door(uow, session_id, caller)
    check_may_check_in(session, uow.now, grace)
    if Direction.IN in await check_ins_of(uow, session_id, enrolled.id):
        raise CheckedInAlready
    await _use_code(uow, session, enrolled, code, Direction.IN)
    return Stay(session_id, enrolled.id, uow.now, None)


async def check_out(uow: UnitOfWork, session_id: UUID, code: str, caller: Principal) -> Stay:
    """A worker goes, with a later code: the stay is recorded, and its minutes are computed."""
    session, enrolled, grace = await _at_the_door(uow, session_id, caller)
    check_may_check_out(session, uow.now, grace)
    before = await check_ins_of(uow, session_id, enrolled.id)
    if Direction.IN not in before:
        raise NotCheckedIn
    if Direction.OUT in before:
        raise AttendanceRecordedAlready
    await _use_code(uow, session, enrolled, code, Direction.OUT)
    stay = Interval(before[Direction.IN], uow.now)
    attendee = Attendee(enrolled.id, enrolled.class_id, enrolled.person_id, enrolled.status)
    await record_stay(uow, session, attendee, stay, caller)
    return Stay(session_id, enrolled.id, stay.begins_at, stay.ends_at)


async def _at_the_door(
    uow: UnitOfWork, session_id: UUID, caller: Principal
) -> tuple[SessionFacts, EnrolledPerson, timedelta]:
    """The session, which cannot close meanwhile, the caller's own enrolment in its class, and the grace.

    `ClassSessionNotFound` for somebody else's class.
    """
    session = session_facts(await share_session(uow, session_id))
    try:
        enrolled = await share_enrolment_of_person(uow, session.class_id, caller.person)
    except EnrolmentNotFound:
        raise ClassSessionNotFound from None
    if enrolled.status not in PRESENT_STATES:
        raise NotPresentable
    rules = await rules_on(uow, uow.today)
    return session, enrolled, timedelta(minutes=rules.session_grace_minutes)


async def _use_code(
    uow: UnitOfWork, session: SessionFacts, enrolled: EnrolledPerson, code: str, direction: Direction
) -> None:
    """`SessionCodeInvalid`, or `SessionCodeUsed` where this person used this code before."""
    step = step_of_code(await code_key_of(uow, session.id), code, uow.recorded_at)
    uow.session.add(
        CheckIn(
            class_session_id=session.id,
            class_id=session.class_id,
            enrolment_id=enrolled.id,
            person_id=enrolled.person_id,
            direction=str(direction),
            step=step,
            at=uow.now,
            recorded_at=uow.recorded_at,
        )
    )
    await uow.session.flush()
