"""What a body may assess, and when."""

from datetime import date

import pytest

from services.evaluation.bodies.domain import (
    BodyFacts,
    BodyKind,
    BodyNotListed,
    BodyOutsideScope,
    BodyScopeOutsideKind,
    ScopeLine,
    check_may_assess,
    check_scope,
)
from shared.reference.skills import canonical_skill

LINE = ScopeLine("4-03-02-01", 4, date(2022, 1, 1), date(2026, 6, 30), "2022")


@pytest.mark.parametrize(
    ("entry", "level", "day", "refusal"),
    [
        (BodyFacts("listed", (LINE,)), 4, date(2026, 7, 1), BodyOutsideScope),
        (BodyFacts("listed", (LINE,)), 4, date(2021, 12, 31), BodyOutsideScope),
        (BodyFacts("listed", (LINE,)), 3, date(2026, 1, 1), BodyOutsideScope),
        (BodyFacts("listed", ()), 4, date(2026, 1, 1), BodyOutsideScope),
        (BodyFacts("suspended", (LINE,)), 4, date(2026, 1, 1), BodyNotListed),
        (BodyFacts("removed", (LINE,)), 4, date(2026, 1, 1), BodyNotListed),
    ],
)
def test_nothing_outside_the_catalogue(entry: BodyFacts, level: int, day: date, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_may_assess(entry, "4-03-02-01", level, day)


def test_scope_days_are_both_included() -> None:
    for day in (LINE.valid_from, LINE.valid_to):
        assert day is not None
        check_may_assess(BodyFacts("listed", (LINE,)), "4-03-02-01", 4, day)


def test_permits_belong_to_government_bodies() -> None:
    permit = canonical_skill("SO-01-02")
    check_scope(BodyKind.GOVERNMENT, [permit])
    for kind in (BodyKind.EMPLOYER, BodyKind.SCHOOL, BodyKind.SOCIAL):
        with pytest.raises(BodyScopeOutsideKind):
            check_scope(kind, [permit])
