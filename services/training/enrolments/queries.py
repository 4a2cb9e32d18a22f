"""Reading enrolments, within the caller's scope."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true

from services.training.enrolments.domain import LIVE_STATES, EnrolmentNotFound
from services.training.enrolments.models import ClassSeats, Enrolment
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.security import Principal, Role

EnrolmentRow: TypeAlias = Enrolment
"""An enrolment's row, for rooms that may not see the table."""
SeatsRow: TypeAlias = ClassSeats
"""The seats of a class, for rooms that may not see the table."""
KEEPS_VOUCHER = ("requested", "registered", "attending", "completed")
"""States in which a voucher is at the enrolment; what failed has given it back (R5)."""


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The enrolments that the caller may know of (DOMAIN §4, 15)."""
    if caller.role is Role.INSTITUTION:
        return Enrolment.institution == caller.organisation
    if caller.role is Role.WORKER:
        return Enrolment.person_id.in_(records_of_person(caller.person))
    if caller.role in {Role.OFFICER, Role.AUDITOR}:
        return true() if caller.covers_city else Enrolment.class_area.in_(caller.areas)
    return false()


def classes_of_person(person_id: UUID) -> Select[UUID]:
    """A subquery of the classes in which a person is or was enrolled, under any record of theirs."""
    return select(Enrolment.class_id).where(Enrolment.person_id.in_(records_of_person(person_id)))


async def see_enrolment(uow: UnitOfWork, enrolment_id: UUID, caller: Principal) -> Enrolment:
    """One enrolment of the caller's scope; `EnrolmentNotFound` otherwise."""
    found = await uow.session.scalar(select(Enrolment).where(Enrolment.id == enrolment_id, in_scope(caller)))
    if found is None:
        raise EnrolmentNotFound
    return found


async def list_enrolments(
    uow: UnitOfWork, caller: Principal, *, class_id: UUID | None, after: UUID | None, limit: int
) -> list[Enrolment]:
    """Enrolments of the caller's scope by id, of one class if asked."""
    wanted = [in_scope(caller)]
    if class_id is not None:
        wanted.append(Enrolment.class_id == class_id)
    if after is not None:
        wanted.append(Enrolment.id > after)
    return list(await uow.session.scalars(select(Enrolment).where(*wanted).order_by(Enrolment.id).limit(limit)))


async def lock_seats(uow: UnitOfWork, class_ids: Collection[UUID]) -> dict[UUID, ClassSeats]:
    """The seats of some classes, locked in the order of the classes against two requests for the last seat."""
    statement = select(ClassSeats).where(ClassSeats.class_id.in_(class_ids)).order_by(ClassSeats.class_id)
    found = await uow.session.scalars(statement.with_for_update(), execution_options={"populate_existing": True})
    return {row.class_id: row for row in found}


async def lock_with_seats(uow: UnitOfWork, ids: Collection[UUID], *, against: str) -> dict[UUID, Enrolment]:
    """Enrolments that may give back their seats: the seats are locked first, as everybody does who needs both."""
    classes = await uow.session.scalars(select(Enrolment.class_id).where(Enrolment.id.in_(ids)).distinct())
    await lock_seats(uow, set(classes))
    return await uow.lock_rows(Enrolment, ids, against=against)


async def lock_enrolments(uow: UnitOfWork, ids: Collection[UUID], *, against: str) -> dict[UUID, Enrolment]:
    """Enrolments that keep their seats."""
    return await uow.lock_rows(Enrolment, ids, against=against)


async def enrolments_of_classes(uow: UnitOfWork, class_ids: Collection[UUID], states: Collection[str]) -> list[UUID]:
    """Ids of the enrolments of some classes in these states."""
    statement = select(Enrolment.id).where(Enrolment.class_id.in_(class_ids), Enrolment.status.in_(states))
    return list(await uow.session.scalars(statement))


async def unstarted_enrolments_at(uow: UnitOfWork, institution: str) -> list[UUID]:
    """Ids of the enrolments at an institution of which no session has counted yet."""
    states = ("requested", "registered")
    statement = select(Enrolment.id).where(Enrolment.institution == institution, Enrolment.status.in_(states))
    return list(await uow.session.scalars(statement))


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """Whose attendance is about to be written."""

    id: UUID
    class_id: UUID
    person_id: UUID
    status: str


async def share_enrolment_of_person(uow: UnitOfWork, class_id: UUID, person_id: UUID) -> EnrolledPerson:
    """The person's live enrolment in a class, under any record of theirs; `EnrolmentNotFound` if there is none.

    The shared lock stands against the race in which it is withdrawn while its holder checks in.
    """
    statement = select(Enrolment).where(
        Enrolment.class_id == class_id,
        Enrolment.person_id.in_(records_of_person(person_id)),
        Enrolment.status.in_(LIVE_STATES),
    )
    own_first = statement.order_by(Enrolment.person_id != person_id, Enrolment.id).limit(1)
    found = await uow.session.scalar(own_first.with_for_update(read=True))
    if found is None:
        raise EnrolmentNotFound
    return EnrolledPerson(found.id, found.class_id, found.person_id, found.status)


@dataclass(frozen=True, slots=True)
class Taken:
    """What of some vouchers presented is taken already."""

    codes: set[UUID]
    """Presence codes that were used before."""
    vouchers: set[UUID]
    """Vouchers that are at another enrolment."""
    people: set[UUID]
    """People who are in a class on these days."""


async def already_taken(
    uow: UnitOfWork,
    *,
    codes: Collection[UUID],
    vouchers: Collection[UUID],
    people: Collection[UUID],
    first: date,
    last: date,
) -> Taken:
    """Which of the codes and vouchers were used, and which of the people are in a class from `first` to `last`."""
    used = select(Enrolment.jti).where(Enrolment.jti.in_(codes))
    elsewhere = select(Enrolment.voucher_id).where(
        Enrolment.voucher_id.in_(vouchers), Enrolment.status.in_(KEEPS_VOUCHER)
    )
    enrolled = select(Enrolment.person_id).where(
        Enrolment.person_id.in_(people),
        Enrolment.status.in_(LIVE_STATES),
        Enrolment.starts_on <= last,
        Enrolment.ends_on >= first,
    )
    return Taken(*[set(await uow.session.scalars(statement)) for statement in (used, elsewhere, enrolled)])
