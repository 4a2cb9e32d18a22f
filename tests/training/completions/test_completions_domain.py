"""How an enrolment ends."""

import pytest

from services.training.completions.domain import decide_completion
from services.training.enrolments.domain import EnrolmentAction
from tests.training.samples import RULES


@pytest.mark.parametrize(
    ("score", "minutes", "ending"),
    [
        (60, 800, EnrolmentAction.COMPLETE),
        (100, 799, EnrolmentAction.FAIL_ATTENDANCE),
        (59, 1000, EnrolmentAction.FAIL_TEST),
        (0, 0, EnrolmentAction.FAIL_ATTENDANCE),
        (None, 1000, EnrolmentAction.FAIL_TEST),
    ],
)
def test_how_an_enrolment_ends(score: int | None, minutes: int, ending: EnrolmentAction) -> None:
    assert decide_completion(score=score, counted_minutes=minutes, planned_minutes=1000, rules=RULES) is ending
