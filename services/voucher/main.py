"""The HTTP application of the voucher service."""

from pathlib import Path

from fastapi import FastAPI

from services.voucher.batches.api import router as batches
from services.voucher.bindings.api import router as bindings
from services.voucher.claims.api import router as claims
from services.voucher.eligibility.api import router as evidence
from services.voucher.mergers.api import router as mergers
from services.voucher.vouchers.api import router as vouchers
from services.voucher.workers.api import router as workers
from services.voucher.workers.queries import is_registered
from shared.http import create_app

ROUTERS = (workers, mergers, evidence, batches, claims, vouchers, bindings)


def app() -> FastAPI:
    """Made by the server; what it needs comes from the environment."""
    examples = Path(__file__).with_name("examples.json")
    return create_app(
        service="voucher",
        title="skill-voucher voucher 发券",
        routers=ROUTERS,
        is_registered=is_registered,
        examples=examples,
    )
