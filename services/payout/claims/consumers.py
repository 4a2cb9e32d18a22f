"""What opens a payout, and what changes under whom its benefit is counted."""

from collections.abc import Sequence

from services.payout.claims.service import merge_persons, open_payouts, separate_persons
from shared.contracts.voucher import PersonSeparatedV1, PersonSupersededV1, VoucherCertifiedV1
from shared.kernel.errors import DomainError
from shared.messaging import Handlers
from shared.observability import logger
from shared.persistence import UnitOfWork

log = logger("payout.claims")


async def on_voucher_certified(uow: UnitOfWork, events: Sequence[VoucherCertifiedV1]) -> None:
    """A certificate made vouchers payable: open their payouts. Without a verified certificate there is none."""
    voucher_ids = [event.id for event in events]
    for voucher_id, outcome in zip(voucher_ids, await open_payouts(uow, voucher_ids), strict=True):
        if isinstance(outcome, DomainError):
            log.error("payout_not_opened", voucher_id=str(voucher_id), code=outcome.code)


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Two records are one person: once per person, skill and level holds for both together (§二(二)5)."""
    await merge_persons(uow, [event.id for event in events])


async def on_person_separated(uow: UnitOfWork, events: Sequence[PersonSeparatedV1]) -> None:
    """Two records are two persons after all: each has its own benefits again (R16)."""
    for event in events:
        await separate_persons(uow, event.id, event.survivor_id)


HANDLERS: Handlers = {
    VoucherCertifiedV1: on_voucher_certified,
    PersonSupersededV1: on_person_superseded,
    PersonSeparatedV1: on_person_separated,
}
