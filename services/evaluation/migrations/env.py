"""Alembic's entry: what the evaluation service's tables should be."""

from services.evaluation.assessors import models as assessors
from services.evaluation.bodies import models as bodies
from services.evaluation.candidates import models as candidates
from services.evaluation.certificates import models as certificates
from services.evaluation.enrolment_facts import models as enrolment_facts
from services.evaluation.models import Base
from services.evaluation.person_facts import models as person_facts
from services.evaluation.recognitions import models as recognitions
from services.evaluation.rules import models as rules
from services.evaluation.scores import models as scores
from services.evaluation.sessions import models as sessions
from shared.persistence import migrations

ROOMS = (
    rules,
    person_facts,
    enrolment_facts,
    bodies,
    assessors,
    sessions,
    candidates,
    scores,
    certificates,
    recognitions,
)
"""Imported so that their tables hang on the metadata."""

migrations.run(Base.metadata)
