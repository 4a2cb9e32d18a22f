"""The HTTP application of the evaluation service."""

from pathlib import Path

from fastapi import FastAPI

from services.evaluation.admissions import api as admissions
from services.evaluation.assessment_sessions import api as assessment_sessions
from services.evaluation.assessors import api as assessors
from services.evaluation.bodies import api as bodies
from services.evaluation.candidates import api as candidates
from services.evaluation.certificates import api as certificates
from services.evaluation.recognitions import api as recognitions
from services.evaluation.results import api as results
from services.evaluation.scores import api as scores
from shared.http import create_app
from shared.persons import is_registered

ROOMS = (bodies, assessors, assessment_sessions, admissions, candidates, scores, results, certificates, recognitions)
ROUTERS = [room.router for room in ROOMS]


def app() -> FastAPI:
    """The application; its settings are read when it starts."""
    examples = Path(__file__).with_name("examples.json")
    return create_app(
        service="evaluation",
        title="skill-voucher evaluation 评价·持证",
        routers=ROUTERS,
        is_registered=is_registered,
        examples=examples,
    )
