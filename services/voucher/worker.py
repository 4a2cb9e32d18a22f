"""The background work of the voucher service: its relay, what it consumes, and what its clock moves."""

from services.voucher.bindings.consumers import HANDLERS as BINDINGS
from services.voucher.certificate_facts.consumers import HANDLERS as CERTIFICATE_FACTS
from services.voucher.certifications.consumers import HANDLERS as CERTIFICATIONS
from services.voucher.certifications.timers import TIMERS as VOIDING
from services.voucher.payout_facts.consumers import HANDLERS as PAYOUT_FACTS
from services.voucher.settlement.consumers import HANDLERS as SETTLEMENT
from services.voucher.vouchers.timers import TIMERS as EXPIRING
from shared.messaging import WorkerProcess


def worker() -> WorkerProcess:
    """Facts are kept before vouchers move by them."""
    return WorkerProcess(
        "voucher",
        rooms=(CERTIFICATE_FACTS, PAYOUT_FACTS, BINDINGS, CERTIFICATIONS, SETTLEMENT),
        timers=(*EXPIRING, *VOIDING),
    )
