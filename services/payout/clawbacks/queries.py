"""Reading and locking cases, what is set off while the bank has it, and money that came in."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, column, func, or_, select, table, true, tuple_

from services.payout.clawbacks.domain import (
    OWING,
    ClawbackFacts,
    ClawbackNotFound,
    ClawbackState,
    Movement,
    Offset,
)
from services.payout.clawbacks.models import Clawback, ClawbackMovement, ClawbackOffset
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.security import Principal, Role

_DELIVERY = table("deliveries", column("instruction_id"), column("outcome"))
_CERTIFICATE = table("certificate_statuses", column("certificate_id"), column("status"))


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """A debtor's own cases; those of their areas for the administration."""
    if caller.role is Role.WORKER:
        own = cast(records_of_person(caller.person).subquery().c.id, Text)
        owner = or_(Clawback.debtor_id == str(caller.person), Clawback.debtor_id.in_(select(own)))
        return and_(Clawback.debtor_kind == "worker", owner, Clawback.status != ClawbackState.PROPOSED)
    if caller.role is Role.INSTITUTION:
        own_debt = Clawback.debtor_id == caller.organisation
        return and_(Clawback.debtor_kind != "worker", own_debt, Clawback.status != ClawbackState.PROPOSED)
    return true() if caller.covers_city else Clawback.area.in_(caller.areas)


async def list_clawbacks(
    uow: UnitOfWork, caller: Principal, status: ClawbackState | None, *, after: UUID | None, limit: int
) -> list[ClawbackFacts]:
    """A page of cases in the caller's scope, ascending by id."""
    query = select(Clawback).where(in_scope(caller)).order_by(Clawback.id).limit(limit)
    if status is not None:
        query = query.where(Clawback.status == status)
    if after is not None:
        query = query.where(Clawback.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def see_clawback(uow: UnitOfWork, caller: Principal, clawback_id: UUID) -> ClawbackFacts:
    """The case; `ClawbackNotFound` if there is none or the caller may not know."""
    query = select(Clawback).where(Clawback.id == clawback_id, in_scope(caller))
    row = await uow.session.scalar(query, execution_options={"populate_existing": True})
    if row is None:
        raise ClawbackNotFound
    return row.facts()


async def movements_of(uow: UnitOfWork, clawback_id: UUID) -> list[Movement]:
    """Every movement of a case, oldest first."""
    query = select(ClawbackMovement).where(ClawbackMovement.clawback_id == clawback_id).order_by(ClawbackMovement.id)
    return [row.facts() for row in await uow.session.scalars(query)]


async def cases_of_payouts(uow: UnitOfWork, payout_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The case's id by payout, of payouts that have one."""
    query = select(Clawback.payout_id, Clawback.id).where(
        Clawback.payout_id.in_(payout_ids), Clawback.status != ClawbackState.REJECTED
    )
    return {row.payout_id: row.id for row in await uow.session.execute(query)}


async def case_of(uow: UnitOfWork, about: UUID) -> ClawbackFacts | None:
    """The case of this id, or of the payout of this id; None if there is none, or nothing is owed."""
    named = or_(Clawback.id == about, Clawback.payout_id == about)
    row = await uow.session.scalar(select(Clawback).where(named, Clawback.status.in_(OWING)))
    return None if row is None else row.facts()


async def owing_of(uow: UnitOfWork, debts: Collection[tuple[str, str, UUID]]) -> list[UUID]:
    """Cases in which (debtor kind, debtor, fund) owes, in order of opening."""
    of = tuple_(Clawback.debtor_kind, Clawback.debtor_id, Clawback.fund_id).in_(list(debts))
    query = select(Clawback.id).where(of, Clawback.status.in_(OWING), Clawback.outstanding_fen > 0)
    return list(await uow.session.scalars(query.order_by(Clawback.id)))


async def pending_fen(uow: UnitOfWork, clawback_ids: Collection[UUID]) -> dict[UUID, int]:
    """By locked case, what payments that the bank has not answered for are set off against it, fen."""
    query = (
        select(ClawbackOffset.clawback_id, func.sum(ClawbackOffset.amount_fen).label("fen"))
        .outerjoin(_DELIVERY, _DELIVERY.c.instruction_id == ClawbackOffset.instruction_id)
        .where(ClawbackOffset.clawback_id.in_(clawback_ids), _DELIVERY.c.outcome.is_(None))
        .group_by(ClawbackOffset.clawback_id)
    )
    return dict.fromkeys(clawback_ids, 0) | {row.clawback_id: int(row.fen) for row in await uow.session.execute(query)}


async def offsets_of(uow: UnitOfWork, instruction_ids: Collection[UUID]) -> list[Offset]:
    """What these instructions are set off against, by instruction and case."""
    query = select(ClawbackOffset).where(ClawbackOffset.instruction_id.in_(instruction_ids))
    rows = await uow.session.scalars(query.order_by(ClawbackOffset.instruction_id, ClawbackOffset.clawback_id))
    return [Offset(row.instruction_id, row.clawback_id, row.amount_fen) for row in rows]


async def payouts_behind(uow: UnitOfWork, instruction_ids: Collection[UUID]) -> set[UUID]:
    """The payouts whose debts these instructions are set off against: locked with the payouts that are paid."""
    query = select(Clawback.payout_id).join(ClawbackOffset, ClawbackOffset.clawback_id == Clawback.id)
    return set(await uow.session.scalars(query.where(ClawbackOffset.instruction_id.in_(instruction_ids))))


async def revoked_among(uow: UnitOfWork, certificate_ids: Collection[UUID]) -> set[UUID]:
    """Those of the certificates that are revoked, as evaluation stated last."""
    query = select(_CERTIFICATE.c.certificate_id).where(
        _CERTIFICATE.c.certificate_id.in_(certificate_ids), _CERTIFICATE.c.status == "revoked"
    )
    return set(await uow.session.scalars(query))


async def past_due(uow: UnitOfWork, today: date, limit: int) -> list[UUID]:
    """Cases whose last day to pay lies before `today`, oldest first."""
    open_ones = Clawback.status.in_((ClawbackState.OPEN, ClawbackState.INSTALMENTS))
    query = select(Clawback.id).where(open_ones, Clawback.due_on < today).order_by(Clawback.id).limit(limit)
    return list(await uow.session.scalars(query))
