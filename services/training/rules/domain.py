"""The rules in force on a day, and how minutes become class hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.reference.skills import Skill, SkillKind


@dataclass(frozen=True, slots=True)
class Rules:
    """Every figure of this service that is configuration, as it stands on one day."""

    class_seats_most: int
    """Seats of a class (D18)."""
    class_hours_least: int
    """Class hours of a class (D18)."""
    class_hours_least_specific_competence: int
    """Class hours of a class for a 专项职业能力 (D18)."""
    class_hours_least_review: int
    """Class hours of a class for the review of a permit (R7)."""
    filing_lead_days: int
    """Days between filing and the first day of the class (D18)."""
    minutes_per_class_hour: int
    day_cap_minutes: int
    """What counts of one person's day at the most (DOMAIN §5, proxy attendance)."""
    attendance_ratio_percent: int
    """Part of the planned time that must be attended (D4)."""
    make_up_percent: int
    """Part of the planned time that make-ups may fill (D4)."""
    completion_pass_mark: int
    """Least score of the completion test (D17)."""
    session_grace_minutes: int
    """How long before and after its planned time a session takes check-ins and check-outs."""
    roster_deadline_days: int
    """Days after its end in which a session waits for the institution's roster."""

    def least_class_hours(self, skill: Skill, act: str) -> int:
        """The fewest class hours of a class for `skill`: a review's (R7), or the larger of norm's and rule's (D18)."""
        if act == "review":
            return self.class_hours_least_review
        rule = (
            self.class_hours_least_specific_competence
            if skill.kind is SkillKind.SPECIFIC_COMPETENCE
            else self.class_hours_least
        )
        return max(rule, skill.least_class_hours or 0)

    def countable_minutes(self, minutes_by_day: Mapping[date, int]) -> int:
        """What counts of the minutes of several days: each day up to the cap."""
        return sum(min(minutes, self.day_cap_minutes) for minutes in minutes_by_day.values())

    def class_hours(self, minutes: int) -> int:
        """Whole class hours (课时) in `minutes`."""
        return minutes // self.minutes_per_class_hour

    def attended_enough(self, counted_minutes: int, planned_minutes: int) -> bool:
        """Whether the attendance ratio is met (D4)."""
        return counted_minutes * 100 >= planned_minutes * self.attendance_ratio_percent

    def make_ups_allowed(self, make_up_minutes: int, planned_minutes: int) -> bool:
        """Whether make-ups of this length in all are within their part of the planned time (D4)."""
        return make_up_minutes * 100 <= planned_minutes * self.make_up_percent
