"""Reading what payout said."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from services.voucher.payout_facts.domain import KnownPayout, PayoutStage
from services.voucher.payout_facts.models import PayoutFact
from shared.persistence import UnitOfWork


async def payouts_of(uow: UnitOfWork, voucher_ids: Iterable[UUID]) -> dict[UUID, list[KnownPayout]]:
    """The last that was received of every payout of these vouchers, by voucher."""
    known: dict[UUID, list[KnownPayout]] = {}
    statement = select(PayoutFact).where(PayoutFact.voucher_id.in_(set(voucher_ids))).order_by(PayoutFact.payout_id)
    for fact in await uow.session.scalars(statement, execution_options={"populate_existing": True}):
        known.setdefault(fact.voucher_id, []).append(fact.known())
    return known


async def debts_settled(uow: UnitOfWork, payout_ids: Iterable[UUID | None]) -> set[UUID]:
    """Those of these reversed payouts whose debt is settled, which frees their key (D22)."""
    wanted = set(payout_ids)
    if not wanted:
        return set()
    statement = select(PayoutFact.payout_id).where(
        PayoutFact.payout_id.in_(wanted), PayoutFact.stage == PayoutStage.DEBT_SETTLED
    )
    return set(await uow.session.scalars(statement))
