"""Reading the rate table, a few dozen rows, read whole; and the changes that officers propose."""

from uuid import UUID

from sqlalchemy import column, select, table

from services.payout.rates.domain import Difference, RateChangeFacts, RateChangeNotFound, RateTable
from services.payout.rates.models import RateChange, RateRow
from shared.persistence import UnitOfWork

_PAYOUT = table(
    "payouts", column("id"), column("rate_id"), column("certificate_id"), column("amount_fen"), column("status")
)
_CERTIFICATE = table("certificate_copies", column("certificate_id"), column("priced_on"))


async def rate_table(uow: UnitOfWork) -> RateTable:
    """Every rate that is or was in force."""
    rows = await uow.session.scalars(
        select(RateRow).order_by(RateRow.id), execution_options={"populate_existing": True}
    )
    return RateTable([row.facts() for row in rows])


async def list_rate_changes(uow: UnitOfWork, *, after: UUID | None, limit: int) -> list[RateChangeFacts]:
    """A page of changes, ascending by id."""
    query = select(RateChange).order_by(RateChange.id).limit(limit)
    if after is not None:
        query = query.where(RateChange.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def get_rate_change(uow: UnitOfWork, change_id: UUID) -> RateChangeFacts:
    """One change; `RateChangeNotFound` if there is none."""
    row = await uow.session.get(RateChange, change_id, populate_existing=True)
    if row is None:
        raise RateChangeNotFound
    return row.facts()


async def differences_of(uow: UnitOfWork, change: RateChangeFacts, limit: int) -> list[Difference]:
    """Payouts that stand as they were decided, at the replaced row's amount, for days on which the new row holds."""
    query = (
        select(_PAYOUT.c.id, _PAYOUT.c.amount_fen)
        .join(_CERTIFICATE, _CERTIFICATE.c.certificate_id == _PAYOUT.c.certificate_id)
        .where(
            _PAYOUT.c.rate_id == change.rate_id,
            _PAYOUT.c.amount_fen != change.amount_fen,
            _PAYOUT.c.status.not_in(("rejected", "withdrawn")),
            _CERTIFICATE.c.priced_on >= change.valid_from,
        )
        .order_by(_PAYOUT.c.id)
        .limit(limit)
    )
    if change.valid_to is not None:
        query = query.where(_CERTIFICATE.c.priced_on <= change.valid_to)
    rows = await uow.session.execute(query)
    return [Difference(row.id, row.amount_fen, change.amount_fen) for row in rows]
