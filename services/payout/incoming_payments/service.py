"""Keeping money that came in, from the bank's own list or as an officer types it."""

from datetime import date
from uuid import UUID

from services.payout.incoming_payments import queries
from services.payout.incoming_payments.domain import IncomingFacts, IncomingPaymentExists
from services.payout.incoming_payments.models import IncomingPayment
from shared.kernel.ids import uuid7
from shared.kernel.money import checked_fen
from shared.persistence import UnitOfWork
from shared.persons import registered_person
from shared.security import Principal


async def type_incoming(
    uow: UnitOfWork, caller: Principal, *, reference: str, amount_fen: int, received_on: date
) -> IncomingFacts:
    """A finance officer types what the bank's list shows: nothing is counted before another one matches it."""
    officer = await registered_person(uow, caller.person)
    if reference in await queries.incoming_with(uow, [reference]):
        raise IncomingPaymentExists
    incoming_id = await keep_incoming(uow, reference, amount_fen, received_on, recorded_by=officer)
    return await queries.get_incoming(uow, incoming_id)


async def keep_incoming(
    uow: UnitOfWork, reference: str, amount_fen: int, received_on: date, *, recorded_by: UUID | None
) -> UUID:
    """Keep money that came in by the bank's reference; answers its id. `recorded_by` typed it, if anybody did."""
    row = IncomingPayment(
        id=uuid7(),
        reference=reference,
        amount_fen=checked_fen(amount_fen, least_fen=1),
        received_on=received_on,
        recorded_by=recorded_by,
        recorded_at=uow.recorded_at,
    )
    uow.session.add(row)
    await uow.session.flush()
    return row.id
