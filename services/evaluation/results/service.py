"""The supervisor's confirmation, which makes results and certificates of signed marks."""

from collections.abc import Sequence
from uuid import UUID

from services.evaluation.bodies import domain as bodies
from services.evaluation.bodies import queries as body_queries
from services.evaluation.candidates import queries as candidates
from services.evaluation.candidates.domain import CandidateAction, Winner
from services.evaluation.candidates.service import decide_results
from services.evaluation.certificates.domain import Grounds, Issuer, kind_of_certificate
from services.evaluation.certificates.service import Issued, issue_certificates
from services.evaluation.person_facts.queries import natural_persons
from services.evaluation.results import domain
from services.evaluation.rules.queries import rules_on
from services.evaluation.scores.domain import Marks, passes, required_parts
from services.evaluation.sessions import queries as sessions
from services.evaluation.sessions.domain import (
    NotTheSupervisor,
    SessionAction,
    SessionFacts,
    check_distinct,
    check_supervisor,
)
from services.evaluation.sessions.service import Outcome, mark_confirmed
from shared.persistence import UnitOfWork
from shared.reference.skills import canonical_skill


async def confirm_session(uow: UnitOfWork, session_id: UUID, supervisor_id: UUID, acts_from: str) -> Issued:
    """The supervisor, who is neither assessor, confirms a scored session (DOMAIN §3): every candidate passes or fails
    by the marks that both assessors signed (D17), and who passes gets a certificate, all in one unit of work. The body
    is listed still; an employer's or school's supervisor acts from outside."""
    session = await sessions.lock_session(uow, session_id, against="two confirmations, marks signed meanwhile")
    session.lifecycle.edge(session.status, SessionAction.CONFIRM)
    facts = session.facts()
    await _check_supervision(uow, facts, supervisor_id, acts_from)
    scored = await candidates.lock_scored(uow, session.id)
    rules = await rules_on(uow, session.held_on)
    parts = required_parts(canonical_skill(session.skill_code).kind, session.level)
    marks = {row.id: Marks(row.theory, row.practice, row.review) for row in scored}
    passed = [one for one, given in marks.items() if passes(given, parts, rules)]
    day = await sessions.sessions_of_day(uow, session)
    busiest = max([await candidates.count_assessed(uow, ids) for ids in day.values()])
    flags = domain.flags_of(len(marks), len(passed), busiest, rules)
    await mark_confirmed(uow, session, Outcome(acts_from, len(marks), len(passed), flags))
    winners = await decide_results(uow, passed, [one for one in marks if one not in set(passed)])
    return await _certify(uow, facts, winners)


async def decide_appeal(uow: UnitOfWork, candidate_id: UUID, session_id: UUID, supervisor_id: UUID, acts_from: str
                        ) -> Issued:  # fmt: skip
    """The supervisor decides an appeal by the marks that both assessors signed since; a pass gets its certificate."""
    session = await sessions.lock_session(uow, session_id, against="an appeal decided twice")
    facts = session.facts()
    locked = await candidates.lock_candidates(uow, session_id, [candidate_id], against="an appeal decided twice")
    row = locked[candidate_id]
    row.lifecycle.edge(row.status, CandidateAction.SCORE)
    await _check_supervision(uow, facts, supervisor_id, acts_from)
    if row.score_version == row.appealed_version:
        raise domain.AppealNotMarked
    rules = await rules_on(uow, session.held_on)
    parts = required_parts(canonical_skill(session.skill_code).kind, session.level)
    if passes(Marks(row.theory, row.practice, row.review), parts, rules):
        return await _certify(uow, facts, await decide_results(uow, [row.id], []))
    return await _certify(uow, facts, await decide_results(uow, [], [row.id]))


async def _check_supervision(uow: UnitOfWork, session: SessionFacts, supervisor_id: UUID, acts_from: str) -> None:
    """It is the session's supervisor who acts, from where the kind of body demands, and the body is listed.

    Two of the panel may have turned out to be one person since the session was scheduled.
    """
    if session.supervisor_id != supervisor_id:
        raise NotTheSupervisor
    check_distinct(session.panel, await natural_persons(uow, session.panel.members))
    check_supervisor(session.body_kind, session.body, acts_from)
    bodies.check_listed((await body_queries.get_body(uow, session.body)).entry())


async def _certify(uow: UnitOfWork, session: SessionFacts, winners: Sequence[Winner]) -> Issued:
    """Certificates for those who passed."""
    kind = kind_of_certificate(canonical_skill(session.skill_code).kind, session.body_kind)
    grounds = [
        Grounds(
            candidate_id=one.candidate_id,
            session_id=session.id,
            person_id=one.person_id,
            kind=kind,
            skill_code=session.skill_code,
            level=session.level,
            act=session.act,
            body=session.body,
            area=session.area,
            channel=one.channel,
            voucher_id=one.voucher_id,
            enrolment_id=one.enrolment_id,
            assessed_on=session.held_on,
            completed_on=one.completed_on,
        )
        for one in winners
    ]
    issuer = Issuer(session.body_kind, session.province_code, session.site_code)
    return await issue_certificates(uow, grounds, issuer)
