"""Reading objections: those to a notice by the objector and the administration, to a rejection by its parties too."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, or_, select, table, true

from services.payout.objections.domain import OPEN, About, ObjectionFacts, ObjectionNotFound, ObjectionState
from services.payout.objections.models import Objection
from shared.persistence import UnitOfWork
from shared.persons import records_of, records_of_person
from shared.security import Principal, Role

_PAYOUT = table("payouts", column("id"), column("person_id"), column("key_person_id"), column("payee_id"))


@dataclass(frozen=True, slots=True)
class ObjectionFilter:
    """What a list is narrowed to; None leaves a field open."""

    status: ObjectionState | None = None
    payout_id: UUID | None = None
    overdue: bool | None = None


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """Which objections the caller may know of.

    A worker their own; the administration those of its areas, but none that concerns a payout of their own; and holder
    and payee the one against the rejection of theirs.
    """
    in_areas = true() if caller.covers_city else Objection.area.in_(caller.areas)
    if caller.role is Role.AUDITOR and caller.person_id is None:
        return in_areas
    rejection = Objection.about == About.REJECTION
    if caller.role is Role.INSTITUTION:
        owed = exists().where(_PAYOUT.c.id == Objection.payout_id, _PAYOUT.c.payee_id == caller.organisation)
        return and_(rejection, owed)
    records = records_of_person(caller.person)
    beneficiary = or_(
        _PAYOUT.c.person_id == caller.person, _PAYOUT.c.person_id.in_(records), _PAYOUT.c.key_person_id.in_(records)
    )
    of_own = exists().where(_PAYOUT.c.id == Objection.payout_id, beneficiary)
    if caller.role is Role.WORKER:
        own = or_(Objection.objector_id == caller.person, Objection.objector_id.in_(records))
        return or_(own, and_(rejection, of_own))
    return and_(in_areas, ~of_own)


async def list_objections(
    uow: UnitOfWork, caller: Principal, wanted: ObjectionFilter, *, after: UUID | None, limit: int
) -> list[ObjectionFacts]:
    """A page of objections in the caller's scope, oldest first."""
    query = select(Objection).where(in_scope(caller)).order_by(Objection.id).limit(limit)
    if wanted.status is not None:
        query = query.where(Objection.status == wanted.status)
    if wanted.payout_id is not None:
        query = query.where(Objection.payout_id == wanted.payout_id)
    if wanted.overdue is not None:
        late = and_(Objection.status.in_(OPEN), Objection.due_on < uow.today)
        query = query.where(late if wanted.overdue else ~late)
    if after is not None:
        query = query.where(Objection.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def see_objection(uow: UnitOfWork, caller: Principal, objection_id: UUID) -> tuple[ObjectionFacts, str | None]:
    """One objection with its text; `ObjectionNotFound` if there is none or the caller may not know.

    What one party says against a rejection, the other does not read: None.
    """
    row = await uow.session.scalar(_in_scope(caller, objection_id), execution_options={"populate_existing": True})
    if row is None:
        raise ObjectionNotFound
    if not await _reads_statement(uow, caller, row):
        return row.facts(), None
    text = uow.keys.fields.decrypt(row.statement, table="objections", column="statement", row=row.id)
    return row.facts(), text


async def payout_of(uow: UnitOfWork, caller: Principal, objection_id: UUID) -> UUID:
    """The payout that an objection in the caller's scope is to: it never changes, so it is read before any lock."""
    row = await uow.session.scalar(_in_scope(caller, objection_id))
    if row is None:
        raise ObjectionNotFound
    return row.payout_id


async def count_overdue(uow: UnitOfWork) -> int:
    """How many objections should have been decided by now."""
    late = select(func.count()).select_from(Objection).where(Objection.status.in_(OPEN), Objection.due_on < uow.today)
    return int(await uow.session.scalar(late) or 0)


async def _reads_statement(uow: UnitOfWork, caller: Principal, row: Objection) -> bool:
    if caller.role is Role.INSTITUTION:
        return row.organisation == caller.organisation
    return caller.role is not Role.WORKER or row.objector_id in await records_of(uow, [caller.person])


def _in_scope(caller: Principal, objection_id: UUID) -> Select[Objection]:
    return select(Objection).where(Objection.id == objection_id, in_scope(caller))
