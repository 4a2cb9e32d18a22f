"""What payout does in the background."""

from services.payout.accounts import timers as accounts
from services.payout.bank_reports import timers as bank_reports
from services.payout.bank_reports.service import count_late_files
from services.payout.certificate_facts import consumers as certificate_facts
from services.payout.claims import consumers as claims
from services.payout.claims import timers as claim_timers
from services.payout.class_facts import consumers as class_facts
from services.payout.clawbacks import consumers as clawbacks
from services.payout.clawbacks import timers as clawback_timers
from services.payout.funds.service import count_ended_years
from services.payout.institution_facts import consumers as institution_facts
from services.payout.instructions import timers as instructions
from services.payout.merger_facts import consumers as merger_facts
from services.payout.money_returns import timers as money_returns
from services.payout.notices import timers as notices
from services.payout.objections.service import count_late_objections
from services.payout.payment_batches import timers as payment_batches
from services.payout.payment_files import timers as payment_files
from services.payout.payouts import consumers as payouts
from services.payout.reviews.service import count_late_work
from services.payout.voucher_facts import consumers as voucher_facts
from shared import persons
from shared.messaging import WorkerProcess

ROOMS = [
    persons.HANDLERS,
    merger_facts.HANDLERS,
    institution_facts.HANDLERS,
    class_facts.HANDLERS,
    certificate_facts.HANDLERS,
    voucher_facts.HANDLERS,
    claims.HANDLERS,
    payouts.HANDLERS,
    clawbacks.HANDLERS,
]
"""Facts first: what a later room decides, it decides on what was just received."""


def worker() -> WorkerProcess:
    """Relay, consumer and timers."""
    return WorkerProcess(
        "payout",
        rooms=ROOMS,
        timers=[
            *claim_timers.TIMERS,
            *notices.TIMERS,
            *clawback_timers.TIMERS,
            *accounts.TIMERS,
            *payment_batches.TIMERS,
            *payment_files.TIMERS,
            *bank_reports.TIMERS,
            *instructions.TIMERS,
            *money_returns.TIMERS,
        ],
        alarms=[count_late_work, count_late_objections, count_ended_years, count_late_files],
    )
