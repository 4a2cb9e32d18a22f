"""The HTTP application of payout."""

from pathlib import Path

from fastapi import FastAPI

from services.payout.accounts import api as accounts
from services.payout.bank_reports import api as bank_reports
from services.payout.claims import api as claims
from services.payout.clawbacks import api as clawbacks
from services.payout.funds import api as funds
from services.payout.incoming_payments import api as incoming_payments
from services.payout.money_returns import api as money_returns
from services.payout.notices import api as notices
from services.payout.objections import api as objections
from services.payout.payment_batches import api as payment_batches
from services.payout.payment_files import api as payment_files
from services.payout.payouts import api as payouts
from services.payout.rates import api as rates
from services.payout.reviews import api as reviews
from shared.http import create_app
from shared.persons import is_registered

ROUTERS = [
    rates.router,
    funds.router,
    accounts.router,
    claims.router,
    payouts.router,
    payouts.totals,
    reviews.router,
    notices.router,
    objections.router,
    payment_batches.router,
    payment_files.router,
    bank_reports.router,
    money_returns.router,
    incoming_payments.router,
    clawbacks.router,
]


def app() -> FastAPI:
    """The application; its settings are read when it starts."""
    examples = Path(__file__).with_name("examples.json")
    return create_app(
        service="payout",
        title="skill-voucher payout 兑现",
        routers=ROUTERS,
        is_registered=is_registered,
        examples=examples,
    )
