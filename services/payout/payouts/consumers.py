"""What other services say that stops a payout, or lets it go on."""

from collections.abc import Sequence

from services.payout.holds.domain import INELIGIBLE, HoldSource, Placement
from services.payout.holds.queries import held_because_of
from services.payout.payouts.domain import AT_THE_BANK, UNSENT, PayoutAction
from services.payout.payouts.queries import ids_of_vouchers, live_of_certificates, lock_payouts, unpaid_to
from services.payout.payouts.service import lift_holds, place_holds, stop_payouts
from shared.contracts.evaluation import CertificateReinstatedV1, CertificateRevokedV1, CertificateSuspendedV1
from shared.contracts.training import (
    InstitutionEvent,
    InstitutionListedV1,
    InstitutionReinstatedV1,
    InstitutionRemovedV1,
    InstitutionSuspendedV1,
)
from shared.contracts.voucher import VoucherCancelledV1, VoucherHeldV1, VoucherHoldLiftedV1, VoucherJudgedV1
from shared.messaging import Handlers
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


async def on_voucher_judged(uow: UnitOfWork, events: Sequence[VoucherJudgedV1]) -> None:
    """The fresh verdict on the holder takes the place of the one before (R10): a yes lets the payout go on, a no holds
    it as long as it is not paid; what the bank has is answered under the hold, and not sent again.

    One that was refused for a no opens by the clock after a yes (R2).
    """
    by_voucher = await ids_of_vouchers(uow, [event.id for event in events])
    payouts = await lock_payouts(uow, list(by_voucher.values()), against="money sent to who was just found ineligible")
    await lift_holds(uow, await held_because_of(uow, HoldSource.ELIGIBILITY, [str(event.id) for event in events]))
    refused = [by_voucher[event.id] for event in events if event.eligibility == INELIGIBLE and event.id in by_voucher]
    await place_holds(
        uow,
        [
            Placement(payout_id, HoldSource.ELIGIBILITY, str(payouts[payout_id].voucher_id), INELIGIBLE)
            for payout_id in refused
            if payouts[payout_id].status in (*UNSENT, *AT_THE_BANK)
        ],
    )


async def on_voucher_cancelled(uow: UnitOfWork, events: Sequence[VoucherCancelledV1]) -> None:
    """Nothing is paid for a cancelled voucher."""
    payouts = await ids_of_vouchers(uow, [event.id for event in events])
    reasons = {payout_id: (voucher_id, "voucher_cancelled") for voucher_id, payout_id in payouts.items()}
    await stop_payouts(uow, PayoutAction.WITHDRAW, reasons)


async def on_institution_suspended(uow: UnitOfWork, events: Sequence[InstitutionSuspendedV1]) -> None:
    """An institution under suspension is not paid; a worker who learned there is (DOMAIN §3)."""
    await _hold_unpaid(uow, events, "institution_suspended")


async def on_institution_removed(uow: UnitOfWork, events: Sequence[InstitutionRemovedV1]) -> None:
    """An institution outside the catalogue is not paid; a worker who learned there is (DOMAIN §3)."""
    await _hold_unpaid(uow, events, "institution_removed")


async def on_institution_restored(uow: UnitOfWork, events: Sequence[InstitutionEvent]) -> None:
    """The institution stands in the catalogue (again)."""
    await lift_holds(uow, await held_because_of(uow, HoldSource.INSTITUTION, [str(event.id) for event in events]))


async def on_certificate_suspended(uow: UnitOfWork, events: Sequence[CertificateSuspendedV1]) -> None:
    """Nothing is decided on a suspended certificate."""
    reasons = {event.id: event.reason_code for event in events}
    await place_holds(
        uow,
        [
            Placement(payout_id, HoldSource.CERTIFICATE, str(certificate_id), reasons[certificate_id])
            for certificate_id, payout_id in await live_of_certificates(uow, list(reasons))
        ],
    )


async def on_certificate_reinstated(uow: UnitOfWork, events: Sequence[CertificateReinstatedV1]) -> None:
    """The certificate is valid again."""
    await lift_holds(uow, await held_because_of(uow, HoldSource.CERTIFICATE, [str(event.id) for event in events]))


async def on_certificate_revoked(uow: UnitOfWork, events: Sequence[CertificateRevokedV1]) -> None:
    """No certificate, no payment (无证无价, D14)."""
    payouts = await live_of_certificates(uow, [event.id for event in events])
    reasons = {payout_id: (certificate_id, "certificate_revoked") for certificate_id, payout_id in payouts}
    await stop_payouts(uow, PayoutAction.REJECT, reasons)


async def _hold_unpaid(uow: UnitOfWork, events: Sequence[InstitutionEvent], reason_code: str) -> None:
    unpaid = await unpaid_to(uow, [str(event.id) for event in events])
    await place_holds(
        uow,
        [Placement(payout_id, HoldSource.INSTITUTION, institution, reason_code) for institution, payout_id in unpaid],
    )


HANDLERS: Handlers = {
    VoucherHeldV1: on_voucher_held,
    VoucherHoldLiftedV1: on_voucher_hold_lifted,
    VoucherJudgedV1: on_voucher_judged,
    VoucherCancelledV1: on_voucher_cancelled,
    InstitutionSuspendedV1: on_institution_suspended,
    InstitutionRemovedV1: on_institution_removed,
    InstitutionListedV1: on_institution_restored,
    InstitutionReinstatedV1: on_institution_restored,
    CertificateSuspendedV1: on_certificate_suspended,
    CertificateReinstatedV1: on_certificate_reinstated,
    CertificateRevokedV1: on_certificate_revoked,
}
