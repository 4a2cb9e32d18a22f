from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import dates
from pydantic import TypeAdapter, ValidationError

from shared.contracts.fields import Occasion
from shared.kernel.occasion import FIRST, act_of, due_on, review_of

OCCASION = TypeAdapter(Occasion)


@given(dates())
def test_a_review_is_named_by_its_due_day(due: date) -> None:
    occasion = OCCASION.validate_python(review_of(due))
    assert (due_on(occasion), act_of(occasion)) == (due, "review")


def test_a_first_certificate_is_due_on_no_day() -> None:
    occasion = OCCASION.validate_python(FIRST)
    assert (due_on(occasion), act_of(occasion)) == (None, "first")


@pytest.mark.parametrize("text", ["", "second", "review", "review:", "review:soon", "review:2026-02-30", "2026-01-01"])
def test_what_is_no_occasion_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        act_of(text)


def test_a_contract_refuses_what_is_no_occasion() -> None:
    with pytest.raises(ValidationError):
        OCCASION.validate_python("review:2026")
