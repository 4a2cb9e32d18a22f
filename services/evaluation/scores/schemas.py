"""What is said about scores over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evaluation.candidates.domain import CandidateState
from services.evaluation.scores.domain import Scores
from services.evaluation.scores.service import CandidateScores
from shared.http import Body, View

Points = Annotated[int, Field(ge=0, le=100)]


class SignScoresRow(Body):
    """An assessor's scores for one candidate, points from 0 to 100."""

    candidate_id: UUID
    theory: Points | None = None
    practice: Points | None = None
    review: Points | None = None

    def given(self) -> CandidateScores:
        """What the command takes."""
        return CandidateScores(self.candidate_id, Scores(self.theory, self.practice, self.review))


class SignatureView(View):
    """A signature: under which version of the scores, and whether both assessors agree on it now."""

    candidate_id: UUID
    status: CandidateState
    score_version: int
    agreed: bool
