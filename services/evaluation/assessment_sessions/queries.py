"""Reading assessment sessions: a body its own, panel members theirs, officers and auditors their areas'."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from services.evaluation.assessment_sessions.domain import AssessmentSessionNotFound, AssessmentSessionState
from services.evaluation.assessment_sessions.models import AssessmentSession
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.security import Principal, Role


def on_panel(person_id: UUID) -> ColumnElement[bool]:
    """Sessions that the person assesses or supervises."""
    return or_(
        AssessmentSession.assessor_1_id == person_id,
        AssessmentSession.assessor_2_id == person_id,
        AssessmentSession.supervisor_id == person_id,
    )


def seen_by(caller: Principal) -> ColumnElement[bool]:
    """Which sessions the caller may see (DOMAIN §4, 15)."""
    panel = on_panel(caller.person_id) if caller.person_id is not None else false()
    if caller.role in (Role.OFFICER, Role.AUDITOR) and caller.covers_city:
        return true()
    if caller.role is Role.OFFICER:
        return or_(AssessmentSession.area.in_(caller.areas), panel)
    if caller.role is Role.AUDITOR:
        return AssessmentSession.area.in_(caller.areas)
    if caller.role is Role.BODY:
        return or_(AssessmentSession.body == caller.organisation, panel)
    return false()


def ids_seen_by(caller: Principal) -> Select[UUID]:
    """Ids of the sessions that the caller may see, for the scope of other queries."""
    return select(AssessmentSession.id).where(seen_by(caller))


async def see_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> AssessmentSession:
    """A session that the caller may see; `AssessmentSessionNotFound` otherwise."""
    statement = select(AssessmentSession).where(AssessmentSession.id == session_id, seen_by(caller))
    found = (await uow.session.scalars(statement)).one_or_none()
    if found is None:
        raise AssessmentSessionNotFound
    return found


async def lock_session(uow: UnitOfWork, session_id: UUID, *, against: str) -> AssessmentSession:
    """A session, locked. Every change of a session or its candidates locks it first."""
    found = (await uow.lock_rows(AssessmentSession, [session_id], against=against)).get(session_id)
    if found is None:
        raise AssessmentSessionNotFound
    return found


async def lock_sessions(uow: UnitOfWork, session_ids: Iterable[UUID], *, against: str) -> Sequence[AssessmentSession]:
    """Sessions, locked in ascending order of their ids."""
    return list((await uow.lock_rows(AssessmentSession, session_ids, against=against)).values())


async def lock_session_seen(uow: UnitOfWork, session_id: UUID, caller: Principal, *, against: str) -> AssessmentSession:
    """A session that the caller may see, locked; `AssessmentSessionNotFound` otherwise."""
    await see_session(uow, session_id, caller)
    return await lock_session(uow, session_id, against=against)


async def lock_own_session(uow: UnitOfWork, session_id: UUID, body: str, *, against: str) -> AssessmentSession:
    """A session that the body itself runs, locked; `AssessmentSessionNotFound` otherwise."""
    session = await lock_session(uow, session_id, against=against)
    if session.body != body:
        raise AssessmentSessionNotFound
    return session


async def unopened_before(uow: UnitOfWork, day: date, limit: int) -> Sequence[UUID]:
    """Sessions that were to be held before that day and that nobody opened."""
    statement = select(AssessmentSession.id).where(
        AssessmentSession.status == AssessmentSessionState.SCHEDULED, AssessmentSession.held_on < day
    )
    return list(await uow.session.scalars(statement.order_by(AssessmentSession.id).limit(limit)))


async def list_sessions(
    uow: UnitOfWork, page: PageRequest, caller: Principal, status: AssessmentSessionState | None
) -> Sequence[AssessmentSession]:
    """One page of the sessions that the caller may see, by id."""
    statement = select(AssessmentSession).where(seen_by(caller)).order_by(AssessmentSession.id).limit(page.fetch)
    if page.after_uuid is not None:
        statement = statement.where(AssessmentSession.id > page.after_uuid)
    if status is not None:
        statement = statement.where(AssessmentSession.status == status)
    return list(await uow.session.scalars(statement))
