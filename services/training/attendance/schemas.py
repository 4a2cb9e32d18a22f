"""What the routes of attendance take and show."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from services.training.attendance.domain import AttendanceKind, Correction, CorrectionRow, Presence, RosterRow, Standing
from shared.contracts.fields import Code
from shared.http import Body, View


class RosterRowBody(Body):
    """One person's times at a session, as the institution's device took them; business time."""

    enrolment_id: UUID
    checked_in_at: AwareDatetime
    checked_out_at: AwareDatetime

    def row(self) -> RosterRow:
        """Times in UTC."""
        return RosterRow(self.enrolment_id, self.checked_in_at.astimezone(UTC), self.checked_out_at.astimezone(UTC))


class CorrectionRowBody(Body):
    """A record in place of another, or without times in place of nothing; or a make-up (补卡) where there is none."""

    enrolment_id: UUID
    kind: Literal["correction", "make_up"]
    reason_code: Code
    checked_in_at: AwareDatetime | None = None
    checked_out_at: AwareDatetime | None = None

    def row(self) -> CorrectionRow:
        """Times in UTC."""
        return CorrectionRow(
            self.enrolment_id,
            AttendanceKind(self.kind),
            self.reason_code,
            self.checked_in_at and self.checked_in_at.astimezone(UTC),
            self.checked_out_at and self.checked_out_at.astimezone(UTC),
        )


class ClassSessionView(View):
    """A class session; count and digest once it is closed."""

    id: UUID
    class_id: UUID
    starts_at: datetime
    ends_at: datetime
    trainer_id: UUID
    room: str
    status: str
    version: int
    attendance_count: int | None
    attendance_digest: str | None


class AttendanceView(View):
    """A person's attendance of one session; minutes are computed."""

    class_session_id: UUID
    enrolment_id: UUID
    kind: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    minutes: int

    @classmethod
    def of_roster(cls, session_id: UUID, presence: Presence) -> "AttendanceView":
        """A roster's row that was taken."""
        return cls._of(session_id, presence.attendee.enrolment_id, AttendanceKind.ROSTER, presence)

    @classmethod
    def of_correction(cls, session_id: UUID, correction: Correction) -> "AttendanceView":
        """A correction that was taken."""
        return cls._of(session_id, correction.attendee.enrolment_id, correction.kind, correction.stay)

    @classmethod
    def of_standing(cls, record: Standing) -> "AttendanceView":
        """A record that stands."""
        return cls(
            class_session_id=record.class_session_id,
            enrolment_id=record.enrolment_id,
            kind=record.kind,
            checked_in_at=record.presence.begins_at,
            checked_out_at=record.presence.ends_at,
            minutes=record.minutes,
        )

    @classmethod
    def _of(
        cls, session_id: UUID, enrolment_id: UUID, kind: AttendanceKind, presence: Presence | None
    ) -> "AttendanceView":
        return cls(
            class_session_id=session_id,
            enrolment_id=enrolment_id,
            kind=str(kind),
            checked_in_at=presence.presence.begins_at if presence else None,
            checked_out_at=presence.presence.ends_at if presence else None,
            minutes=presence.minutes if presence else 0,
        )


class AttendedView(View):
    """What an enrolment's attendance comes to so far; the ratio is counted by planned minutes."""

    enrolment_id: UUID
    planned_minutes: int
    counted_minutes: int
    make_up_minutes: int
    class_hours: int
    enough: bool
    records: list[AttendanceView]
