"""When an appeal comes too late."""

from datetime import date

import pytest

from services.evaluation.candidates.domain import AppealTooLate, check_appeal


def test_an_appeal_has_its_time() -> None:
    check_appeal(date(2026, 5, 1), date(2026, 5, 16), 15)
    with pytest.raises(AppealTooLate):
        check_appeal(date(2026, 5, 1), date(2026, 5, 17), 15)
