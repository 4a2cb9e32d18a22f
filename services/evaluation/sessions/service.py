"""Scheduling and opening assessments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.evaluation.assessors import queries as assessors
from services.evaluation.assessors.domain import AssessorNotQualified
from services.evaluation.bodies import domain as bodies
from services.evaluation.bodies import queries as body_queries
from services.evaluation.candidates.queries import count_sitting
from services.evaluation.person_facts.queries import known_people, natural_persons
from services.evaluation.rules.domain import RuleName
from services.evaluation.rules.queries import rules_on
from services.evaluation.sessions import domain, queries
from services.evaluation.sessions.domain import Panel, SessionAction
from services.evaluation.sessions.models import AssessmentSession
from shared.persistence import UnitOfWork
from shared.reference.skills import check_skill_level


@dataclass(frozen=True, slots=True)
class Plan:
    """An assessment to schedule."""

    skill_code: str
    level: int
    act: str
    held_on: date
    place: str
    site_code: str
    panel: Panel


async def schedule_session(uow: UnitOfWork, body_id: str, plan: Plan) -> AssessmentSession:
    """Plan an assessment (§二(二)5, 6): a listed body within its scope on the day, two assessors who are registered for
    the skill, a supervisor who is neither and, for an employer or a school, not of the body."""
    skill = check_skill_level(plan.skill_code, plan.level)
    body = await body_queries.lock_body(uow, body_id, against="a suspension at the same moment")
    bodies.check_may_assess(body.entry(), skill.code, plan.level, plan.held_on)
    domain.check_schedule(skill.kind, plan.act, plan.held_on, uow.today)
    panel, kind = plan.panel, bodies.BodyKind(body.kind)
    domain.check_distinct(panel, await natural_persons(uow, panel.members))
    supervisor = (await known_people(uow, [panel.supervisor_id])).get(panel.supervisor_id)
    records = supervisor.records if supervisor else [panel.supervisor_id]
    domain.check_panel(kind, supervisor_is_staff=bool(await assessors.vouched_for(uow, records, body.id)))
    if len(await assessors.qualified(uow, panel.assessor_ids, skill.code, plan.level)) < 2:
        raise AssessorNotQualified(skill_code=skill.code, level=plan.level)
    if supervisor is None:
        raise domain.SupervisorUnknown
    session = AssessmentSession(
        body=body.id,
        body_kind=body.kind,
        area=body.area,
        province_code=body.province_code,
        skill_code=skill.code,
        level=plan.level,
        act=plan.act,
        held_on=plan.held_on,
        place=plan.place,
        site_code=plan.site_code,
        assessor_1_id=panel.assessor_ids[0],
        assessor_2_id=panel.assessor_ids[1],
        supervisor_id=panel.supervisor_id,
    )
    return uow.create(session, SessionAction.SCHEDULE)


async def open_session(uow: UnitOfWork, session_id: UUID, body_id: str) -> AssessmentSession:
    """Open an assessment on its day, the body still listed for it; from now on no candidate is added."""
    session = await queries.lock_own_session(uow, session_id, body_id, against="a candidate admitted meanwhile")
    session.lifecycle.edge(session.status, SessionAction.OPEN)
    body = await body_queries.get_body(uow, body_id)
    bodies.check_may_assess(body.entry(), session.skill_code, session.level, session.held_on)
    rules = await rules_on(uow, session.held_on)
    candidates = await count_sitting(uow, session.id)
    domain.check_opening(session.held_on, uow.today, rules[RuleName.OPENING_GRACE], candidates)
    session.opened_at = uow.now
    uow.move(session, SessionAction.OPEN)
    return session


def mark_scored(uow: UnitOfWork, session: AssessmentSession) -> None:
    """Everybody is scored, absent or voided: the supervisor may confirm. `session` is locked and open."""
    uow.move(session, SessionAction.SCORE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the supervisor confirms of a session, and from which organisation's account."""

    acts_from: str
    candidates: int
    passed: int
    flags: list[str]


async def mark_confirmed(uow: UnitOfWork, session: AssessmentSession, outcome: Outcome) -> None:
    """The supervisor confirms; results and certificates follow in the same unit of work. `session` is locked."""
    session.confirmed_by, session.confirmed_from = session.supervisor_id, outcome.acts_from
    session.confirmed_at, session.confirmed_on = uow.now, uow.today
    session.candidates, session.passed, session.flags = outcome.candidates, outcome.passed, outcome.flags
    uow.move(session, SessionAction.CONFIRM)
    await uow.session.flush()
