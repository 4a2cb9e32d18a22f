"""What the routes of attendance take and show."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from services.training.attendance.domain import (
    AttendanceKind,
    Attendee,
    CountedStay,
    RosterRow,
    StandingRecord,
)
from services.training.attendance.queries import AttendanceSheet
from shared.http import Body, View


class SessionCodeRequest(Body):
    """A session's code, as a worker reads it from the screen."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    """The digits that the session shows."""


class RecordRosterRow(Body):
    """One person's times at a session, as the institution's device took them; business time."""

    enrolment_id: UUID
    checked_in_at: AwareDatetime
    """When the person came; business time."""
    checked_out_at: AwareDatetime
    """When the person left; business time."""

    def row(self) -> RosterRow:
        """Times in UTC."""
        return RosterRow(self.enrolment_id, self.checked_in_at.astimezone(UTC), self.checked_out_at.astimezone(UTC))


class SessionCodeView(View):
    """A session's code, and until when it is taken."""

    code: str
    """The digits that the session shows now."""
    expires_at: datetime
    """When it is taken no more: real time, not business time; UTC."""


class VisitView(View):
    """When a worker came to a session and went; business time."""

    class_session_id: UUID
    enrolment_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None


class AttendanceView(View):
    """A person's attendance of one session."""

    class_session_id: UUID
    enrolment_id: UUID
    kind: str
    """code (check-in and check-out), roster, correction, or make_up (补卡)."""
    checked_in_at: datetime | None
    """When the person came; business time, UTC. Null if the record was voided."""
    checked_out_at: datetime | None
    """When the person left; business time, UTC. Null if the record was voided."""
    minutes: int
    """Whole minutes within the session's planned time; computed."""

    @classmethod
    def of(
        cls, session_id: UUID, attendee: Attendee, kind: AttendanceKind, stay: CountedStay | None
    ) -> "AttendanceView":
        """What was recorded of a person just now."""
        return cls(
            class_session_id=session_id,
            enrolment_id=attendee.enrolment_id,
            kind=str(kind),
            checked_in_at=stay.stay.begins_at if stay else None,
            checked_out_at=stay.stay.ends_at if stay else None,
            minutes=stay.minutes if stay else 0,
        )

    @classmethod
    def of_standing(cls, record: StandingRecord) -> "AttendanceView":
        """A record that stands."""
        return cls(
            class_session_id=record.class_session_id,
            enrolment_id=record.enrolment_id,
            kind=record.kind,
            checked_in_at=record.stay.begins_at,
            checked_out_at=record.stay.ends_at,
            minutes=record.minutes,
        )


class SessionAttendanceView(View):
    """Who attended a session."""

    data: list[AttendanceView]
    """The records that stand, at most one a seat."""


class EnrolmentAttendanceView(View):
    """What an enrolment's attendance comes to so far; the ratio is counted by planned minutes."""

    enrolment_id: UUID
    planned_minutes: int
    """Minutes of all the class's sessions, each day up to the cap."""
    counted_minutes: int
    make_up_minutes: int
    class_hours: int
    enough: bool
    records: list[AttendanceView]

    @classmethod
    def of(cls, enrolment_id: UUID, sheet: AttendanceSheet) -> "EnrolmentAttendanceView":
        """The sheet of one enrolment."""
        return cls(
            enrolment_id=enrolment_id,
            planned_minutes=sheet.planned_minutes,
            counted_minutes=sheet.attended.counted_minutes,
            make_up_minutes=sheet.attended.make_up_minutes,
            class_hours=sheet.class_hours,
            enough=sheet.enough,
            records=[AttendanceView.of_standing(record) for record in sheet.records],
        )
