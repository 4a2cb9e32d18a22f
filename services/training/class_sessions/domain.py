"""The life of a class session, its time, and the calendar of trainers and rooms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByClock, Edge, Lifecycle
from shared.kernel.text import half_width

CODE_KEY_BYTES = 32


class ClassSessionState(StrEnum):
    """Where a class session stands."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    DROPPED = "dropped"


class ClassSessionAction(StrEnum):
    """What happens to a class session."""

    PLAN = "plan"
    OPEN = "open"
    CLOSE = "close"
    CORRECT = "correct"
    DROP = "drop"


S, A = ClassSessionState, ClassSessionAction

CLASS_SESSION = Lifecycle(
    "training.class_session",
    {
        (None, A.PLAN): Edge(S.PLANNED, emits="class_session.planned"),
        (S.PLANNED, A.OPEN): Edge(S.OPEN, emits="class_session.opened"),
        (S.PLANNED, A.CLOSE): Edge(S.CLOSED, emits="attendance.recorded"),
        (S.OPEN, A.CLOSE): Edge(S.CLOSED, emits="attendance.recorded"),
        (S.CLOSED, A.CORRECT): Edge(S.CLOSED, emits="attendance.corrected"),
        (S.PLANNED, A.DROP): Edge(S.DROPPED, emits="class_session.dropped"),
        (S.OPEN, A.DROP): Edge(S.DROPPED, emits="class_session.dropped"),
    },
    {
        S.PLANNED: ByClock("training.close_sessions", "the roster's deadline is over"),
        S.OPEN: ByClock("training.close_sessions", "the roster's deadline is over"),
    },
)


class ClassSessionNotFound(NotFound):
    """No such session in the caller's scope."""

    code = "class_session_not_found"
    zh, en = "未找到该课次", "There is no such class session."


class TrainerBusy(Conflict):
    """One trainer is never in two places at once (DOMAIN §3)."""

    code = "trainer_busy"
    policy = "§二(二)6"
    zh, en = "授课教师该时段已另有课次", "The trainer teaches elsewhere at that time."


class RoomBusy(Conflict):
    """One room is never used twice at once (DOMAIN §3)."""

    code = "room_busy"
    policy = "§二(二)6"
    zh, en = "教室该时段已被占用", "The room is in use at that time."


class ClassSessionNotOpen(Conflict):
    """The session takes check-ins only while it is open."""

    code = "class_session_not_open"
    policy = "§二(二)6"
    zh, en = "课次未开放签到", "The class session is not open."


class ClassSessionTooEarly(Conflict):
    """The session's time has not come."""

    code = "class_session_too_early"
    policy = "§二(二)6"
    zh, en = "课次尚未到时间", "It is too early for this class session."


class ClassSessionOver(Conflict):
    """The session's time has passed."""

    code = "class_session_over"
    policy = "§二(二)6"
    zh, en = "课次时间已过", "The class session is over."


class ClassSessionNotOver(Conflict):
    """A roster, a closing or the end of the class waits until the session's planned time has passed."""

    code = "class_session_not_over"
    policy = "§二(二)6"
    zh, en = "课次尚未结束", "The class session is not over yet."


@dataclass(frozen=True, slots=True)
class Interval:
    """From `begins_at` until `ends_at`, both instants; the end is not part of it."""

    begins_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Interval") -> bool:
        """Whether some instant is in both."""
        return self.begins_at < other.ends_at and other.begins_at < self.ends_at

    def widened(self, by: timedelta) -> "Interval":
        """The interval with `by` more on both sides."""
        return Interval(self.begins_at - by, self.ends_at + by)

    def contains(self, other: "Interval") -> bool:
        """Whether `other` lies within it."""
        return self.begins_at <= other.begins_at and other.ends_at <= self.ends_at

    def minutes_shared(self, other: "Interval") -> int:
        """Whole minutes of `other` that lie within it."""
        shared = min(self.ends_at, other.ends_at) - max(self.begins_at, other.begins_at)
        return max(0, shared // timedelta(minutes=1))

    @property
    def minutes(self) -> int:
        """Its length in whole minutes."""
        return (self.ends_at - self.begins_at) // timedelta(minutes=1)

    @property
    def day(self) -> date:
        """The business day on which it begins."""
        return business_date(self.begins_at)


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A session as it is filed. `id` is the class session's from the first draft on."""

    id: UUID
    window: Interval
    trainer_id: UUID
    room: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A trainer and a room of an institution, taken by another class's session."""

    trainer_id: UUID
    institution: str
    room: str
    window: Interval


@dataclass(frozen=True, slots=True)
class ClassSessionFacts:
    """What decisions about attendance need to know of a class session."""

    id: UUID
    class_id: UUID
    status: str
    window: Interval
    """Its planned time."""


def canonical_room(text: str) -> str:
    """A room's name, spelled one way: half-width, no spaces, upper case."""
    return half_width(text).upper()


def check_may_open(session: ClassSessionFacts, now: datetime, grace: timedelta) -> None:
    """`ClassSessionTooEarly` or `ClassSessionOver` unless `now` is within the planned time and the grace before it."""
    if now < session.window.begins_at - grace:
        raise ClassSessionTooEarly
    if now >= session.window.ends_at:
        raise ClassSessionOver


def check_over(session: ClassSessionFacts, now: datetime) -> None:
    """`ClassSessionNotOver` unless the planned time has passed."""
    if now < session.window.ends_at:
        raise ClassSessionNotOver


def check_awaits_roster(session: ClassSessionFacts, now: datetime, deadline: timedelta) -> None:
    """`ClassSessionNotOpen` once the session is closed or dropped, `ClassSessionOver` past the deadline for rosters."""
    if session.status not in {ClassSessionState.PLANNED, ClassSessionState.OPEN}:
        raise ClassSessionNotOpen
    if now > session.window.ends_at + deadline:
        raise ClassSessionOver


def check_free(institution: str, sessions: Iterable[PlannedSession], booked: Iterable[Booking]) -> None:
    """`TrainerBusy` or `RoomBusy` where a session meets a booking; rooms are the institution's own (DOMAIN §3)."""
    bookings = list(booked)
    for session in sessions:
        for booking in bookings:
            if not booking.window.overlaps(session.window):
                continue
            if booking.trainer_id == session.trainer_id:
                raise TrainerBusy
            if (booking.institution, booking.room) == (institution, session.room):
                raise RoomBusy
