"""Rules with effective dates: the defaults of DOMAIN §6 that this service lives by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Unavailable


class RuleMissing(Unavailable):
    """No value is in force on the day: the table was not filled in."""

    code = "evaluation_rule_missing"
    transient = False
    zh, en = "缺少 {day} 生效的规则 {name}", "No value of rule {name} is in force on {day}."


class RuleName(StrEnum):
    """What is configured. The unit is the last word."""

    LEAST_THEORY = "pass_mark_theory_points"
    LEAST_PRACTICE = "pass_mark_practice_points"
    LEAST_REVIEW = "pass_mark_review_points"
    RESITS = "resits_count"
    OPENING_GRACE = "opening_grace_days"
    APPEAL_PERIOD = "appeal_period_days"
    SPECIAL_OPERATION_VALIDITY = "special_operation_validity_years"
    SPECIAL_EQUIPMENT_VALIDITY = "special_equipment_validity_years"
    DIRECT_RECOGNITION = "direct_recognition_allowed"
    FLAG_RATE = "flag_pass_rate_percent"
    FLAG_RATE_FROM = "flag_pass_rate_from_candidates"
    FLAG_ASSESSOR_DAY = "flag_assessor_day_candidates"


@dataclass(frozen=True, slots=True)
class Rules:
    """The values in force on `day`."""

    day: date
    values: Mapping[str, int]

    def __getitem__(self, name: RuleName) -> int:
        """The value; `RuleMissing` if none is in force."""
        value = self.values.get(name)
        if value is None:
            raise RuleMissing(name=str(name), day=self.day.isoformat())
        return value
