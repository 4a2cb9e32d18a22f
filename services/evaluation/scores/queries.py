"""Reading score sheets."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from services.evaluation.scores.domain import Scores, Sheet
from services.evaluation.scores.models import ScoreSheet
from shared.persistence import UnitOfWork


async def sheets_of(uow: UnitOfWork, candidates: Iterable[UUID]) -> Mapping[UUID, Sequence[Sheet]]:
    """Every sheet of these candidates, in order of version; their rows are locked, so none is added meanwhile."""
    found: dict[UUID, list[Sheet]] = {}
    statement = (
        select(ScoreSheet).where(ScoreSheet.candidate_id.in_(set(candidates))).order_by(ScoreSheet.score_version)
    )
    for row in await uow.session.scalars(statement):
        scores = Scores(row.theory, row.practice, row.review)
        found.setdefault(row.candidate_id, []).append(Sheet(row.score_version, scores, row.assessor_id))
    return found
