"""The end of a training: attendance ratio and completion test (D4, D17). It is not the assessment."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.training.enrolments.domain import EnrolmentAction
from services.training.rules.domain import Rules
from shared.kernel.errors import Conflict, DayNotYet


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


class TestedBeforeTheEnd(Conflict):
    """The completion test is held when the training is over: not before the day of the last session (R17)."""

    code = "tested_before_the_end"
    policy = "R17"
    zh, en = "结业考核日期早于最后一次课({ends_on})", "The test was before the last session of the class, on {ends_on}."


@dataclass(frozen=True, slots=True)
class TestRow:
    """One line of completion tests; `score` is 0..100, `held_on` the day on which the test was held."""

    enrolment_id: UUID
    score: int
    held_on: date


def check_test_day(held_on: date, ends_on: date, today: date) -> None:
    """The test was held once the class was over, and by now: typed late it stays that day (R17)."""
    if held_on > today:
        raise DayNotYet
    if held_on < ends_on:
        raise TestedBeforeTheEnd(ends_on=ends_on.isoformat())


def decide_completion(
    *, score: int | None, counted_minutes: int, planned_minutes: int, rules: Rules
) -> EnrolmentAction:
    """How an enrolment ends: attendance goes first (D4), then the test (D17); no test is a failed one."""
    if not rules.attended_enough(counted_minutes, planned_minutes) or counted_minutes == 0:
        return EnrolmentAction.FAIL_ATTENDANCE
    if score is None or score < rules.completion_pass_mark:
        return EnrolmentAction.FAIL_TEST
    return EnrolmentAction.COMPLETE
