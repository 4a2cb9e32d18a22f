"""What is filed about a class, and the rules that a filing meets."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.training.class_sessions.domain import Interval, PlannedSession, canonical_room
from services.training.classes.domain import (
    ClassActInvalid,
    ClassAmendmentInvalid,
    ClassFiledTooLate,
    ClassHoursTooFew,
    ClassPayeeInvalid,
    ClassPlan,
    ClassSessionsInvalid,
    ClassSessionTimesInvalid,
    ClassTooLarge,
    ClassTrainersInvalid,
    amended,
    check_filing,
    check_hours,
    check_plan,
)
from services.training.classes.schemas import FORMS_ZH
from shared.kernel.clock import business_date
from shared.reference.skills import canonical_skill
from tests.training.samples import HOME, NINE, OTHER_TRAINER, RULES, TRAINER


def session(day: int = 0, hours: int = 6, **other: object) -> PlannedSession:
    """A session of a day, from nine o'clock."""
    begins_at = NINE + timedelta(days=day)
    planned = PlannedSession(uuid4(), Interval(begins_at, begins_at + timedelta(hours=hours)), TRAINER, "A1")
    return replace(planned, **other)  # type: ignore[arg-type]  # names of its fields


def plan(**other: object) -> ClassPlan:
    """A class of eight days of eight class hours."""
    made = ClassPlan(
        institution=HOME, skill_code="4-03-02-01", level=4, area="410402", department="rsj", channel="social",
        form="menu", act="first", payee_kind="institution", payee_id=HOME, seats=50, room="A1",
        trainer_ids=(TRAINER,), sessions=tuple(session(day) for day in range(8)),
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]  # names of its fields


def test_a_class_hour_is_45_minutes_and_a_day_is_capped() -> None:
    assert RULES.class_hours(44) == 0
    assert RULES.class_hours(90) == 2
    assert RULES.countable_minutes({date(2026, 1, 1): 900, date(2026, 1, 2): 100}) == 640
    assert plan().planned_minutes(RULES) == 8 * 360
    assert plan(sessions=(session(hours=14),)).planned_minutes(RULES) == 540


def test_a_filing_keeps_d18() -> None:
    today = business_date(NINE) - timedelta(days=7)
    check_filing(plan(), RULES, today)
    with pytest.raises(ClassFiledTooLate):
        check_filing(plan(), RULES, today + timedelta(days=1))
    with pytest.raises(ClassTooLarge):
        check_filing(plan(seats=51), RULES, today)
    with pytest.raises(ClassHoursTooFew):
        check_filing(plan(sessions=plan().sessions[:7]), RULES, today)


def test_the_filing_day_is_shanghais() -> None:
    late = datetime(2026, 12, 6, 17, tzinfo=UTC)  # one o'clock of the 7th
    early = plan(sessions=(session(window=Interval(late, late + timedelta(hours=2))),))
    assert early.starts_on == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("payee", "channel", "fits"),
    [
        (("institution", HOME), "social", True),
        (("institution", "914104007000020000"), "social", False),
        (("enterprise", "914104007000020000"), "enterprise", True),
        (("enterprise", "914104007000020000"), "social", False),
        (("enterprise", None), "enterprise", False),
        (("worker", None), "social", True),
        (("worker", HOME), "social", False),
    ],
)
def test_who_may_be_paid(payee: tuple[str, str | None], channel: str, fits: bool) -> None:  # noqa: FBT001  # a table
    made = plan(payee_kind=payee[0], payee_id=payee[1], channel=channel)
    if fits:
        check_plan(made)
    else:
        with pytest.raises(ClassPayeeInvalid):
            check_plan(made)


def test_sessions_are_of_one_day_do_not_overlap_and_have_a_trainer_of_the_class() -> None:
    with pytest.raises(ClassSessionTimesInvalid):
        check_plan(plan(sessions=(session(hours=0),)))
    with pytest.raises(ClassSessionTimesInvalid):
        check_plan(plan(sessions=(session(hours=16),)))
    with pytest.raises(ClassSessionsInvalid):
        check_plan(plan(sessions=(session(), session(hours=1))))
    with pytest.raises(ClassTrainersInvalid):
        check_plan(plan(sessions=(session(trainer_id=OTHER_TRAINER),)))


def test_the_digest_is_of_the_content_and_the_content_can_be_read_again() -> None:
    made = plan()
    assert ClassPlan.of_content(made.content()) == made
    assert ClassPlan.of_content(made.content()).digest() == made.digest()
    assert replace(made, seats=49).digest() != made.digest()
    moved = replace(made, sessions=(*made.sessions[:-1], replace(made.sessions[-1], room="A2")))
    assert moved.digest() != made.digest()


def test_an_amendment_moves_planned_sessions_within_the_filed_dates() -> None:
    made = plan()
    first, last = made.sessions[0], made.sessions[-1]
    movable = frozenset(planned.id for planned in made.sessions)
    now = NINE - timedelta(days=1)
    new = amended(made, [replace(first, trainer_id=OTHER_TRAINER)], movable, now)
    assert new.trainer_ids == (TRAINER, OTHER_TRAINER)
    assert new.sessions[0].trainer_id == OTHER_TRAINER
    swapped = amended(made, [replace(first, window=last.window), replace(last, window=first.window)], movable, now)
    assert swapped.sessions[0].id == last.id
    outside = Interval(NINE + timedelta(days=8), NINE + timedelta(days=8, hours=1))
    for wrong, when in (
        ([replace(first, window=outside)], now),
        ([replace(first, id=uuid4())], now),
        ([first, first], now),
        ([first], NINE),
    ):
        with pytest.raises(ClassAmendmentInvalid):
            amended(made, wrong, movable, when)
    with pytest.raises(ClassAmendmentInvalid):
        amended(made, [first], movable - {first.id}, now)


def test_a_specific_competence_needs_fewer_hours() -> None:
    assert RULES.least_class_hours(canonical_skill("ZX-4104-001"), "first") == 40
    assert RULES.least_class_hours(canonical_skill("4-03-02-01"), "first") == 60


def test_a_review_is_of_a_permit_and_takes_eight_class_hours() -> None:
    review = plan(skill_code="SO-01-02", level=0, act="review", sessions=(session(hours=6),))
    check_plan(review)
    check_hours(review, RULES)
    with pytest.raises(ClassHoursTooFew):
        check_hours(replace(review, act="first"), RULES)
    with pytest.raises(ClassHoursTooFew):
        check_hours(replace(review, sessions=(session(hours=5),)), RULES)
    with pytest.raises(ClassActInvalid):
        check_plan(plan(act="review"))


def test_rooms_and_forms_are_spelled_one_way() -> None:
    assert canonical_room(" a　１０１ ") == "A101"
    assert str(FORMS_ZH["菜单式"]) == "menu"
    assert len(FORMS_ZH) == 10
