"""What is said about marks over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.candidates.domain import CandidateState
from services.evaluation.scores.domain import Marks
from services.evaluation.scores.service import MarksOf
from shared.http import Body, View

Points = Annotated[int, Field(ge=0, le=100, strict=True)]


class MarksRow(Body):
    """An assessor's marks for one candidate, points from 0 to 100."""

    candidate_id: UUID
    theory: Points | None = None
    practice: Points | None = None
    review: Points | None = None

    def given(self) -> MarksOf:
        """The command's item."""
        return MarksOf(self.candidate_id, Marks(self.theory, self.practice, self.review))


class SignedView(View):
    """A signature: under which version of the marks, and whether both assessors agree on it now."""

    candidate_id: UUID
    status: CandidateState
    score_version: int
    agreed: bool
