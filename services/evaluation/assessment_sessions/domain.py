"""Assessment sessions: two assessors sign, a supervisor who is neither confirms (DOMAIN §3, §4 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.evaluation.bodies.domain import BodyKind
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.lifecycle import ByClock, ByPeople, Edge, Lifecycle
from shared.reference.skills import PERMITS, SkillKind
from shared.security.principals import Principal, Role


class AssessmentSessionState(StrEnum):
    """How far an assessment has come."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    SCORED = "scored"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    """It was not held: its candidates are free, and no attempt is used up (R17)."""


class AssessmentSessionAction(StrEnum):
    """What moves an assessment on."""

    SCHEDULE = "schedule"
    OPEN = "open"
    SCORE = "score"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    REPLACE_PANEL = "replace_panel"


_State, _Action = AssessmentSessionState, AssessmentSessionAction

ASSESSMENT_SESSION = Lifecycle(
    "evaluation.assessment_session",
    {
        (None, _Action.SCHEDULE): Edge(_State.SCHEDULED, emits="assessment_session.scheduled"),
        (_State.SCHEDULED, _Action.OPEN): Edge(_State.OPEN, emits="assessment_session.opened"),
        (_State.OPEN, _Action.SCORE): Edge(_State.SCORED, emits="assessment_session.scored"),
        (_State.SCHEDULED, _Action.REPLACE_PANEL): Edge(
            _State.SCHEDULED, emits="assessment_session.panel_replaced", details=("reason_code",)
        ),
        (_State.SCHEDULED, _Action.CANCEL): Edge(_State.CANCELLED, emits="assessment_session.cancelled"),
        (_State.SCORED, _Action.CONFIRM): Edge(_State.CONFIRMED, emits="assessment_session.confirmed"),
    },
    {
        _State.SCHEDULED: ByClock("evaluation.cancel_unopened_sessions", "three days after its day, unopened"),
        _State.OPEN: ByPeople("the two assessors"),
        _State.SCORED: ByPeople("the supervisor"),
    },
)

BUREAU = "bureau"
"""Where a supervisor acts from who is sent by the HR department and named by no organisation."""

SUPERVISED_FROM_OUTSIDE = frozenset({BodyKind.EMPLOYER, BodyKind.SCHOOL})
"""Kinds of body whose supervisor comes from elsewhere (DOMAIN §3)."""


class AssessmentSessionNotFound(NotFound):
    """No such assessment session, or none that the caller may see."""

    code = "assessment_session_not_found"
    zh, en = "未找到该评价场次", "There is no such assessment session."


class PanelNotDistinct(Invalid):
    """Two assessors and a supervisor are three people."""

    code = "panel_not_distinct"
    policy = "§二(二)6"
    zh, en = "两名考评员和质量督导员必须是不同的人", "The two assessors and the supervisor must be three people."


class SupervisorFromTheBody(Conflict):
    """An employer's or a school's assessment is supervised from outside."""

    code = "supervisor_from_the_body"
    policy = "§二(二)5"
    zh, en = "用人单位、院校的质量督导员须来自机构之外", "The supervisor must come from outside the employer or school."


class ReviewOfPermitsOnly(Invalid):
    """Only permits are reviewed (复审); other certificates do not run out."""

    code = "review_of_permits_only"
    zh, en = "只有特种作业、特种设备证书需要复审", "Only permits are reviewed."


class AssessmentInThePast(Invalid):
    """An assessment is scheduled before it is held."""

    code = "assessment_in_the_past"
    policy = "§二(二)6"
    zh, en = "评价日期已过", "The day of the assessment has passed."


class AssessmentNotToday(Conflict):
    """A session opens on its day, or within the few days that the rules allow when it could not be reported."""

    code = "assessment_not_today"
    policy = "§二(二)6"
    zh, en = "评价定于 {held_on},现在不能开始", "The assessment is set for {held_on} and cannot be opened now."


class AssessmentWithoutCandidates(Conflict):
    """There is nobody to assess."""

    code = "assessment_without_candidates"
    zh, en = "没有考生", "The session has no candidates."


class AssessmentNotOpen(Conflict):
    """Scores and absences belong to a session that is going on."""

    code = "assessment_not_open"
    policy = "§二(二)6"
    zh, en = "评价处于 {state} 状态,不能录入", "The session is {state}, not open."


class NotAnAssessorOfSession(Forbidden):
    """Only the two assessors of a session score it."""

    code = "not_an_assessor_of_session"
    policy = "§二(二)6"
    zh, en = "您不是本场考评员", "You are not an assessor of this session."


class NotTheSupervisor(Forbidden):
    """Only the supervisor of a session confirms it."""

    code = "not_the_supervisor"
    policy = "§二(二)6"
    zh, en = "您不是本场质量督导员", "You are not the supervisor of this session."


@dataclass(frozen=True, slots=True)
class Panel:
    """Who assesses and who supervises."""

    assessor_ids: tuple[UUID, UUID]
    supervisor_id: UUID

    @property
    def members(self) -> tuple[UUID, UUID, UUID]:
        """Person ids of the two assessors and the supervisor."""
        return (*self.assessor_ids, self.supervisor_id)


@dataclass(frozen=True, slots=True)
class AssessmentSessionFacts:
    """What was planned of a session; its panel alone may change, before it opens (R17)."""

    id: UUID
    body: str
    body_kind: BodyKind
    area: str
    province_code: str
    site_code: str
    skill_code: str
    level: int
    act: str
    held_on: date
    assessor_1_id: UUID
    assessor_2_id: UUID
    supervisor_id: UUID

    @property
    def panel(self) -> Panel:
        """Who assesses and who supervises."""
        return Panel((self.assessor_1_id, self.assessor_2_id), self.supervisor_id)


def check_distinct(panel: Panel, natural: Mapping[UUID, UUID]) -> None:
    """`PanelNotDistinct` unless assessors and supervisor are three natural persons, whom `natural` gives by record."""
    if len({natural[member] for member in panel.members}) != 3:
        raise PanelNotDistinct


def check_panel(kind: BodyKind, *, supervisor_is_staff: bool) -> None:
    """`SupervisorFromTheBody` where an employer or school employs the supervisor as its own assessor."""
    if kind in SUPERVISED_FROM_OUTSIDE and supervisor_is_staff:
        raise SupervisorFromTheBody


def check_schedule(kind: SkillKind, act: str, held_on: date, today: date) -> None:
    """Only permits are reviewed, and nothing is scheduled after the fact."""
    if act == "review" and kind not in PERMITS:
        raise ReviewOfPermitsOnly
    if held_on < today:
        raise AssessmentInThePast


def check_opening(held_on: date, today: date, grace_days: int) -> None:
    """A session opens on its day or up to `grace_days` later; its date stays the day on which it was held."""
    if not held_on <= today <= held_on + timedelta(days=grace_days):
        raise AssessmentNotToday(held_on=held_on.isoformat())


def acts_from(caller: Principal) -> str:
    """The organisation whose account a supervisor uses; an officer who names none is of the bureau."""
    if caller.role is Role.OFFICER and caller.institution is None:
        return BUREAU
    return caller.organisation


def check_supervisor(session: AssessmentSessionFacts, caller: Principal) -> None:
    """It is the session's supervisor who acts, and from outside where the body is an employer or a school."""
    if session.supervisor_id != caller.person:
        raise NotTheSupervisor
    if session.body_kind in SUPERVISED_FROM_OUTSIDE and acts_from(caller) == session.body:
        raise SupervisorFromTheBody
