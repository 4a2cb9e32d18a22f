"""What the routes of completion take and show."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.training.completions.domain import TestRow
from shared.http import Body, View


class TestRowBody(Body):
    """The score of one person's completion test, whole points."""

    enrolment_id: UUID
    score: Annotated[int, Field(ge=0, le=100, strict=True)]

    def row(self) -> TestRow:
        """As the command takes it."""
        return TestRow(self.enrolment_id, self.score)


class ResultView(View):
    """How an enrolment ended: completed, failed_attendance or failed_test."""

    id: UUID
    class_id: UUID
    status: str
    version: int


class FinishedView(View):
    """Where a class stands now."""

    id: UUID
    status: str
    version: int
