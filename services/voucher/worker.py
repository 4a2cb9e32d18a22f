"""The background work of the voucher service: its relay, what it hears, and what its clock moves."""

from services.voucher.certificate_facts.consumers import HANDLERS as CERTIFICATES
from services.voucher.certifications.consumers import HANDLERS as CERTIFICATIONS
from services.voucher.certifications.timers import TIMERS as VOIDING
from services.voucher.payout_facts.consumers import HANDLERS as PAYOUTS
from services.voucher.vouchers.consumers import HANDLERS as ENROLMENTS
from services.voucher.vouchers.timers import TIMERS as EXPIRING
from shared.messaging import WorkerProcess


def worker() -> WorkerProcess:
    """Certificates are kept as facts before their vouchers certify."""
    return WorkerProcess(
        "voucher", rooms=(ENROLMENTS, CERTIFICATES, CERTIFICATIONS, PAYOUTS), timers=(*EXPIRING, *VOIDING)
    )
