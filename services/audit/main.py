"""The HTTP application of the audit service."""

from pathlib import Path

from fastapi import FastAPI

from services.audit.checkpoints.api import router as checkpoints
from services.audit.dossiers.api import router as dossiers
from services.audit.log.api import router as log
from services.audit.packages.api import router as packages
from services.audit.proofs.api import router as proofs
from services.audit.statistics.api import router as statistics
from services.audit.trails.api import router as trails
from services.audit.verifications.api import router as verifications
from shared.http import create_app
from shared.persons import is_registered

ROUTERS = (log, proofs, checkpoints, verifications, packages, dossiers, trails, statistics)


def app() -> FastAPI:
    """Made by the server; what it needs comes from the environment."""
    examples = Path(__file__).with_name("examples.json")
    return create_app(
        service="audit",
        title="skill-voucher audit 审计",
        routers=ROUTERS,
        is_registered=is_registered,
        examples=examples,
    )
