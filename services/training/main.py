"""The HTTP application of the training service."""

from pathlib import Path

from fastapi import FastAPI

from services.training.attendance.api import router as attendance
from services.training.classes.api import router as classes
from services.training.completions.api import router as completions
from services.training.corrections.api import router as corrections
from services.training.enrolments.api import router as enrolments
from services.training.institutions.api import router as institutions
from services.training.presentations.api import router as presentations
from services.training.supervision.api import router as supervision
from shared.http import create_app
from shared.persons import is_registered

ROUTERS = (institutions, supervision, classes, presentations, enrolments, attendance, corrections, completions)


def app() -> FastAPI:
    """Made by the server; what it needs comes from the environment."""
    examples = Path(__file__).with_name("examples.json")
    return create_app(
        service="training",
        title="skill-voucher training 培训",
        routers=ROUTERS,
        is_registered=is_registered,
        examples=examples,
    )
