"""Signing marks: each of the two assessors posts, and the second must agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.evaluation.candidates import service as candidates
from services.evaluation.candidates.domain import CandidateNotFound, CandidateState, rounds
from services.evaluation.candidates.queries import lock_candidates
from services.evaluation.scores import domain, queries
from services.evaluation.scores.domain import Marks, Part, Signing
from services.evaluation.scores.models import ScoreSheet
from services.evaluation.sessions.domain import NotAnAssessorOfSession, SessionNotOpen, SessionState
from services.evaluation.sessions.queries import lock_session
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.reference.skills import canonical_skill


@dataclass(frozen=True, slots=True)
class MarksOf:
    """What an assessor gives a candidate."""

    candidate_id: UUID
    marks: Marks


@dataclass(frozen=True, slots=True)
class Signed:
    """An assessor's signature: under which version, and whether both agree on it now."""

    candidate_id: UUID
    status: str
    score_version: int
    agreed: bool


async def sign_marks(
    uow: UnitOfWork, session_id: UUID, assessor_id: UUID, given: Sequence[MarksOf]
) -> list[Signed | DomainError]:
    """An assessor of an open session signs marks (DOMAIN §3): the first signature says that the candidate sat, the
    second, under the same marks, that he is scored; other marks make a new version, and nothing is written over. After
    the confirmation only an appeal is marked, anew. The session is scored once nobody is left to be scored."""
    session = await lock_session(uow, session_id, against="both assessors signing at once")
    if assessor_id not in session.assessor_ids:
        raise NotAnAssessorOfSession
    if session.status not in (SessionState.OPEN, SessionState.CONFIRMED):
        raise SessionNotOpen(state=session.status)
    parts = domain.required_parts(canonical_skill(session.skill_code).kind, session.level)
    answers: dict[int, Signed | DomainError] = {}
    for turn in rounds(enumerate(given), lambda item: item.candidate_id):
        answers |= await _sign_round(uow, session_id, assessor_id, parts, turn)
    await candidates.close_scoring(uow, session_id)
    return [answers[index] for index in range(len(given))]


async def _sign_round(
    uow: UnitOfWork, session_id: UUID, assessor_id: UUID, parts: Sequence[Part], turn: Sequence[tuple[int, MarksOf]]
) -> dict[int, Signed | DomainError]:
    """One signature for each candidate: decide, write the sheets, move who sat and who is scored."""
    ids = [item.candidate_id for _, item in turn]
    rows = await lock_candidates(uow, session_id, ids, against="both assessors signing at once")
    sheets = await queries.sheets_of(uow, rows)

    def decide(item: MarksOf) -> Signing | DomainError:
        row = rows.get(item.candidate_id)
        if row is None:
            return CandidateNotFound()
        try:
            domain.check_complete(item.marks, parts)
            known = sheets.get(row.id, ())
            return domain.decide_signing(row.status, row.score_version, known, item.marks, assessor_id)
        except DomainError as refusal:
            return refusal

    decided = {index: decide(item) for index, item in turn}
    signings = {
        item.candidate_id: (item.marks, signing)
        for index, item in turn
        if not isinstance(signing := decided[index], DomainError)
    }
    await _write_sheets(uow, assessor_id, signings)
    await candidates.sit(uow, [one for one in signings if rows[one].status == CandidateState.ADMITTED])
    agreed = {one: _columns(marks, signing.version) for one, (marks, signing) in signings.items() if signing.agreed}
    await candidates.score(uow, agreed)
    return {
        index: signing
        if isinstance(signing, DomainError)
        else Signed(item.candidate_id, rows[item.candidate_id].status, signing.version, signing.agreed)
        for (index, item), signing in zip(turn, decided.values(), strict=True)
    }


def _columns(marks: Marks, version: int) -> dict[str, int | None]:
    return {
        "score_version": version,
        "theory": marks.theory,
        "practice": marks.practice,
        "review": marks.review,
    }


async def _write_sheets(uow: UnitOfWork, assessor_id: UUID, signings: Mapping[UUID, tuple[Marks, Signing]]) -> None:
    """Add the sheets that are new; what is signed already stays as it is."""
    sheets: list[dict[str, Any]] = [
        {
            "candidate_id": one,
            "assessor_id": assessor_id,
            "signed_at": uow.now,
            **_columns(marks, signing.version),
        }
        for one, (marks, signing) in sorted(signings.items())
        if signing.new
    ]
    if sheets:
        await uow.session.execute(insert(ScoreSheet), sheets)
