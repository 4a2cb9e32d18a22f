"""The supervisor's confirmation, which makes results and certificates of signed scores."""

from uuid import UUID

from services.evaluation.assessment_sessions import queries as sessions
from services.evaluation.assessment_sessions.domain import (
    AssessmentSessionAction,
    AssessmentSessionFacts,
    acts_from,
    check_distinct,
    check_supervisor,
)
from services.evaluation.assessment_sessions.service import SessionRow, mark_confirmed
from services.evaluation.bodies import domain as bodies
from services.evaluation.bodies import queries as body_queries
from services.evaluation.candidates import queries as candidates
from services.evaluation.candidates.domain import CandidateAction
from services.evaluation.candidates.service import decide_results
from services.evaluation.certificates.service import Issued, issue_certificates
from services.evaluation.results import domain
from services.evaluation.rules.domain import Rules
from services.evaluation.scores.domain import Scores, passes
from shared.persistence import UnitOfWork, rules_on
from shared.persons import keep_merges_out, natural_persons
from shared.reference.skills import canonical_skill
from shared.security import Principal


async def confirm_session(uow: UnitOfWork, session_id: UUID, supervisor: Principal) -> tuple[SessionRow, Issued]:
    """The supervisor, who is neither assessor, confirms a scored session (DOMAIN §3): every candidate passes or fails
    by the scores that both assessors signed (D17), and who passes gets a certificate, all in one unit of work."""
    session = await sessions.lock_session_seen(
        uow, session_id, supervisor, against="two confirmations, scores signed meanwhile"
    )
    session.lifecycle.edge(session.status, AssessmentSessionAction.CONFIRM)
    plan = session.facts()
    await _check_supervision(uow, plan, supervisor)
    rules = await rules_on(uow, Rules, plan.held_on)
    kind = canonical_skill(plan.skill_code).kind
    passed: list[UUID] = []
    failed: list[UUID] = []
    for row in await candidates.lock_scored(uow, session_id):
        reaches = passes(Scores(row.theory, row.practice, row.review), kind, plan.level, rules)
        (passed if reaches else failed).append(row.id)
    assessed = len(passed) + len(failed)
    busiest = await candidates.most_assessed_on(uow, plan.held_on, plan.panel.assessor_ids)
    await mark_confirmed(
        uow,
        session,
        acts_from=acts_from(supervisor),
        candidates=assessed,
        passed=len(passed),
        flags=domain.flags_of(assessed, len(passed), busiest, rules),
    )
    return session, await issue_certificates(
        uow, plan, await decide_results(uow, passed, failed, resits=rules.resits_count)
    )


async def decide_appeal(uow: UnitOfWork, candidate_id: UUID, supervisor: Principal) -> Issued:
    """The supervisor decides an appeal by the scores that both assessors signed since; a pass gets its certificate."""
    session_id = (await candidates.see_candidate(uow, candidate_id, supervisor)).session_id
    session = await sessions.lock_session(uow, session_id, against="an appeal decided twice")
    locked = await candidates.lock_candidates(uow, session_id, [candidate_id], against="an appeal decided twice")
    row, plan = locked[candidate_id], session.facts()
    row.lifecycle.edge(row.status, CandidateAction.SCORE)
    await _check_supervision(uow, plan, supervisor)
    if row.score_version == row.appealed_version:
        raise domain.AppealNotScored
    rules = await rules_on(uow, Rules, plan.held_on)
    kind = canonical_skill(plan.skill_code).kind
    reaches = passes(Scores(row.theory, row.practice, row.review), kind, plan.level, rules)
    passed, failed = ([row.id], []) if reaches else ([], [row.id])
    return await issue_certificates(uow, plan, await decide_results(uow, passed, failed, resits=rules.resits_count))


async def _check_supervision(uow: UnitOfWork, session: AssessmentSessionFacts, supervisor: Principal) -> None:
    """It is the session's supervisor who acts, from where the kind of body demands, and the body is still listed.

    Two of the panel may have turned out to be one person since the session was scheduled.
    """
    check_supervisor(session, supervisor)
    await keep_merges_out(uow)
    check_distinct(session.panel, await natural_persons(uow, session.panel.members))
    bodies.check_listed((await body_queries.get_body(uow, session.body)).entry())
