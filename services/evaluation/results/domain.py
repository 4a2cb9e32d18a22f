"""Signs of waving through (DOMAIN §5): flags for the officers who supervise, which decide nothing by themselves."""

from enum import StrEnum

from services.evaluation.rules.domain import Rules
from shared.kernel.errors import Conflict


class Flag(StrEnum):
    """A pattern of results that an officer should look at: too many passes, too many candidates in a day."""

    RATE = "pass_rate_unlikely"
    ASSESSOR_VOLUME = "assessor_volume_unlikely"


class AppealNotScored(Conflict):
    """An appeal is decided on scores that both assessors have signed since."""

    code = "appeal_not_scored"
    policy = "§二(二)6"
    zh, en = "两名考评员尚未就申诉重新评分", "The two assessors have not scored the appeal yet."


def flags_of(assessed: int, passed: int, assessor_day_most: int, rules: Rules) -> list[str]:
    """The flags of a session with so many results and passes, whose busiest assessor assessed so many that day."""
    flags = []
    enough = assessed >= rules.flag_pass_rate_from_candidates
    if enough and passed * 100 >= rules.flag_pass_rate_percent * assessed:
        flags.append(Flag.RATE.value)
    if assessor_day_most > rules.flag_assessor_day_candidates:
        flags.append(Flag.ASSESSOR_VOLUME.value)
    return flags
