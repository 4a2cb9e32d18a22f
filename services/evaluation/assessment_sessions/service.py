"""Scheduling and opening assessments, and what the other rooms let happen to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.evaluation.assessment_sessions import domain, queries
from services.evaluation.assessment_sessions.domain import AssessmentSessionAction, Panel
from services.evaluation.assessment_sessions.models import AssessmentSession
from services.evaluation.assessors import queries as assessors
from services.evaluation.assessors.domain import AssessorNotQualified
from services.evaluation.bodies import domain as bodies
from services.evaluation.bodies import queries as body_queries
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import NotReceivedYet
from shared.persistence import UnitOfWork, rules_on
from shared.persons import keep_merges_out, known_persons, natural_persons
from shared.reference.skills import check_skill_level

SessionRow: TypeAlias = AssessmentSession
"""An assessment session as neighbours read it."""


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
    """Plan an assessment (§二(二)5, 6): by a listed body within its scope on the day, before an independent panel."""
    skill = check_skill_level(plan.skill_code, plan.level)
    body = await body_queries.lock_body(uow, body_id, against="a suspension at the same moment")
    bodies.check_may_assess(body.entry(), skill.code, plan.level, plan.held_on)
    domain.check_schedule(skill.kind, plan.act, plan.held_on, uow.today)
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
    )
    await check_panel(uow, session, plan.panel)
    _seat(session, plan.panel)
    return uow.create(session, AssessmentSessionAction.SCHEDULE)


async def check_panel(uow: UnitOfWork, session: AssessmentSession, panel: Panel) -> None:
    """Three natural persons: the assessors registered for skill and level; the supervisor registered and, for an
    employer or a school, not of the body. Keeps merges of persons out."""
    await keep_merges_out(uow)
    domain.check_distinct(panel, await natural_persons(uow, panel.members))
    supervisor = (await known_persons(uow, [panel.supervisor_id])).get(panel.supervisor_id)
    if supervisor is None:
        raise NotReceivedYet(noun="person")
    staff = await assessors.vouched_for(uow, supervisor.records, session.body)
    domain.check_panel(bodies.BodyKind(session.body_kind), supervisor_is_staff=bool(staff))
    if len(await assessors.qualified(uow, panel.assessor_ids, session.skill_code, session.level)) < 2:
        raise AssessorNotQualified(skill_code=session.skill_code, level=session.level)


def _seat(session: AssessmentSession, panel: Panel) -> None:
    session.assessor_1_id, session.assessor_2_id = panel.assessor_ids
    session.supervisor_id = panel.supervisor_id


def mark_panel_replaced(uow: UnitOfWork, session: AssessmentSession, panel: Panel, reason_code: str) -> None:
    """Others assess and supervise, and the candidates' rows follow by their foreign key. `session` is locked."""
    _seat(session, panel)
    uow.move(session, AssessmentSessionAction.REPLACE_PANEL, reason_code=reason_code)


async def open_session(uow: UnitOfWork, session_id: UUID, body_id: str) -> AssessmentSession:
    """Open an assessment on its day, the body still listed for it; from now on no candidate is added.

    `AssessmentWithoutCandidates` comes from the database.
    """
    session = await queries.lock_own_session(uow, session_id, body_id, against="a candidate admitted meanwhile")
    session.lifecycle.edge(session.status, AssessmentSessionAction.OPEN)
    body = await body_queries.get_body(uow, body_id)
    bodies.check_may_assess(body.entry(), session.skill_code, session.level, session.held_on)
    rules = await rules_on(uow, Rules, session.held_on)
    domain.check_opening(session.held_on, uow.today, rules.opening_grace_days)
    session.opened_at = uow.now
    uow.move(session, AssessmentSessionAction.OPEN)
    return session


async def mark_cancelled(uow: UnitOfWork, session_ids: Collection[UUID], reason_code: str) -> list[AssessmentSession]:
    """The sessions are not held; their candidates follow in the same unit of work. They are locked."""
    values = {"reason_code": reason_code}
    return (await uow.move_all(AssessmentSession, AssessmentSessionAction.CANCEL, session_ids, values=values)).rows


def mark_scored(uow: UnitOfWork, session: AssessmentSession) -> None:
    """Everybody is scored, absent or voided: the supervisor may confirm. `session` is locked and open."""
    uow.move(session, AssessmentSessionAction.SCORE)


async def mark_confirmed(
    uow: UnitOfWork, session: AssessmentSession, *, acts_from: str, candidates: int, passed: int, flags: list[str]
) -> None:
    """The supervisor confirms, from `acts_from`'s account; results and certificates follow in the same unit of work.

    `session` is locked.
    """
    session.confirmed_by, session.confirmed_from = session.supervisor_id, acts_from
    session.confirmed_at, session.confirmed_on = uow.now, uow.today
    session.candidates, session.passed, session.flags = candidates, passed, flags
    uow.move(session, AssessmentSessionAction.CONFIRM)
    await uow.session.flush()
