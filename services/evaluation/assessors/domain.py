"""Assessors (考评员): people whom bodies name, each for certain skills (DOMAIN §4, 13)."""

from enum import StrEnum

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import Edge, Lifecycle, Rests


class AssessorState(StrEnum):
    """Whether the person may assess."""

    REGISTERED = "registered"
    STRUCK_OFF = "struck_off"


class AssessorAction(StrEnum):
    """What happens to an assessor's entry."""

    REGISTER = "register"
    QUALIFY = "qualify"
    STRIKE_OFF = "strike_off"


ASSESSOR = Lifecycle(
    "evaluation.assessor",
    {
        (None, AssessorAction.REGISTER): Edge(AssessorState.REGISTERED, emits="assessor.registered"),
        (AssessorState.REGISTERED, AssessorAction.QUALIFY): Edge(
            AssessorState.REGISTERED, emits="assessor.qualified", details=("body",)
        ),
        (AssessorState.REGISTERED, AssessorAction.STRIKE_OFF): Edge(
            AssessorState.STRUCK_OFF, emits="assessor.struck_off"
        ),
    },
    {
        AssessorState.REGISTERED: Rests("it is in the register"),
    },
)


class AssessorNotFound(NotFound):
    """No such assessor, or none whom the caller may see."""

    code = "assessor_not_found"
    zh, en = "未找到该考评员", "There is no such assessor."


class AssessorNotQualified(Conflict):
    """A panel's assessors are registered for the skill and level."""

    code = "assessor_not_qualified"
    policy = "§二(二)6"
    zh, en = (
        "考评员未登记 {skill_code} 第 {level} 等级的考评资格",
        "An assessor is not registered for {skill_code}, level {level}.",
    )
