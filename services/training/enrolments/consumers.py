"""What voucher made of the vouchers presented: bound, not bound, or gone back to their holders."""

from collections.abc import Sequence

from services.training.enrolments.domain import EnrolmentAction
from services.training.enrolments.service import refuse_enrolments, register_enrolments, withdraw_enrolments
from shared.contracts.voucher import VoucherBindRefusedV1, VoucherBoundV1, VoucherUnboundV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_voucher_bound(uow: UnitOfWork, events: Sequence[VoucherBoundV1]) -> None:
    """The vouchers are in use: their enrolments are registered."""
    await register_enrolments(uow, {event.enrolment_id: event.id for event in events})


async def on_voucher_bind_refused(uow: UnitOfWork, events: Sequence[VoucherBindRefusedV1]) -> None:
    """The vouchers cannot serve: their enrolments are refused and the seats are free."""
    await refuse_enrolments(uow, {event.enrolment_id: event.code for event in events})


async def on_voucher_unbound(uow: UnitOfWork, events: Sequence[VoucherUnboundV1]) -> None:
    """The vouchers went back to their holders: enrolments that were not withdrawn here are withdrawn now."""
    reasons = {event.enrolment_id: event.reason_code for event in events}
    await withdraw_enrolments(uow, reasons, action=EnrolmentAction.UNSEAT)


HANDLERS: Handlers = {
    VoucherBoundV1: on_voucher_bound,
    VoucherBindRefusedV1: on_voucher_bind_refused,
    VoucherUnboundV1: on_voucher_unbound,
}
