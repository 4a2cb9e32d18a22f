"""What other services say that makes paid money owed back."""

from collections.abc import Sequence

from services.payout.clawbacks.service import open_clawbacks
from services.payout.payouts.domain import PayoutState
from services.payout.payouts.queries import live_of_certificates, lock_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_certificate_revoked(uow: UnitOfWork, events: Sequence[CertificateRevokedV1]) -> None:
    """A certificate revoked after payment: the payee that was paid owes the money back (R4)."""
    live = await live_of_certificates(uow, [event.id for event in events])
    payouts = await lock_payouts(uow, [payout_id for _, payout_id in live], against="a case opened twice")
    paid = [payout for payout in payouts.values() if payout.status is PayoutState.PAID]
    await open_clawbacks(uow, paid, "certificate_revoked")


HANDLERS: Handlers = {CertificateRevokedV1: on_certificate_revoked}
