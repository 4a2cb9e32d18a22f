"""What the routes of completion take."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.training.completions.domain import TestRow
from shared.http import Body


class RecordTestsRow(Body):
    """The score of one person's completion test, whole points."""

    enrolment_id: UUID
    score: Annotated[int, Field(ge=0, le=100, strict=True)]
    held_on: date
    """The day on which the test was held; the training was completed on it, whenever it is typed (R17)."""

    def row(self) -> TestRow:
        """As the command takes it."""
        return TestRow(self.enrolment_id, self.score, self.held_on)
