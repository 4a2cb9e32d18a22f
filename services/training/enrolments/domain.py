"""The life of an enrolment, and what it takes that nobody else can have: a code, a voucher, a seat, the dates."""

from enum import StrEnum

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, ByService, Edge, Lifecycle


class EnrolmentState(StrEnum):
    """Where an enrolment stands."""

    REQUESTED = "requested"
    REGISTERED = "registered"
    ATTENDING = "attending"
    COMPLETED = "completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED_ATTENDANCE = "failed_attendance"
    FAILED_TEST = "failed_test"
    EXPELLED = "expelled"


class EnrolmentAction(StrEnum):
    """What happens to an enrolment."""

    REQUEST = "request"
    REGISTER = "register"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    UNSEAT = "unseat"
    """Withdrawn whatever was attended: the class was stopped, or the voucher went back to its holder."""
    ATTEND = "attend"
    COMPLETE = "complete"
    FAIL_ATTENDANCE = "fail_attendance"
    FAIL_TEST = "fail_test"
    EXPEL = "expel"


S, A = EnrolmentState, EnrolmentAction

ENROLMENT = Lifecycle(
    "training.enrolment",
    {
        (None, A.REQUEST): Edge(S.REQUESTED, emits="enrolment.requested"),
        (S.REQUESTED, A.REGISTER): Edge(S.REGISTERED, emits="enrolment.registered"),
        (S.REQUESTED, A.REFUSE): Edge(S.REFUSED, emits="enrolment.refused"),
        (S.REQUESTED, A.WITHDRAW): Edge(S.WITHDRAWN, emits="enrolment.withdrawn"),
        (S.REGISTERED, A.WITHDRAW): Edge(S.WITHDRAWN, emits="enrolment.withdrawn"),
        (S.REQUESTED, A.UNSEAT): Edge(S.WITHDRAWN, emits="enrolment.withdrawn"),
        (S.REGISTERED, A.UNSEAT): Edge(S.WITHDRAWN, emits="enrolment.withdrawn"),
        (S.ATTENDING, A.UNSEAT): Edge(S.WITHDRAWN, emits="enrolment.withdrawn"),
        (S.REGISTERED, A.ATTEND): Edge(S.ATTENDING, emits="enrolment.attending"),
        (S.ATTENDING, A.COMPLETE): Edge(
            S.COMPLETED, emits="enrolment.completed", details=("trainer_ids", "class_hours", "completed_on")
        ),
        (S.REGISTERED, A.FAIL_ATTENDANCE): Edge(S.FAILED_ATTENDANCE, emits="enrolment.attendance_failed"),
        (S.ATTENDING, A.FAIL_ATTENDANCE): Edge(S.FAILED_ATTENDANCE, emits="enrolment.attendance_failed"),
        (S.ATTENDING, A.FAIL_TEST): Edge(S.FAILED_TEST, emits="enrolment.test_failed"),
        (S.REGISTERED, A.EXPEL): Edge(S.EXPELLED, emits="enrolment.expelled"),
        (S.ATTENDING, A.EXPEL): Edge(S.EXPELLED, emits="enrolment.expelled"),
    },
    {
        S.REQUESTED: ByService("voucher", "bound, or refused with its code"),
        S.REGISTERED: ByClock("training.finish_classes", "the class ends: who attended too little has failed"),
        S.ATTENDING: ByPeople("the institution, by the results of the completion test"),
    },
)

LIVE_STATES = (S.REQUESTED, S.REGISTERED, S.ATTENDING)
"""States in which a person is bound to the dates of a class."""
PRESENT_STATES = frozenset({S.REGISTERED, S.ATTENDING})
"""States in which a person's presence counts."""


class EnrolmentNotFound(NotFound):
    """No such enrolment in the caller's scope."""

    code = "enrolment_not_found"
    zh, en = "未找到该报名记录", "There is no such enrolment."


class ClassFull(Conflict):
    """Every seat is taken; requested enrolments count."""

    code = "class_full"
    policy = "D18"
    zh, en = "班次名额已满", "The class is full."


class PresenceCodeUsed(Conflict):
    """A code proves presence once."""

    code = "presence_code_used"
    policy = "§二(二)7"
    zh, en = "出示码已被使用", "The presence code was used already."


class EnrolmentOverlaps(Conflict):
    """One person is in one class at a time."""

    code = "enrolment_overlaps"
    policy = "§二(二)6"
    zh, en = "该劳动者在同一时期已报名其他班次", "The person is enrolled in another class on these dates."


class VoucherAlreadyPresented(Conflict):
    """A voucher is at one enrolment at a time."""

    code = "voucher_already_presented"
    policy = "§二(二)7"
    zh, en = "该培训券已用于其他报名", "The voucher is at another enrolment."
