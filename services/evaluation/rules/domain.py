"""The figures that this service lives by, with the defaults of DOMAIN §6; the values are rows with dates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The values in force on a day. The unit is the last word of a name."""

    pass_mark_theory_points: int
    pass_mark_practice_points: int
    pass_mark_review_points: int
    pass_mark_special_operation_points: int
    """In every part, for a permit of 特种作业 (R7)."""
    pass_mark_special_equipment_points: int
    """In every part, for a permit of 特种设备 (R7)."""
    resits_count: int
    new_series_months: int
    """So long after the last failure of a series another one may begin (D30)."""
    opening_grace_days: int
    """How long after its day a session may still be opened that could not be reported in time."""
    appeal_period_days: int
    special_operation_validity_years: int
    special_equipment_validity_years: int
    special_operation_review_years: int
    """So long after the first issue, or the review before, a permit is reviewed."""
    special_equipment_review_years: int
    review_window_days: int
    """So long before and after the day on which it is due a permit may be reviewed (R7)."""
    direct_recognition_allowed: bool
    flag_pass_rate_percent: int
    flag_pass_rate_from_candidates: int
    """Below so many results a pass rate says nothing."""
    flag_assessor_day_candidates: int
