"""Signing scores: each of the two assessors signs, and the second must agree."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.assessment_sessions.domain import (
    AssessmentNotOpen,
    AssessmentSessionState,
    NotAnAssessorOfSession,
)
from services.evaluation.assessment_sessions.queries import lock_session_seen
from services.evaluation.candidates import service as candidates
from services.evaluation.candidates.domain import CandidateNotFound, CandidateState
from services.evaluation.candidates.queries import lock_candidates
from services.evaluation.scores import domain, queries
from services.evaluation.scores.domain import Part, Scores, Signing
from services.evaluation.scores.models import ScoreSheet
from shared.kernel.errors import DomainError
from shared.kernel.rounds import in_rounds
from shared.persistence import UnitOfWork
from shared.reference.skills import canonical_skill
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class CandidateScores:
    """What an assessor gives a candidate."""

    candidate_id: UUID
    scores: Scores


@dataclass(frozen=True, slots=True)
class Signed:
    """An assessor's signature: under which version, and whether both agree on it now."""

    candidate_id: UUID
    status: str
    score_version: int
    agreed: bool


async def sign_scores(
    uow: UnitOfWork, session_id: UUID, assessor: Principal, given: Sequence[CandidateScores]
) -> list[Signed | DomainError]:
    """An assessor of an open session signs scores (DOMAIN §3): the first signature says that the candidate sat, the
    second, under the same scores, that they are scored; other scores make a new version, and nothing is written over.

    After the confirmation only an appeal is scored, anew. The session is scored once nobody is left to be scored.
    """
    session = await lock_session_seen(uow, session_id, assessor, against="both assessors signing at once")
    if assessor.person not in session.assessor_ids:
        raise NotAnAssessorOfSession
    if session.status not in (AssessmentSessionState.OPEN, AssessmentSessionState.CONFIRMED):
        raise AssessmentNotOpen(state=session.status)
    parts = domain.required_parts(canonical_skill(session.skill_code).kind, session.level)
    sign = partial(_sign, uow, session_id, assessor.person, parts)
    outcomes = await in_rounds(given, lambda item: item.candidate_id, sign)
    await candidates.close_scoring(uow, session_id)
    return outcomes


async def _sign(
    uow: UnitOfWork, session_id: UUID, assessor_id: UUID, parts: Sequence[Part], given: Sequence[CandidateScores]
) -> list[Signed | DomainError]:
    """One signature for each candidate: decide, write the sheets, move who sat and who is scored."""
    ids = [item.candidate_id for item in given]
    rows = await lock_candidates(uow, session_id, ids, against="both assessors signing at once")
    sheets = await queries.sheets_of(uow, rows)
    decided: list[tuple[CandidateScores, Signing | DomainError]] = []
    for item in given:
        row, known = rows.get(item.candidate_id), sheets.get(item.candidate_id, ())
        try:
            if row is None:
                raise CandidateNotFound
            domain.check_complete(item.scores, parts)
            signing = domain.decide_signing(row.status, row.score_version, known, item.scores, assessor_id)
            decided.append((item, signing))
        except DomainError as refusal:
            decided.append((item, refusal))
    signed = [(item, outcome) for item, outcome in decided if isinstance(outcome, Signing)]
    await _write_sheets(uow, assessor_id, signed)
    arrived = [item.candidate_id for item, _ in signed if rows[item.candidate_id].status == CandidateState.ADMITTED]
    await candidates.sit(uow, arrived)
    agreed = {item.candidate_id: _columns(item, signing) for item, signing in signed if signing.agreed}
    await candidates.score(uow, agreed)
    return [
        Signed(item.candidate_id, rows[item.candidate_id].status, outcome.version, outcome.agreed)
        if isinstance(outcome, Signing)
        else outcome
        for item, outcome in decided
    ]


def _columns(item: CandidateScores, signing: Signing) -> Mapping[str, int | None]:
    return {"score_version": signing.version, **asdict(item.scores)}


async def _write_sheets(uow: UnitOfWork, assessor_id: UUID, signed: Sequence[tuple[CandidateScores, Signing]]) -> None:
    """Add the sheets that are new; what is signed already stays as it is."""
    sheets: list[dict[str, Any]] = [
        {
            "candidate_id": item.candidate_id,
            "assessor_id": assessor_id,
            "signed_at": uow.now,
            **_columns(item, signing),
        }
        for item, signing in signed
        if signing.new
    ]
    if sheets:
        await uow.session.execute(insert(ScoreSheet), sheets)
