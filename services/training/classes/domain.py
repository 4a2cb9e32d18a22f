"""The life of a class (开班), the content of its filing (开班备案), and the rules that a filing meets (D18)."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

from services.training.class_sessions.domain import Interval, PlannedSession
from services.training.rules.domain import Rules
from shared.kernel.clock import business_date
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle, Rests
from shared.reference.skills import PERMITS, canonical_skill


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
    {
        S.DRAFT: Rests("the institution's own paper"),
        S.FILED: ByPeople("an officer of the area"),
        S.RETURNED: ByPeople("the institution"),
        S.APPROVED: ByClock("training.start_classes", "its first session comes"),
        S.RUNNING: ByClock("training.finish_classes", "its last session is over and closed"),
        S.FINISHED: ByPeople("an officer of the area"),
    },
)

UNSTARTED_STATES = frozenset(CLASS.sources(A.CANCEL))
"""States of a class that has not begun and may be cancelled."""


class ClassNotFound(NotFound):
    """No such class in the caller's scope."""

    code = "class_not_found"
    zh, en = "未找到该班次", "There is no such class."


class ClassAmendmentNotFound(NotFound):
    """No amendment waits for approval."""

    code = "class_amendment_not_found"
    zh, en = "没有待审核的变更", "No amendment waits for approval."


class ClassAlreadyBegun(Conflict):
    """The first session's time has come: nothing is approved after the fact."""

    code = "class_already_begun"
    policy = "§二(二)6"
    zh, en = "开班时间已过", "The class has begun already."


class ClassSamePerson(Conflict):
    """Who filed a class, or proposed an amendment, does not approve it."""

    code = "class_same_person"
    policy = "§三(一)"
    zh, en = "备案人与审核人须为不同人员", "Who filed it may not approve it."


class ClassPayeeInvalid(Invalid):
    """The payee is the class's institution, the enterprise that trains its own staff, or the worker (D5)."""

    code = "class_payee_invalid"
    policy = "D5"
    zh = "收款方须为本培训机构、组织职工培训的企业或劳动者本人"
    en = "The payee is the institution, the enterprise of its own staff, or the worker."


class ClassActInvalid(Invalid):
    """Only permits are reviewed."""

    code = "class_act_invalid"
    policy = "R7"
    zh, en = "只有特种作业、特种设备项目可以办理复审培训", "Only a class for a permit is for a review."


class ClassSessionTimesInvalid(Invalid):
    """A session ends before it begins, or is no session of one business day."""

    code = "class_session_times_invalid"
    policy = "§二(二)6"
    zh, en = "课次起止时间不正确或跨日", "A session ends after it begins, and on the same day."


class ClassSessionsInvalid(Invalid):
    """Two sessions of one class at the same time."""

    code = "class_sessions_invalid"
    policy = "§二(二)6"
    zh, en = "同一班次的课次时间重叠", "Sessions of one class overlap."


class ClassTrainersInvalid(Invalid):
    """A session's trainer is not among the trainers of the class."""

    code = "class_trainers_invalid"
    policy = "§二(二)6"
    zh, en = "课次教师不在本班教师名单中", "A session's trainer is not among the trainers of the class."


class ClassTooLarge(Conflict):
    """A class has at most so many seats (D18)."""

    code = "class_too_large"
    policy = "D18"
    zh, en = "班额超过 {most} 人", "A class has at most {most} seats."


class ClassHoursTooFew(Conflict):
    """A class has at least so many class hours (D18)."""

    code = "class_hours_too_few"
    policy = "D18"
    zh, en = "课时 {class_hours} 少于最低要求 {least}", "{class_hours} class hours are fewer than {least}."


class ClassFiledTooLate(Conflict):
    """A class is filed so many days before it begins (D18)."""

    code = "class_filed_too_late"
    policy = "D18"
    zh, en = "须在开班前 {days} 日备案", "A class is filed {days} days before it begins."


class ClassAmendmentInvalid(Invalid):
    """An amendment moves planned sessions within the filed dates and does nothing else."""

    code = "class_amendment_invalid"
    policy = "§二(二)6"
    zh = "变更只能调整未开始的课次且不得超出备案起止日期"
    en = "An amendment moves planned sessions within the filed dates."


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """Everything that is filed about a class; its digest is what is approved. Sessions are in order of time."""

    institution: str
    skill_code: str
    level: int
    area: str
    department: str
    channel: str
    form: str
    act: str
    payee_kind: str
    payee_id: str | None
    seats: int
    room: str
    trainer_ids: tuple[UUID, ...]
    sessions: tuple[PlannedSession, ...]

    @property
    def starts_at(self) -> datetime:
        """When the first session begins."""
        return self.sessions[0].window.begins_at

    @property
    def ends_at(self) -> datetime:
        """When the last session ends."""
        return max(session.window.ends_at for session in self.sessions)

    @property
    def starts_on(self) -> date:
        """The first business day."""
        return business_date(self.starts_at)

    @property
    def ends_on(self) -> date:
        """The last business day."""
        return business_date(self.ends_at)

    def planned_minutes(self, rules: Rules) -> int:
        """What the sessions come to, each day up to the cap: hours are computed, never stated (DOMAIN §3)."""
        by_day: Counter[date] = Counter()
        for session in self.sessions:
            by_day[session.window.day] += session.window.minutes
        return rules.countable_minutes(by_day)

    def content(self) -> dict[str, Any]:
        """The filed content as JSON values; `of_content` reads it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        sessions = [
            [
                str(session.id),
                session.window.begins_at.isoformat(),
                session.window.ends_at.isoformat(),
                str(session.trainer_id),
                session.room,
            ]
            for session in self.sessions
        ]
        return {**plain, "trainer_ids": [str(trainer) for trainer in self.trainer_ids], "sessions": sessions}

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> "ClassPlan":
        """The plan that `content` wrote down."""
        sessions = tuple(
            PlannedSession(
                UUID(session_id),
                Interval(datetime.fromisoformat(begins_at), datetime.fromisoformat(ends_at)),
                UUID(trainer_id),
                room,
            )
            for session_id, begins_at, ends_at, trainer_id, room in content["sessions"]
        )
        plain = {name: content[name] for name in _PLAIN}
        return cls(**plain, trainer_ids=tuple(UUID(trainer) for trainer in content["trainer_ids"]), sessions=sessions)

    def digest(self) -> str:
        """SHA-256 of the filed content, lower-case hexadecimal."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_PLAIN = (
    *("institution", "skill_code", "level", "area", "department", "channel", "form", "act"),
    *("payee_kind", "payee_id", "seats", "room"),
)
"""What of a plan is a JSON value as it is."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """An edition of a class's content that waits for approval, and the sessions that it would move."""

    edition: int
    proposed_by: UUID | None
    plan: ClassPlan
    changes: tuple[PlannedSession, ...]


def check_second_person(filed_by: UUID, officer: UUID) -> None:
    """`ClassSamePerson` if the same natural person would file and approve (DOMAIN §5, self-approval)."""
    if filed_by == officer:
        raise ClassSamePerson


def check_not_begun(starts_at: datetime, now: datetime) -> None:
    """`ClassAlreadyBegun` once the first session's time has come."""
    if now >= starts_at:
        raise ClassAlreadyBegun


def check_plan(plan: ClassPlan) -> None:
    """What holds for every draft.

    `ClassActInvalid`, `ClassPayeeInvalid`, `ClassSessionTimesInvalid`, `ClassSessionsInvalid` or `ClassTrainersInvalid`
    otherwise.
    """
    if plan.act == "review" and canonical_skill(plan.skill_code).kind not in PERMITS:
        raise ClassActInvalid
    payee_is = {
        "institution": plan.payee_id == plan.institution,
        "enterprise": plan.payee_id is not None and plan.channel == "enterprise",
        "worker": plan.payee_id is None,
    }
    if not payee_is[plan.payee_kind]:
        raise ClassPayeeInvalid
    for session in plan.sessions:
        if session.window.minutes < 1 or business_date(session.window.ends_at) != session.window.day:
            raise ClassSessionTimesInvalid
        if session.trainer_id not in plan.trainer_ids:
            raise ClassTrainersInvalid
    if any(session.window.overlaps(other.window) for session, other in combinations(plan.sessions, 2)):
        raise ClassSessionsInvalid


def check_hours(plan: ClassPlan, rules: Rules) -> None:
    """`ClassHoursTooFew` unless the sessions come to the least number of class hours (D18)."""
    class_hours = rules.class_hours(plan.planned_minutes(rules))
    least = rules.least_class_hours(canonical_skill(plan.skill_code), plan.act)
    if class_hours < least:
        raise ClassHoursTooFew(class_hours=class_hours, least=least)


def check_filing(plan: ClassPlan, rules: Rules, today: date) -> None:
    """What a filing meets on its day: `ClassTooLarge`, `ClassHoursTooFew`, `ClassFiledTooLate` (D18)."""
    if plan.seats > rules.class_seats_most:
        raise ClassTooLarge(most=rules.class_seats_most)
    check_hours(plan, rules)
    if plan.starts_on < today + timedelta(days=rules.filing_lead_days):
        raise ClassFiledTooLate(days=rules.filing_lead_days)


def amended(plan: ClassPlan, changes: Sequence[PlannedSession], movable: frozenset[UUID], now: datetime) -> ClassPlan:
    """The plan with `changes` in place of the sessions of the same ids.

    `ClassAmendmentInvalid` unless each is a planned session (`movable`) and stays in the future and within the filed
    dates. New trainers join those of the class.
    """
    by_id = {change.id: change for change in changes}
    if not by_id.keys() <= movable or len(by_id) != len(changes):
        raise ClassAmendmentInvalid
    for change in changes:
        if change.window.begins_at <= now or not plan.starts_on <= change.window.day <= plan.ends_on:
            raise ClassAmendmentInvalid
    sessions = sorted(
        (by_id.get(session.id, session) for session in plan.sessions), key=lambda session: session.window.begins_at
    )
    trainers = dict.fromkeys([*plan.trainer_ids, *(change.trainer_id for change in changes)])
    new = replace(plan, sessions=tuple(sessions), trainer_ids=tuple(trainers))
    check_plan(new)
    return new
