"""A session and the rules, as the domain's functions are given them."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from services.evaluation.assessment_sessions.domain import AssessmentSessionFacts
from services.evaluation.bodies.domain import BodyKind
from services.evaluation.rules.domain import Rules

RULES = Rules(
    new_series_months=6,
    pass_mark_theory_points=60,
    pass_mark_practice_points=60,
    pass_mark_review_points=60,
    pass_mark_special_operation_points=80,
    pass_mark_special_equipment_points=70,
    resits_count=1,
    opening_grace_days=3,
    appeal_period_days=15,
    special_operation_validity_years=6,
    special_equipment_validity_years=4,
    special_operation_review_years=3,
    special_equipment_review_years=4,
    review_window_days=60,
    direct_recognition_allowed=True,
    flag_pass_rate_percent=98,
    flag_pass_rate_from_candidates=20,
    flag_assessor_day_candidates=120,
)
SESSION = AssessmentSessionFacts(
    id=uuid4(),
    body="91410402000001230R",
    body_kind=BodyKind.SOCIAL,
    area="410402",
    province_code="0A01",
    site_code="000007",
    skill_code="4-03-02-01",
    level=4,
    act="first",
    held_on=date(2026, 5, 20),
    assessor_1_id=uuid4(),
    assessor_2_id=uuid4(),
    supervisor_id=uuid4(),
)


def session(kind: BodyKind = BodyKind.SOCIAL, **other: Any) -> AssessmentSessionFacts:
    """The session of another kind of body, or otherwise different."""
    return replace(SESSION, body_kind=kind, **other)
