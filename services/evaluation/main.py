"""The HTTP application of the evaluation service."""

from fastapi import FastAPI

from services.evaluation.assessors import api as assessors
from services.evaluation.bodies import api as bodies
from services.evaluation.candidates import api as candidates
from services.evaluation.certificates import api as certificates
from services.evaluation.recognitions import api as recognitions
from services.evaluation.results import api as results
from services.evaluation.scores import api as scores
from services.evaluation.sessions import api as sessions
from shared.http import create_app

ROOMS = (bodies, assessors, sessions, candidates, scores, results, certificates, recognitions)
ROUTERS = [room.router for room in ROOMS]


def app() -> FastAPI:
    """The application; its settings are read when it starts."""
    return create_app(service="evaluation", title="评价·持证 Evaluation", routers=ROUTERS)
