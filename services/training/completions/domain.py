"""The end of a training: attendance ratio and completion test (D4, D17). It is not the assessment."""

from dataclasses import dataclass
from uuid import UUID

from services.training.enrolments.domain import EnrolmentAction
from services.training.rules.domain import Rules
from shared.kernel.errors import Conflict


class ClassNotFinished(Conflict):
    """Completion tests are entered once the class is over."""

    code = "class_not_finished"
    policy = "§二(二)6"
    zh, en = "班次尚未结束", "The class is not finished yet."


class EnrolmentDecided(Conflict):
    """The enrolment has ended: a result is entered once."""

    code = "enrolment_decided"
    policy = "§二(二)6"
    zh, en = "该报名已有结业结果或已终止", "The enrolment has its result already, or has ended."


@dataclass(frozen=True, slots=True)
class TestRow:
    """One line of completion tests; `score` is 0..100."""

    enrolment_id: UUID
    score: int


def decide_completion(
    *, score: int | None, counted_minutes: int, planned_minutes: int, rules: Rules
) -> EnrolmentAction:
    """How an enrolment ends: attendance goes first (D4), then the test (D17); no test is a failed one."""
    if not rules.attended_enough(counted_minutes, planned_minutes) or counted_minutes == 0:
        return EnrolmentAction.FAIL_ATTENDANCE
    if score is None or score < rules.completion_pass_mark:
        return EnrolmentAction.FAIL_TEST
    return EnrolmentAction.COMPLETE
