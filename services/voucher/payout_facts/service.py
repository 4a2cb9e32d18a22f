"""Keep what payout says, and move the vouchers on with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.voucher.payout_facts import queries
from services.voucher.payout_facts.domain import PayoutHeard, PayoutStage, PayoutStep, next_payout_step
from services.voucher.payout_facts.models import PayoutFact
from services.voucher.vouchers import queries as voucher_queries
from services.voucher.vouchers.service import move_vouchers
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class PayoutNews:
    """What one payout event says of its voucher."""

    voucher_id: UUID
    payout_id: UUID
    stage: PayoutStage
    version: int
    code: str | None = None


async def hear_payouts(uow: UnitOfWork, news: Sequence[PayoutNews]) -> None:
    """Follow payouts: settle, redeem, go back to certified, be clawed back (DOMAIN §3).

    All of these are facts already true elsewhere, so a hold stops none of them. Payouts of one voucher may be heard in
    any order: each is kept, and the voucher takes every step that is possible by now.
    """
    await _keep(uow, news)
    by_voucher: dict[UUID, list[PayoutNews]] = {}
    for one in news:
        by_voucher.setdefault(one.voucher_id, []).append(one)
    vouchers = await voucher_queries.lock_vouchers(uow, by_voucher, against="two payouts' events about one voucher")
    heard = await queries.payouts_heard(uow, vouchers)
    returned = {
        (voucher_id, one.payout_id): PayoutHeard(one.payout_id, one.stage, one.code)
        for voucher_id, all_news in by_voucher.items()
        for one in all_news
        if one.stage is PayoutStage.RETURNED
    }
    pending = set(vouchers)
    while pending:
        steps: dict[UUID, PayoutStep] = {}
        for voucher_id in sorted(pending):
            fresh = next((one for (of, _), one in returned.items() if of == voucher_id), None)
            step = next_payout_step(vouchers[voucher_id].facts(), heard.get(voucher_id, ()), fresh)
            if step is not None:
                steps[voucher_id] = step
                returned.pop((voucher_id, step.payout_id), None)
        pending = await _take(uow, steps)


async def _keep(uow: UnitOfWork, news: Sequence[PayoutNews]) -> None:
    rows = {
        one.payout_id: {
            "payout_id": one.payout_id,
            "voucher_id": one.voucher_id,
            "stage": one.stage,
            "code": one.code,
            "version": one.version,
        }
        for one in sorted(news, key=lambda one: one.version)
    }
    statement = insert(PayoutFact)
    told = {name: statement.excluded[name] for name in ("stage", "code", "version")}
    newer = statement.excluded.version > PayoutFact.version
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[PayoutFact.payout_id], set_=told, where=newer),
        [rows[payout_id] for payout_id in sorted(rows)],
    )


async def _take(uow: UnitOfWork, steps: Mapping[UUID, PayoutStep]) -> set[UUID]:
    """Take one step of each voucher, action by action; answers those that moved."""
    moved: set[UUID] = set()
    for action in dict.fromkeys(step.action for step in steps.values()):
        payouts = {
            voucher_id: {"payout_id": step.payout_afterwards}
            for voucher_id, step in steps.items()
            if step.action is action
        }
        moves = await move_vouchers(
            uow, action, payouts, each=payouts, details=lambda voucher: steps[voucher.id].details
        )
        moved |= {voucher.id for voucher in moves}
    return moved
