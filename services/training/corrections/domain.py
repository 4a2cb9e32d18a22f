"""What an officer may correct of a closed session's attendance, and what part make-ups may fill (D4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.training.attendance.domain import (
    AttendanceKind,
    AttendanceRecordedAlready,
    Attendee,
    CountedStay,
    Roll,
    StandingRecord,
)
from services.training.class_sessions.domain import ClassSessionFacts, ClassSessionState, Interval
from services.training.classes.domain import ClassState
from services.training.rules.domain import Rules
from shared.kernel.errors import Conflict, DomainError, Invalid


class ClassSessionNotClosed(Conflict):
    """Corrections come after the session closed; until then there is nothing to correct."""

    code = "class_session_not_closed"
    policy = "§二(二)6"
    zh, en = "课次尚未关闭,不能更正", "The class session is not closed yet."


class ClassVerified(Conflict):
    """What an officer has verified stays as it is."""

    code = "class_verified"
    policy = "§二(二)6"
    zh, en = "班次已验收或已终止,不能更正考勤", "The class is verified or has ended; attendance stays."


class AttendanceNothingToCorrect(Conflict):
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
class CorrectionRow:
    """One line of an officer's corrections; without times it voids the record."""

    enrolment_id: UUID
    kind: AttendanceKind
    reason_code: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None


def check_correctable(session: ClassSessionFacts, class_status: str) -> None:
    """`ClassSessionNotClosed`, or `ClassVerified` once an officer has verified the class."""
    if session.status != ClassSessionState.CLOSED:
        raise ClassSessionNotClosed
    if class_status not in {ClassState.RUNNING, ClassState.FINISHED}:
        raise ClassVerified


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be written in place of a record, or beside none for a make-up; no stay voids."""

    attendee: Attendee
    kind: AttendanceKind
    reason_code: str
    stay: CountedStay | None
    supersedes: UUID | None


@dataclass
class Corrections:
    """A closed session while an officer's corrections are decided one after the other."""

    roll: Roll
    standing: Mapping[UUID, StandingRecord]
    """The session's standing records by enrolment."""
    last: Mapping[UUID, UUID]
    """The session's last record by enrolment, standing or void."""
    make_up_minutes: dict[UUID, int]
    """Make-ups by enrolment, in all the class."""
    planned_minutes: int
    """Of the class."""
    rules: Rules
    done: set[UUID] = field(default_factory=set)

    def decide(self, row: CorrectionRow) -> Correction:
        """The correction to write.

        `CorrectionTimesInvalid`, `AttendanceNothingToCorrect`, `AttendanceRecordedAlready`, `MakeUpsExhausted`, or what
        forbids the stay itself.
        """
        attendee = self.roll.attendee(row.enrolment_id)
        if row.enrolment_id in self.done:
            raise AttendanceRecordedAlready
        stay = self._make_up(row, attendee) if row.kind is AttendanceKind.MAKE_UP else self._corrected(row, attendee)
        self.done.add(row.enrolment_id)
        return Correction(attendee, row.kind, row.reason_code, stay, self.last.get(row.enrolment_id))

    def _make_up(self, row: CorrectionRow, attendee: Attendee) -> CountedStay:
        if row.enrolment_id in self.standing:
            raise AttendanceRecordedAlready
        if row.checked_in_at is None or row.checked_out_at is None:
            raise CorrectionTimesInvalid
        window, stay = self.roll.session.window, Interval(row.checked_in_at, row.checked_out_at)
        made_up = self.make_up_minutes[row.enrolment_id] + window.minutes_shared(stay)
        if not self.rules.make_ups_allowed(made_up, self.planned_minutes):
            raise MakeUpsExhausted
        return self.roll.admit(attendee, stay)

    def _corrected(self, row: CorrectionRow, attendee: Attendee) -> CountedStay | None:
        standing = self.standing.get(row.enrolment_id)
        if standing is None:
            raise AttendanceNothingToCorrect
        if (row.checked_in_at is None) != (row.checked_out_at is None):
            raise CorrectionTimesInvalid
        self.roll.stays[attendee.person_id].remove(standing.stay)
        if row.checked_in_at is None or row.checked_out_at is None:
            return None
        try:
            return self.roll.admit(attendee, Interval(row.checked_in_at, row.checked_out_at))
        except DomainError:
            self.roll.stays[attendee.person_id].append(standing.stay)
            raise
