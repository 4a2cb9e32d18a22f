"""The HTTP application of the voucher service."""

from fastapi import FastAPI

from services.voucher.batches.api import router as batches
from services.voucher.cancellations.api import router as cancellations
from services.voucher.counter_claims.api import router as counter_claims
from services.voucher.holds.api import router as holds
from services.voucher.vouchers.api import router as vouchers
from services.voucher.workers.api import router as workers
from shared.http import create_app

ROUTERS = (workers, batches, vouchers, counter_claims, holds, cancellations)


def app() -> FastAPI:
    """Made by the server; what it needs comes from the environment."""
    return create_app(service="voucher", title="skill-voucher voucher 发券", routers=ROUTERS)
