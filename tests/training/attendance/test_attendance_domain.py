"""What counts of a stay, and whose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.training.attendance.domain import (
    AttendanceInFuture,
    AttendanceOutsideSession,
    AttendanceOverlaps,
    AttendanceRecordedAlready,
    Attendee,
    EnrolmentNotAttending,
    Roll,
    SessionCodeInvalid,
    StandingRecord,
    attendance_digest,
    code_expires_at,
    code_step,
    session_code,
    step_of_code,
)
from services.training.class_sessions.domain import ClassSessionFacts, Interval
from services.training.enrolments.domain import EnrolmentNotFound
from tests.training.samples import NINE


def test_a_code_is_taken_in_its_step_and_the_next() -> None:
    key, at = b"k" * 32, datetime(2026, 12, 7, 1, tzinfo=UTC)
    code = session_code(key, code_step(at))
    assert len(code) == 8
    for seconds in (0, 29, 30, 59):
        assert step_of_code(key, code, at + timedelta(seconds=seconds)) == code_step(at)
    for seconds in (-1, 60, 90):
        with pytest.raises(SessionCodeInvalid):
            step_of_code(key, code, at + timedelta(seconds=seconds))
    with pytest.raises(SessionCodeInvalid):
        step_of_code(b"x" * 32, code, at)
    assert code_expires_at(code_step(at)) == at + timedelta(seconds=60)


def hall(**other: object) -> tuple[Roll, Attendee]:
    """A session of six hours that is over, with one attendee."""
    facts = ClassSessionFacts(uuid4(), uuid4(), "open", Interval(NINE, NINE + timedelta(hours=6)))
    attendee = Attendee(uuid4(), facts.class_id, uuid4(), "registered")
    made = Roll(facts, {attendee.enrolment_id: attendee}, NINE + timedelta(hours=7), timedelta(minutes=30))
    return replace(made, **other), attendee  # type: ignore[arg-type]  # names of its fields


def stay(from_minute: int, to_minute: int) -> Interval:
    """A stay by minutes from nine o'clock."""
    return Interval(NINE + timedelta(minutes=from_minute), NINE + timedelta(minutes=to_minute))


def test_only_time_within_the_session_counts() -> None:
    room, attendee = hall()
    assert room.first(attendee.enrolment_id, stay(-20, 370)).minutes == 360
    with pytest.raises(AttendanceRecordedAlready):
        room.first(attendee.enrolment_id, stay(0, 10))


def test_half_a_minute_is_no_minute() -> None:
    room, attendee = hall()
    late = Interval(NINE + timedelta(seconds=31), NINE + timedelta(minutes=10))
    assert room.first(attendee.enrolment_id, late).minutes == 9


@pytest.mark.parametrize(("begins", "ends"), [(-31, 100), (0, 391), (100, 100), (100, 50)])
def test_times_lie_in_the_sessions_window(begins: int, ends: int) -> None:
    room, attendee = hall()
    with pytest.raises(AttendanceOutsideSession):
        room.first(attendee.enrolment_id, stay(begins, ends))


def test_nobody_attends_the_future_or_two_places() -> None:
    room, attendee = hall(now=NINE + timedelta(hours=3))
    with pytest.raises(AttendanceInFuture):
        room.first(attendee.enrolment_id, stay(0, 181))
    room.stays[attendee.person_id].append(stay(60, 90))
    with pytest.raises(AttendanceOverlaps):
        room.first(attendee.enrolment_id, stay(0, 61))
    assert room.first(attendee.enrolment_id, stay(90, 120)).minutes == 30


def test_attendance_is_of_the_classs_own_registered_people() -> None:
    room, attendee = hall()
    with pytest.raises(EnrolmentNotFound):
        room.attendee(uuid4())
    for changed, refusal in (
        (replace(attendee, class_id=uuid4()), EnrolmentNotFound),
        (replace(attendee, status="requested"), EnrolmentNotAttending),
        (replace(attendee, status="completed"), EnrolmentNotAttending),
    ):
        room.attendees = {attendee.enrolment_id: changed}
        with pytest.raises(refusal):
            room.attendee(attendee.enrolment_id)


def test_the_digest_of_attendance_is_of_its_rows_in_any_order() -> None:
    rows = [StandingRecord(uuid4(), uuid4(), uuid4(), uuid4(), stay(0, n), n, "roster") for n in (1, 2)]
    assert attendance_digest(rows) == attendance_digest(rows[::-1])
    assert attendance_digest([replace(rows[0], minutes=7), rows[1]]) != attendance_digest(rows)
    assert attendance_digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
