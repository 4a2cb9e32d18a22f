"""The figures that this service lives by, with the defaults of DOMAIN §6; the values are rows with dates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The values in force on a day. The unit is the last word of a name."""

    pass_mark_theory_points: int
    pass_mark_practice_points: int
    pass_mark_review_points: int
    resits_count: int
    new_series_months: int
    """So long after the last failure of a series another one may begin (D30)."""
    opening_grace_days: int
    """How long after its day a session may still be opened that could not be reported in time."""
    appeal_period_days: int
    special_operation_validity_years: int
    special_equipment_validity_years: int
    direct_recognition_allowed: bool
    flag_pass_rate_percent: int
    flag_pass_rate_from_candidates: int
    """Below so many results a pass rate says nothing."""
    flag_assessor_day_candidates: int
