"""What other services say that stops a payout, or lets it go on."""

from collections.abc import Sequence

from services.payout.holds.domain import HoldSource, Placement
from services.payout.holds.queries import held_because_of
from services.payout.holds.service import lift_holds, place_holds, stop_for_certificates, stop_for_vouchers
from services.payout.payouts.queries import ids_of_vouchers, live_of_certificates, unpaid_of_institution
from shared.contracts.evaluation import CertificateReinstatedV1, CertificateRevokedV1, CertificateSuspendedV1
from shared.contracts.training import (
    InstitutionEvent,
    InstitutionListedV1,
    InstitutionReinstatedV1,
    InstitutionRemovedV1,
    InstitutionSuspendedV1,
)
from shared.contracts.voucher import VoucherCancelledV1, VoucherHeldV1, VoucherHoldLiftedV1
from shared.messaging import Handler, Handlers
from shared.persistence import UnitOfWork


async def on_voucher_held(uow: UnitOfWork, events: Sequence[VoucherHeldV1]) -> None:
    """The voucher's hold stands on its payout too."""
    payouts = await ids_of_vouchers(uow, [event.id for event in events])
    await place_holds(
        uow,
        [
            Placement(payouts[event.id], HoldSource.VOUCHER, str(event.hold_id), event.reason_code)
            for event in events
            if event.id in payouts
        ],
    )


async def on_voucher_hold_lifted(uow: UnitOfWork, events: Sequence[VoucherHoldLiftedV1]) -> None:
    """The voucher's hold is lifted, and the payout's with it."""
    await lift_holds(uow, await held_because_of(uow, HoldSource.VOUCHER, [str(event.hold_id) for event in events]))


async def on_voucher_cancelled(uow: UnitOfWork, events: Sequence[VoucherCancelledV1]) -> None:
    """Nothing is paid for a cancelled voucher."""
    await stop_for_vouchers(uow, await ids_of_vouchers(uow, [event.id for event in events]), "voucher_cancelled")


def _holds_unpaid(reason_code: str) -> Handler:
    """A handler that holds whatever an institution has not been paid yet (DOMAIN §3)."""

    async def hold(uow: UnitOfWork, events: Sequence[InstitutionEvent]) -> None:
        for event in events:
            unpaid = await unpaid_of_institution(uow, str(event.id))
            source = HoldSource.INSTITUTION, str(event.id), reason_code
            await place_holds(uow, [Placement(payout_id, *source) for payout_id in unpaid])

    return hold


async def on_institution_back(uow: UnitOfWork, events: Sequence[InstitutionEvent]) -> None:
    """The institution stands in the catalogue (again)."""
    await lift_holds(uow, await held_because_of(uow, HoldSource.INSTITUTION, [str(event.id) for event in events]))


async def on_certificate_suspended(uow: UnitOfWork, events: Sequence[CertificateSuspendedV1]) -> None:
    """Nothing is decided on a suspended certificate."""
    payouts = await live_of_certificates(uow, [event.id for event in events])
    reasons = {event.id: event.reason_code for event in events}
    await place_holds(
        uow,
        [
            Placement(payout_id, HoldSource.CERTIFICATE, str(certificate_id), reasons[certificate_id])
            for certificate_id, payout_id in payouts
        ],
    )


async def on_certificate_reinstated(uow: UnitOfWork, events: Sequence[CertificateReinstatedV1]) -> None:
    """The certificate is valid again."""
    await lift_holds(uow, await held_because_of(uow, HoldSource.CERTIFICATE, [str(event.id) for event in events]))


async def on_certificate_revoked(uow: UnitOfWork, events: Sequence[CertificateRevokedV1]) -> None:
    """No certificate, no payment: reject what can still be stopped, hold and list the rest (无证无价, D14)."""
    await stop_for_certificates(uow, {event.id: "certificate_revoked" for event in events})


HANDLERS: Handlers = {
    VoucherHeldV1: on_voucher_held,
    VoucherHoldLiftedV1: on_voucher_hold_lifted,
    VoucherCancelledV1: on_voucher_cancelled,
    InstitutionSuspendedV1: _holds_unpaid("institution_suspended"),
    InstitutionRemovedV1: _holds_unpaid("institution_removed"),
    InstitutionListedV1: on_institution_back,
    InstitutionReinstatedV1: on_institution_back,
    CertificateSuspendedV1: on_certificate_suspended,
    CertificateReinstatedV1: on_certificate_reinstated,
    CertificateRevokedV1: on_certificate_revoked,
}
