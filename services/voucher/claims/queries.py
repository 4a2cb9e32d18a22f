"""Reading claims made at counters."""

from uuid import UUID

from sqlalchemy import select

from services.voucher.claims.models import CounterClaim
from shared.persistence import UnitOfWork


async def list_counter_claims(
    uow: UnitOfWork, *, areas: frozenset[str] | None, sampled: bool | None, after: UUID | None, limit: int
) -> list[CounterClaim]:
    """Counter claims ascending by voucher: of `areas` (None: of all), those drawn for a second look if asked for."""
    statement = select(CounterClaim).order_by(CounterClaim.voucher_id).limit(limit)
    if areas is not None:
        statement = statement.where(CounterClaim.area.in_(areas))
    if sampled is not None:
        statement = statement.where(CounterClaim.sampled.is_(sampled))
    if after is not None:
        statement = statement.where(CounterClaim.voucher_id > after)
    return list(await uow.session.scalars(statement))
