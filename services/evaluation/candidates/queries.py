"""Reading candidates. A worker sees their own rows, others the candidates of the sessions that they may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from services.evaluation.assessment_sessions.queries import ids_seen_by
from services.evaluation.candidates.domain import SITTING, Attempt, CandidateNotFound, CandidateState
from services.evaluation.candidates.models import Candidate
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.security import Principal, Role


def seen_by(caller: Principal) -> ColumnElement[bool]:
    """Which candidates the caller may see (DOMAIN §4, 15)."""
    if caller.role is Role.WORKER:
        return Candidate.person_id.in_(records_of_person(caller.person))
    return Candidate.session_id.in_(ids_seen_by(caller))


async def see_candidate(uow: UnitOfWork, candidate_id: UUID, caller: Principal) -> Candidate:
    """A candidate whom the caller may see; `CandidateNotFound` otherwise."""
    statement = select(Candidate).where(Candidate.id == candidate_id, seen_by(caller))
    found = (await uow.session.scalars(statement)).one_or_none()
    if found is None:
        raise CandidateNotFound
    return found


async def list_candidates(
    uow: UnitOfWork, page: PageRequest, caller: Principal, session_id: UUID | None
) -> Sequence[Candidate]:
    """One page of the candidates whom the caller may see, by id; of one session if it is named."""
    statement = select(Candidate).where(seen_by(caller)).order_by(Candidate.id).limit(page.fetch)
    if page.after_uuid is not None:
        statement = statement.where(Candidate.id > page.after_uuid)
    if session_id is not None:
        statement = statement.where(Candidate.session_id == session_id)
    return list(await uow.session.scalars(statement))


async def lock_candidates(
    uow: UnitOfWork, session_id: UUID, ids: Iterable[UUID], *, against: str
) -> Mapping[UUID, Candidate]:
    """Those of `ids` that are candidates of the session, locked; the session itself is locked before."""
    found = await uow.lock_rows(Candidate, ids, against=against)
    return {candidate_id: row for candidate_id, row in found.items() if row.session_id == session_id}


async def lock_scored(uow: UnitOfWork, session_id: UUID) -> Sequence[Candidate]:
    """The candidates of a session whose scores both assessors signed, locked."""
    scored = select(Candidate.id).where(Candidate.session_id == session_id, Candidate.status == CandidateState.SCORED)
    ids = list(await uow.session.scalars(scored))
    return list((await uow.lock_rows(Candidate, ids, against="an annulment while results are confirmed")).values())


async def admitted_to(uow: UnitOfWork, session_ids: Collection[UUID]) -> Sequence[UUID]:
    """The admitted candidates of sessions, which are locked."""
    admitted = Candidate.status == CandidateState.ADMITTED
    return list(await uow.session.scalars(select(Candidate.id).where(Candidate.session_id.in_(session_ids), admitted)))


async def list_admitted(uow: UnitOfWork, session_id: UUID) -> Sequence[Candidate]:
    """The admitted candidates of a session, which is locked, by id."""
    admitted = select(Candidate).where(Candidate.session_id == session_id, Candidate.status == CandidateState.ADMITTED)
    return list(await uow.session.scalars(admitted.order_by(Candidate.id)))


async def count_sitting(uow: UnitOfWork, session_id: UUID) -> int:
    """How many candidates of a session are still to be scored."""
    sitting = Candidate.status.in_([str(state) for state in SITTING])
    counted = select(func.count()).select_from(Candidate).where(Candidate.session_id == session_id, sitting)
    return (await uow.session.execute(counted)).scalar_one()


async def most_assessed_on(uow: UnitOfWork, day: date, assessors: Iterable[UUID]) -> int:
    """How many people the busiest of these assessors scored in all sessions of a day."""
    by_assessor = [
        func.count().filter(or_(Candidate.assessor_1_id == assessor, Candidate.assessor_2_id == assessor))
        for assessor in assessors
    ]
    counted = select(func.greatest(*by_assessor)).where(Candidate.held_on == day, Candidate.score_version.is_not(None))
    most: int = (await uow.session.execute(counted)).scalar_one()
    return most


async def attempts_of(uow: UnitOfWork, series: Iterable[UUID]) -> Mapping[UUID, Sequence[Attempt]]:
    """The earlier candidates on each ground, in whichever of its series."""
    found: dict[UUID, list[Attempt]] = {}
    statement = select(Candidate.series_id, Candidate.series_number, Candidate.status, Candidate.held_on).where(
        Candidate.series_id.in_(set(series))
    )
    for row in await uow.session.execute(statement):
        found.setdefault(row.series_id, []).append(Attempt(row.series_number, row.status, row.held_on))
    return found
