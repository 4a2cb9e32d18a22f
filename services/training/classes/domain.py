"""The life of a class (开班)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound, Unavailable
from shared.kernel.lifecycle import Edge, Lifecycle


class ClassState(StrEnum):
    """Where a class stands."""

    DRAFT = "draft"
    FILED = "filed"
    APPROVED = "approved"
    RETURNED = "returned"
    RUNNING = "running"
    FINISHED = "finished"
    VERIFIED = "verified"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class ClassAction(StrEnum):
    """What is done with a class."""

    DRAFT = "draft"
    FILE = "file"
    APPROVE = "approve"
    RETURN = "return"
    AMEND = "amend"
    START = "start"
    FINISH = "finish"
    VERIFY = "verify"
    CANCEL = "cancel"
    STOP = "stop"


S, A = ClassState, ClassAction

CLASS = Lifecycle(
    "training.class",
    {
        (None, A.DRAFT): Edge(S.DRAFT, emits="class.drafted"),
        (S.DRAFT, A.DRAFT): Edge(S.DRAFT, emits="class.drafted"),
        (S.RETURNED, A.DRAFT): Edge(S.DRAFT, emits="class.drafted"),
        (S.DRAFT, A.FILE): Edge(S.FILED, emits="class.filed"),
        (S.RETURNED, A.FILE): Edge(S.FILED, emits="class.filed"),
        (S.FILED, A.APPROVE): Edge(S.APPROVED, emits="class.approved"),
        (S.FILED, A.RETURN): Edge(S.RETURNED, emits="class.returned"),
        (S.APPROVED, A.AMEND): Edge(S.APPROVED, emits="class.amended"),
        (S.RUNNING, A.AMEND): Edge(S.RUNNING, emits="class.amended"),
        (S.APPROVED, A.START): Edge(S.RUNNING, emits="class.started"),
        (S.RUNNING, A.FINISH): Edge(S.FINISHED, emits="class.finished"),
        (S.FINISHED, A.VERIFY): Edge(S.VERIFIED, emits="class.verified"),
        (S.DRAFT, A.CANCEL): Edge(S.CANCELLED, emits="class.cancelled"),
        (S.FILED, A.CANCEL): Edge(S.CANCELLED, emits="class.cancelled"),
        (S.RETURNED, A.CANCEL): Edge(S.CANCELLED, emits="class.cancelled"),
        (S.APPROVED, A.CANCEL): Edge(S.CANCELLED, emits="class.cancelled"),
        (S.RUNNING, A.STOP): Edge(S.STOPPED, emits="class.stopped"),
    },
)


class ClassNotFound(NotFound):
    """No such class in the caller's scope."""

    code = "class_not_found"
    zh, en = "未找到该班次", "There is no such class."


class TrainerUnknown(Unavailable):
    """A trainer is registered like everybody (§二(二)6); news of a registration may be moments behind."""

    code = "trainer_unknown"
    policy = "§二(二)6"
    zh, en = "教师尚未实名登记", "A trainer is not registered as a person."


class ClassAlreadyBegun(Conflict):
    """The first session's time has come: nothing is approved after the fact."""

    code = "class_already_begun"
    policy = "§二(二)6"
    zh, en = "开班时间已过", "The class has begun already."


class ApproverFiled(Conflict):
    """Who filed a class, or proposed an amendment, does not approve it."""

    code = "class_same_person"
    policy = "§三(一)"
    zh, en = "备案人与审核人须为不同人员", "Who filed it may not approve it."


class AmendmentNotFound(NotFound):
    """No amendment waits for approval."""

    code = "class_amendment_not_found"
    zh, en = "没有待审核的变更", "No amendment waits for approval."


def check_second_person(filed_by: UUID | None, officer: UUID) -> None:
    """`ApproverFiled` if the same natural person would file and approve (DOMAIN §5, self-approval)."""
    if filed_by == officer:
        raise ApproverFiled


def check_not_begun(starts_at: datetime, now: datetime) -> None:
    """`ClassAlreadyBegun` once the first session's time has come."""
    if now >= starts_at:
        raise ClassAlreadyBegun
