"""Reading assessment sessions: a body its own, panel members theirs, officers and auditors their areas'."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from services.evaluation.sessions.domain import AssessmentSessionNotFound, SessionState
from services.evaluation.sessions.models import AssessmentSession
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.security import Principal, Role

_Session = AssessmentSession


def on_panel(person_id: UUID) -> ColumnElement[bool]:
    """Sessions that the person assesses or supervises."""
    return or_(
        _Session.assessor_1_id == person_id, _Session.assessor_2_id == person_id, _Session.supervisor_id == person_id
    )


def seen_by(caller: Principal) -> ColumnElement[bool]:
    """Which sessions the caller may see (DOMAIN §4, 15)."""
    panel = on_panel(caller.person_id) if caller.person_id is not None else false()
    if caller.role in (Role.OFFICER, Role.AUDITOR) and caller.covers_city:
        return true()
    if caller.role is Role.OFFICER:
        return or_(_Session.area.in_(caller.areas), panel)
    if caller.role is Role.AUDITOR:
        return _Session.area.in_(caller.areas)
    if caller.role is Role.BODY:
        return or_(_Session.body == caller.organisation, panel)
    return false()


def ids_seen_by(caller: Principal) -> Select[UUID]:
    """Ids of the sessions that the caller may see, for the scope of other queries."""
    return select(_Session.id).where(seen_by(caller))


async def get_session(uow: UnitOfWork, session_id: UUID, caller: Principal) -> AssessmentSession:
    """A session that the caller may see; `AssessmentSessionNotFound` otherwise."""
    statement = select(_Session).where(_Session.id == session_id, seen_by(caller))
    found = (await uow.session.scalars(statement)).one_or_none()
    if found is None:
        raise AssessmentSessionNotFound
    return found


async def lock_session(uow: UnitOfWork, session_id: UUID, *, against: str) -> AssessmentSession:
    """A session, locked; `AssessmentSessionNotFound` if there is none.

    Every change of a session or of its candidates locks it first.
    """
    found = (await uow.lock_rows(AssessmentSession, [session_id], against=against)).get(session_id)
    if found is None:
        raise AssessmentSessionNotFound
    return found


async def lock_session_seen(uow: UnitOfWork, session_id: UUID, caller: Principal, *, against: str) -> AssessmentSession:
    """A session that the caller may see, locked; `AssessmentSessionNotFound` otherwise."""
    await get_session(uow, session_id, caller)
    return await lock_session(uow, session_id, against=against)


async def lock_own_session(uow: UnitOfWork, session_id: UUID, body: str, *, against: str) -> AssessmentSession:
    """A session that the body itself runs, locked; `AssessmentSessionNotFound` otherwise."""
    session = await lock_session(uow, session_id, against=against)
    if session.body != body:
        raise AssessmentSessionNotFound
    return session


async def list_sessions(
    uow: UnitOfWork, page: PageRequest, caller: Principal, status: SessionState | None
) -> Sequence[AssessmentSession]:
    """One page of the sessions that the caller may see, by id."""
    statement = select(_Session).where(seen_by(caller)).order_by(_Session.id).limit(page.fetch)
    if page.after_uuid is not None:
        statement = statement.where(_Session.id > page.after_uuid)
    if status is not None:
        statement = statement.where(_Session.status == status)
    return list(await uow.session.scalars(statement))


async def sessions_of_day(uow: UnitOfWork, session: AssessmentSession) -> Mapping[UUID, Iterable[UUID]]:
    """Per assessor of `session`, every session that he assesses on its day, `session` too."""
    statement = select(_Session.id, _Session.assessor_1_id, _Session.assessor_2_id).where(
        _Session.held_on == session.held_on,
        or_(_Session.assessor_1_id.in_(session.assessor_ids), _Session.assessor_2_id.in_(session.assessor_ids)),
    )
    rows = (await uow.session.execute(statement)).all()
    return {who: [row.id for row in rows if who in row[1:]] for who in session.assessor_ids}
