"""Reading the assessment catalogue, which is public; changing an entry is for officers of its area."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from services.evaluation.bodies.domain import BodyNotFound
from services.evaluation.bodies.models import Body
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.security import Principal


async def get_body(uow: UnitOfWork, body_id: str) -> Body:
    """The entry of a body; `BodyNotFound` if there is none."""
    found = await uow.session.get(Body, body_id)
    if found is None:
        raise BodyNotFound
    return found


async def lock_body(uow: UnitOfWork, body_id: str, *, against: str) -> Body:
    """The entry, locked; `BodyNotFound` if there is none."""
    found = (await uow.lock_rows(Body, [body_id], against=against)).get(body_id)
    if found is None:
        raise BodyNotFound
    return found


async def lock_body_of_area(uow: UnitOfWork, body_id: str, officer: Principal, *, against: str) -> Body:
    """The entry, locked, if the officer's areas hold the body; `BodyNotFound` otherwise (DOMAIN §4, 15)."""
    body = await lock_body(uow, body_id, against=against)
    if not officer.covers(body.area):
        raise BodyNotFound
    return body


def ids_in_areas(areas: Iterable[str]) -> Select[str]:
    """Credit codes of the bodies of these areas, for the scope of other queries."""
    return select(Body.id).where(Body.area.in_(list(areas)))


async def list_bodies(uow: UnitOfWork, page: PageRequest, *, kind: str | None, area: str | None) -> Sequence[Body]:
    """One page of the catalogue, by credit code."""
    statement = select(Body).order_by(Body.id).limit(page.fetch)
    if page.after is not None:
        statement = statement.where(Body.id > page.after)
    if kind is not None:
        statement = statement.where(Body.kind == kind)
    if area is not None:
        statement = statement.where(Body.area == area)
    return list(await uow.session.scalars(statement))
