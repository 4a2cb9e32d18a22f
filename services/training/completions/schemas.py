"""What the routes of completion take."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.training.completions.domain import TestRow
from shared.http import Body


class RecordTestsRow(Body):
    """The score of one person's completion test, whole points."""

    enrolment_id: UUID
    score: Annotated[int, Field(ge=0, le=100, strict=True)]

    def row(self) -> TestRow:
        """As the command takes it."""
        return TestRow(self.enrolment_id, self.score)
