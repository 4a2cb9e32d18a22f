"""What counts as attendance (D4): who may check in and out with a session's code, times, and computed minutes."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.training.class_sessions.domain import (
    ClassSessionFacts,
    ClassSessionNotOpen,
    ClassSessionOver,
    ClassSessionState,
    ClassSessionTooEarly,
    Interval,
)
from services.training.enrolments.domain import PRESENT_STATES, EnrolmentNotFound
from shared.kernel.errors import Conflict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CODE_STEP_S = 30
"""How long one code is shown; it is taken for one step more."""
CODE_DIGITS = 8


class AttendanceKind(StrEnum):
    """Where a record comes from."""

    CODE = "code"
    """The worker's own check-in and check-out."""
    ROSTER = "roster"
    """The institution's roster of a whole session."""
    CORRECTION = "correction"
    """An officer's record in place of another."""
    MAKE_UP = "make_up"
    """A forgotten check-in (补卡) that an officer approved."""


class EnrolmentNotAttending(Conflict):
    """Attendance is of people whose enrolment is registered and not yet decided."""

    code = "enrolment_not_attending"
    policy = "§二(二)6"
    zh, en = "报名未登记或已结束,不能记录考勤", "The enrolment is not registered, or is over."


class AttendanceInFuture(Conflict):
    """Nobody has attended what is still to come."""

    code = "attendance_in_future"
    policy = "§二(二)6"
    zh, en = "考勤时间晚于当前时间", "Attendance cannot lie in the future."


class AttendanceOutsideSession(Conflict):
    """The times are not those of the session, or run backwards."""

    code = "attendance_outside_session"
    policy = "§二(二)6"
    zh, en = "考勤时间不在课次时间范围内", "The times are outside the class session, or run backwards."


class AttendanceOverlaps(Conflict):
    """One person is never in two places at once (DOMAIN §4, 12)."""

    code = "attendance_overlaps"
    policy = "§二(二)6"
    zh, en = "该劳动者同一时段已有其他考勤", "The person attended elsewhere at that time."


class AttendanceRecordedAlready(Conflict):
    """A person has one record in a session; changing it is a correction."""

    code = "attendance_recorded_already"
    policy = "§二(二)6"
    zh, en = "该劳动者本课次考勤已记录", "The person's attendance of this session is recorded already."


class Direction(StrEnum):
    """Whether a person comes or goes."""

    IN = "in"
    OUT = "out"


class SessionCodeInvalid(Conflict):
    """The code is not the one that the session shows now."""

    code = "session_code_invalid"
    policy = "§二(二)6"
    zh, en = "签到码错误或已过期", "The session's code is wrong or has expired."


class CheckedInAlready(Conflict):
    """A person checks in once a session."""

    code = "checked_in_already"
    policy = "§二(二)6"
    zh, en = "本课次已签到", "You have checked in already."


class NotCheckedIn(Conflict):
    """Who did not come cannot go."""

    code = "not_checked_in"
    policy = "§二(二)6"
    zh, en = "本课次尚未签到", "You have not checked in."


class SessionCodeUsed(Conflict):
    """A code is taken once from one person (DOMAIN §5, click-bots)."""

    code = "session_code_used"
    policy = "§二(二)6"
    zh, en = "该签到码您已使用,请等待下一个", "You have used this code already; wait for the next one."


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of an institution's roster."""

    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime


@dataclass(frozen=True, slots=True)
class Attendee:
    """An enrolment as attendance sees it."""

    enrolment_id: UUID
    class_id: UUID
    person_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """A record that no other supersedes."""

    attendance_id: UUID
    class_session_id: UUID
    enrolment_id: UUID
    person_id: UUID
    stay: Interval
    minutes: int
    kind: str


@dataclass(frozen=True, slots=True)
class CountedStay:
    """What is to be written: a person's stay at a session and what of it counts."""

    attendee: Attendee
    stay: Interval
    minutes: int


def check_may_check_in(session: ClassSessionFacts, now: datetime, grace: timedelta) -> None:
    """`ClassSessionNotOpen`, `ClassSessionTooEarly` or `ClassSessionOver` unless people may come now, business time."""
    check_open(session)
    if now < session.window.begins_at - grace:
        raise ClassSessionTooEarly
    if now >= session.window.ends_at:
        raise ClassSessionOver


def check_may_check_out(session: ClassSessionFacts, now: datetime, grace: timedelta) -> None:
    """`ClassSessionNotOpen` or `ClassSessionOver` unless people may still go now, business time."""
    check_open(session)
    if now > session.window.ends_at + grace:
        raise ClassSessionOver


def check_open(session: ClassSessionFacts) -> None:
    """`ClassSessionNotOpen` unless the session shows a code."""
    if session.status != ClassSessionState.OPEN:
        raise ClassSessionNotOpen


def code_step(at: datetime) -> int:
    """The number of the 30-second step in which `at`, the database's own time, falls."""
    return int(at.timestamp()) // CODE_STEP_S


def session_code(key: bytes, step: int) -> str:
    """The digits that a session shows during a step."""
    mac = hmac.digest(key, b"class-session-code" + step.to_bytes(8, "big"), hashlib.sha256)
    return f"{int.from_bytes(mac[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_expires_at(step: int) -> datetime:
    """When the code of a step is taken no more, real time, UTC."""
    return datetime.fromtimestamp((step + 2) * CODE_STEP_S, UTC)


def step_of_code(key: bytes, code: str, at: datetime) -> int:
    """The step whose code this is: the present one or the one before; `SessionCodeInvalid` otherwise."""
    present = code_step(at)
    for step in (present, present - 1):
        if hmac.compare_digest(session_code(key, step).encode(), code.encode()):
            return step
    raise SessionCodeInvalid


def check_times(session: ClassSessionFacts, stay: Interval, now: datetime, grace: timedelta) -> None:
    """`AttendanceOutsideSession` or `AttendanceInFuture` unless the stay lies in the session's window and the past."""
    if stay.begins_at >= stay.ends_at or not session.window.widened(grace).contains(stay):
        raise AttendanceOutsideSession
    if stay.ends_at > now:
        raise AttendanceInFuture


@dataclass
class Roll:
    """A session's attendance while records are added one after the other: who may be there, and where they were."""

    session: ClassSessionFacts
    attendees: Mapping[UUID, Attendee]
    """Enrolments by id."""
    now: datetime
    grace: timedelta
    recorded: set[UUID] = field(default_factory=set)
    """Enrolments that have a record in this session."""
    stays: dict[UUID, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    """Where people were about the session's time, by person."""

    def attendee(self, enrolment_id: UUID) -> Attendee:
        """The enrolment, if it is of this class and attends; `EnrolmentNotFound`, `EnrolmentNotAttending`."""
        found = self.attendees.get(enrolment_id)
        if found is None or found.class_id != self.session.class_id:
            raise EnrolmentNotFound
        if found.status not in PRESENT_STATES:
            raise EnrolmentNotAttending
        return found

    def admit(self, attendee: Attendee, stay: Interval) -> CountedStay:
        """Take a stay down; `AttendanceOutsideSession`, `AttendanceInFuture`, `AttendanceOverlaps`."""
        check_times(self.session, stay, self.now, self.grace)
        if any(other.overlaps(stay) for other in self.stays[attendee.person_id]):
            raise AttendanceOverlaps
        self.stays[attendee.person_id].append(stay)
        self.recorded.add(attendee.enrolment_id)
        return CountedStay(attendee, stay, self.session.window.minutes_shared(stay))

    def first(self, enrolment_id: UUID, stay: Interval) -> CountedStay:
        """A person's first record of the session; also `AttendanceRecordedAlready`."""
        attendee = self.attendee(enrolment_id)
        if enrolment_id in self.recorded:
            raise AttendanceRecordedAlready
        return self.admit(attendee, stay)


def attendance_digest(rows: Iterable[StandingRecord]) -> str:
    """SHA-256 of a session's standing records, lower-case hexadecimal: one line each, ascending by enrolment.

    `<enrolment>|<record>|<in>|<out>|<minutes>|<kind>`, times in microseconds since 1970 UTC.
    """
    lines = sorted(
        "|".join(
            (
                str(row.enrolment_id),
                str(row.attendance_id),
                str((row.stay.begins_at - EPOCH) // MICROSECOND),
                str((row.stay.ends_at - EPOCH) // MICROSECOND),
                str(row.minutes),
                row.kind,
            )
        )
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
