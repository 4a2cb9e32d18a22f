"""Reading the catalogue."""

from typing import TypeAlias

from sqlalchemy import ColumnElement, select, true

from services.training.institutions.domain import ACTIVE_STATES, InstitutionFacts, InstitutionNotFound, ScopeLine
from services.training.institutions.models import Institution
from shared.persistence import UnitOfWork
from shared.security import Principal

InstitutionRow: TypeAlias = Institution
"""An institution's row, for rooms that may not see the table."""


def institution_facts(institution: Institution) -> InstitutionFacts:
    """What decisions need of an institution."""
    lines = (ScopeLine(line.skill_code, line.level, line.valid_from, line.valid_to) for line in institution.scope)
    return InstitutionFacts(institution.id, institution.status, institution.area, tuple(lines))


async def lock_institution(uow: UnitOfWork, credit_code: str, officer: Principal) -> Institution:
    """An institution in the officer's areas, locked; `InstitutionNotFound` otherwise."""
    rows = await uow.lock_rows(Institution, [credit_code], against="two officers deciding about one institution")
    found = rows.get(credit_code)
    if found is None or not officer.covers(found.area):
        raise InstitutionNotFound
    return found


async def share_institution(uow: UnitOfWork, credit_code: str) -> InstitutionFacts:
    """An institution that cannot be suspended or removed until this unit of work ends.

    The shared lock stands against the race in which a trainee is enrolled while a suspension withdraws all others.
    """
    statement = select(Institution).where(Institution.id == credit_code).with_for_update(read=True)
    found = await uow.session.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise InstitutionNotFound
    return institution_facts(found)


async def get_institution(uow: UnitOfWork, credit_code: str) -> Institution:
    """An institution of the public catalogue; `InstitutionNotFound` if there is none."""
    found = await uow.session.get(Institution, credit_code)
    if found is None:
        raise InstitutionNotFound
    return found


async def list_institutions(
    uow: UnitOfWork, *, area: str | None, status: str | None, after: str | None, limit: int
) -> list[Institution]:
    """Institutions by credit code, of one area or status if asked."""
    wanted: list[ColumnElement[bool]] = [true()]
    if area is not None:
        wanted.append(Institution.area == area)
    if status is not None:
        wanted.append(Institution.status == status)
    if after is not None:
        wanted.append(Institution.id > after)
    found = await uow.session.scalars(select(Institution).where(*wanted).order_by(Institution.id).limit(limit))
    return list(found)


def active_institutions() -> ColumnElement[str]:
    """A subquery of the credit codes whose classes may start."""
    return select(Institution.id).where(Institution.status.in_(ACTIVE_STATES)).scalar_subquery()
