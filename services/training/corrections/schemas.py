"""What the routes of corrections take."""

from datetime import UTC
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from services.training.attendance.domain import AttendanceKind
from services.training.corrections.domain import CorrectionRow
from shared.contracts.fields import Code
from shared.http import Body


class CorrectAttendanceRow(Body):
    """A record in place of another, or without times in place of nothing; or a make-up (补卡) where there is none."""

    enrolment_id: UUID
    kind: Literal["correction", "make_up"]
    """correction supersedes a record, make_up (补卡) adds one that is missing."""
    reason_code: Code
    checked_in_at: AwareDatetime | None = None
    """When the person came; business time. Null with the other time to void the record."""
    checked_out_at: AwareDatetime | None = None
    """When the person left; business time. Null with the other time to void the record."""

    def row(self) -> CorrectionRow:
        """Times in UTC."""
        return CorrectionRow(
            self.enrolment_id,
            AttendanceKind(self.kind),
            self.reason_code,
            self.checked_in_at and self.checked_in_at.astimezone(UTC),
            self.checked_out_at and self.checked_out_at.astimezone(UTC),
        )
