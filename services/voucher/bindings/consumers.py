"""What training says of enrolments: a voucher is bound to one, and given back by it."""

from collections.abc import Sequence

from services.voucher.bindings.domain import BindRequest, UnbindRequest
from services.voucher.bindings.service import bind_vouchers, unbind_vouchers
from shared.contracts.training import EnrolmentRequestedV1, EnrolmentWithdrawnV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_enrolment_requested(uow: UnitOfWork, events: Sequence[EnrolmentRequestedV1]) -> None:
    """The institution presented a voucher: it is bound, or refused with a code."""
    requests = [
        BindRequest(
            voucher_id=event.voucher_id,
            person_id=event.person_id,
            enrolment_id=event.id,
            class_id=event.class_id,
            class_area=event.class_area,
            channel=event.channel,
            institution=event.institution,
            payee_kind=event.payee_kind,
            payee_id=event.payee_id,
            mandate_id=event.mandate_id,
            skill_code=event.skill_code,
            level=event.level,
            act=event.act,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
            presented_at=event.presented_at,
        )
        for event in events
    ]
    await bind_vouchers(uow, requests)


async def on_enrolment_withdrawn(uow: UnitOfWork, events: Sequence[EnrolmentWithdrawnV1]) -> None:
    """The enrolment ended before a session counted: its voucher goes back to the holder."""
    await unbind_vouchers(uow, [UnbindRequest(event.voucher_id, event.id, event.reason_code) for event in events])


HANDLERS: Handlers = {
    EnrolmentRequestedV1: on_enrolment_requested,
    EnrolmentWithdrawnV1: on_enrolment_withdrawn,
}
