"""Values that the tests of pure decisions share."""

from datetime import datetime
from uuid import uuid4

from services.training.rules.domain import Rules
from shared.kernel.clock import SHANGHAI

RULES = Rules(
    class_seats_most=50,
    class_hours_least=60,
    class_hours_least_specific_competence=40,
    class_hours_least_review=8,
    filing_lead_days=7,
    minutes_per_class_hour=45,
    day_cap_minutes=540,
    attendance_ratio_percent=80,
    make_up_percent=10,
    completion_pass_mark=60,
    session_grace_minutes=30,
    roster_deadline_days=15,
)
NINE = datetime(2026, 12, 7, 9, tzinfo=SHANGHAI)
TRAINER, OTHER_TRAINER = uuid4(), uuid4()
HOME = "914104007000010000"
