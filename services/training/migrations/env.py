"""Alembic's environment of the training service."""

from services.training.attendance import models as attendance
from services.training.check_ins import models as check_ins
from services.training.class_sessions import models as class_sessions
from services.training.classes import models as classes
from services.training.completions import models as completions
from services.training.enrolments import models as enrolments
from services.training.institutions import models as institutions
from services.training.models import Base
from services.training.person_facts import models as person_facts
from services.training.rules import models as rules
from shared.persistence import migrations

TABLES = (attendance, check_ins, class_sessions, classes, completions, enrolments, institutions, person_facts, rules)

migrations.run(Base.metadata)
