"""What counts as attendance (D4): times by the server or the roster, minutes computed, corrections on top."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.training.class_sessions.domain import ClassSessionState, Interval, SessionFacts
from services.training.classes.domain import ClassState
from services.training.enrolments.domain import PRESENT_STATES, EnrolmentNotFound
from shared.kernel.errors import Conflict, DomainError, Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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


class NotPresentable(Conflict):
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


class SessionNotClosed(Conflict):
    """Corrections come after the session closed; until then there is nothing to correct."""

    code = "class_session_not_closed"
    policy = "§二(二)6"
    zh, en = "课次尚未关闭,不能更正", "The class session is not closed yet."


class ClassVerified(Conflict):
    """What an officer has verified stays as it is."""

    code = "class_verified"
    policy = "§二(二)6"
    zh, en = "班次已验收或已终止,不能更正考勤", "The class is verified or has ended; attendance stays."


class NothingToCorrect(Conflict):
    """A correction supersedes a record, and there is none: a forgotten check-in is a make-up."""

    code = "attendance_nothing_to_correct"
    policy = "D4"
    zh, en = "没有可更正的考勤记录", "There is no record to correct."


class MakeUpsExhausted(Conflict):
    """Make-ups fill at most their part of the hours (D4)."""

    code = "make_ups_exhausted"
    policy = "D4"
    zh, en = "补卡课时超过上限", "The make-ups exceed their part of the hours."


class CorrectionTimesInvalid(Invalid):
    """Both times or, to void a record, neither; a make-up has both."""

    code = "correction_times_invalid"
    zh, en = "签到签退时间须同时填写", "A correction has both times, or neither to void a record."


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of an institution's roster."""

    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One line of an officer's corrections; without times it voids the record."""

    enrolment_id: UUID
    kind: AttendanceKind
    reason_code: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attendee:
    """An enrolment as attendance sees it."""

    enrolment_id: UUID
    class_id: UUID
    person_id: UUID
    status: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that no other supersedes."""

    attendance_id: UUID
    class_session_id: UUID
    enrolment_id: UUID
    person_id: UUID
    presence: Interval
    minutes: int
    kind: str


@dataclass(frozen=True, slots=True)
class Presence:
    """What is to be written: a person's stay at a session and what of it counts."""

    attendee: Attendee
    presence: Interval
    minutes: int


def check_times(session: SessionFacts, presence: Interval, now: datetime, grace: timedelta) -> None:
    """`AttendanceOutsideSession` or `AttendanceInFuture` unless the stay lies in the session's window and the past."""
    if presence.begins_at >= presence.ends_at or not session.window.widened(grace).contains(presence):
        raise AttendanceOutsideSession
    if presence.ends_at > now:
        raise AttendanceInFuture


def check_correctable(session: SessionFacts, class_status: str) -> None:
    """`SessionNotClosed`, or `ClassVerified` once an officer has verified the class."""
    if session.status != ClassSessionState.CLOSED:
        raise SessionNotClosed
    if class_status not in {ClassState.RUNNING, ClassState.FINISHED}:
        raise ClassVerified


@dataclass
class Room:
    """A session while rows about it are decided one after the other: who may be there, and where they were."""

    session: SessionFacts
    attendees: Mapping[UUID, Attendee]
    """Enrolments by id."""
    now: datetime
    grace: timedelta
    recorded: set[UUID] = field(default_factory=set)
    """Enrolments that have a record in this session."""
    stays: dict[UUID, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    """Standing attendance by person."""

    def attendee(self, enrolment_id: UUID) -> Attendee:
        """The enrolment, if it is of this class and its attendance counts; `EnrolmentNotFound`, `NotPresentable`."""
        found = self.attendees.get(enrolment_id)
        if found is None or found.class_id != self.session.class_id:
            raise EnrolmentNotFound
        if found.status not in PRESENT_STATES:
            raise NotPresentable
        return found

    def admit(self, attendee: Attendee, presence: Interval) -> Presence:
        """Take a stay down; `AttendanceOutsideSession`, `AttendanceInFuture`, `AttendanceOverlaps`."""
        check_times(self.session, presence, self.now, self.grace)
        if any(stay.overlaps(presence) for stay in self.stays[attendee.person_id]):
            raise AttendanceOverlaps
        self.stays[attendee.person_id].append(presence)
        self.recorded.add(attendee.enrolment_id)
        return Presence(attendee, presence, self.session.window.minutes_shared(presence))

    def first(self, enrolment_id: UUID, presence: Interval) -> Presence:
        """A person's first record of the session; also `AttendanceRecordedAlready`."""
        attendee = self.attendee(enrolment_id)
        if enrolment_id in self.recorded:
            raise AttendanceRecordedAlready
        return self.admit(attendee, presence)


def attendance_digest(rows: Iterable[Standing]) -> str:
    """SHA-256 of a session's standing records, lower-case hexadecimal: one line each, ascending by enrolment.

    `<enrolment>|<record>|<in>|<out>|<minutes>|<kind>`, times in microseconds since 1970 UTC.
    """
    lines = sorted(
        "|".join(
            (
                str(row.enrolment_id),
                str(row.attendance_id),
                str((row.presence.begins_at - EPOCH) // MICROSECOND),
                str((row.presence.ends_at - EPOCH) // MICROSECOND),
                str(row.minutes),
                row.kind,
            )
        )
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be written in place of a record, or beside none for a make-up; no stay voids."""

    attendee: Attendee
    kind: AttendanceKind
    reason_code: str
    stay: Presence | None
    supersedes: UUID | None


@dataclass
class CorrectionDesk:
    """A closed session while an officer's corrections are decided one after the other."""

    room: Room
    standing: Mapping[UUID, Standing]
    """The session's standing records by enrolment."""
    last: Mapping[UUID, UUID]
    """The session's last record by enrolment, standing or void."""
    make_up_minutes: dict[UUID, int]
    """Make-ups by enrolment, in all the class."""
    make_ups_allowed: Callable[[int], bool]
    """Whether make-ups of this many minutes in all are within their part (D4)."""
    done: set[UUID] = field(default_factory=set)

    def decide(self, row: CorrectionRow) -> Correction:
        """The correction to write.

        `CorrectionTimesInvalid`, `NothingToCorrect`, `AttendanceRecordedAlready`, `MakeUpsExhausted`, or what forbids
        the stay itself.
        """
        attendee = self.room.attendee(row.enrolment_id)
        if row.enrolment_id in self.done:
            raise AttendanceRecordedAlready
        stay = self._make_up(row, attendee) if row.kind is AttendanceKind.MAKE_UP else self._corrected(row, attendee)
        self.done.add(row.enrolment_id)
        return Correction(attendee, row.kind, row.reason_code, stay, self.last.get(row.enrolment_id))

    def _make_up(self, row: CorrectionRow, attendee: Attendee) -> Presence:
        if row.enrolment_id in self.standing:
            raise AttendanceRecordedAlready
        if row.checked_in_at is None or row.checked_out_at is None:
            raise CorrectionTimesInvalid
        window, stay = self.room.session.window, Interval(row.checked_in_at, row.checked_out_at)
        if not self.make_ups_allowed(self.make_up_minutes[row.enrolment_id] + window.minutes_shared(stay)):
            raise MakeUpsExhausted
        return self.room.admit(attendee, stay)

    def _corrected(self, row: CorrectionRow, attendee: Attendee) -> Presence | None:
        standing = self.standing.get(row.enrolment_id)
        if standing is None:
            raise NothingToCorrect
        if (row.checked_in_at is None) != (row.checked_out_at is None):
            raise CorrectionTimesInvalid
        self.room.stays[attendee.person_id].remove(standing.presence)
        if row.checked_in_at is None or row.checked_out_at is None:
            return None
        try:
            return self.room.admit(attendee, Interval(row.checked_in_at, row.checked_out_at))
        except DomainError:
            self.room.stays[attendee.person_id].append(standing.presence)
            raise
