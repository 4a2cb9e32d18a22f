"""What payout does in the background."""

from services.payout.accounts import timers as accounts
from services.payout.certificate_facts import consumers as certificate_facts
from services.payout.claims import consumers as claims
from services.payout.claims import timers as claim_timers
from services.payout.holds import consumers as holds
from services.payout.institution_facts import consumers as institution_facts
from services.payout.instructions import timers as instructions
from services.payout.payment_batches import timers as payment_batches
from services.payout.person_facts import consumers as person_facts
from services.payout.reviews import timers as reviews
from services.payout.voucher_facts import consumers as voucher_facts
from shared.messaging import WorkerProcess

ROOMS = [
    person_facts.HANDLERS,
    institution_facts.HANDLERS,
    certificate_facts.HANDLERS,
    voucher_facts.HANDLERS,
    claims.HANDLERS,
    holds.HANDLERS,
]
"""Facts first: what a later room decides, it decides on what was just heard."""


def worker() -> WorkerProcess:
    """Relay, consumer and timers."""
    return WorkerProcess(
        "payout",
        rooms=ROOMS,
        timers=[
            *claim_timers.TIMERS,
            *reviews.TIMERS,
            *accounts.TIMERS,
            *payment_batches.TIMERS,
            *instructions.TIMERS,
        ],
    )
