"""Move vouchers on with their payouts."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.voucher.certificate_facts.queries import revoked_among
from services.voucher.payout_facts.queries import payouts_of
from services.voucher.settlement.domain import PayoutStep, ReturnedPayout, next_payout_step
from services.voucher.vouchers.domain import VoucherAction
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.queries import lock_vouchers
from services.voucher.vouchers.service import move_vouchers, uncertify_vouchers
from shared.persistence import UnitOfWork


async def follow_payouts(
    uow: UnitOfWork, voucher_ids: Collection[UUID], returned: Sequence[ReturnedPayout] = ()
) -> None:
    """Settle, redeem, go back to certified, lapse, be clawed back (DOMAIN §3), with news of `returned` payouts.

    All of these are facts already true elsewhere, so a hold stops none of them. Payouts of one voucher may arrive in
    any order: the voucher takes every step that is possible by now.
    """
    vouchers = await lock_vouchers(uow, voucher_ids, against="two payouts' events about one voucher")
    payouts = await payouts_of(uow, vouchers)
    revoked = await revoked_among(uow, {voucher.certificate_id for voucher in vouchers.values()})
    unanswered = list(returned)
    pending = set(vouchers)
    while pending:
        steps: dict[UUID, PayoutStep] = {}
        for voucher_id in sorted(pending):
            news = [payout for payout in unanswered if payout.voucher_id == voucher_id]
            voucher = vouchers[voucher_id].facts()
            step = next_payout_step(
                voucher, payouts.get(voucher_id, ()), news, revoked=voucher.certificate_id in revoked
            )
            if step is not None:
                steps[voucher_id] = step
        answered = {step.payout_id for step in steps.values()}
        unanswered = [payout for payout in unanswered if payout.payout_id not in answered]
        pending = await _take(uow, vouchers, steps)


async def _take(uow: UnitOfWork, vouchers: Mapping[UUID, Voucher], steps: Mapping[UUID, PayoutStep]) -> set[UUID]:
    """Take one step of each voucher, action by action; answers those that moved."""
    uncertified = [vouchers[at].facts() for at, step in steps.items() if step.action is VoucherAction.UNCERTIFY]
    moved = {voucher.id for voucher in await uncertify_vouchers(uow, uncertified)}
    for action in dict.fromkeys(step.action for step in steps.values() if step.action is not VoucherAction.UNCERTIFY):
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
