"""Confirmations and decisions on appeals over HTTP, by the supervisor of the session."""

from uuid import UUID

from services.evaluation.candidates import queries as candidates
from services.evaluation.results import service
from services.evaluation.results.schemas import AppealDecisionView, ConfirmationView, issued_views
from services.evaluation.sessions import queries as sessions
from services.evaluation.sessions.domain import BUREAU, SessionState
from shared.http import Allow, Caller, Principal, Role, Uow, api_router

router = api_router("/v1", tag="results")
SUPERVISORS = Allow(Role.OFFICER, Role.BODY)


def acts_from(caller: Principal) -> str:
    """The organisation whose account the supervisor uses; an officer who names none is of the bureau."""
    if caller.role is Role.OFFICER and caller.institution is None:
        return BUREAU
    return caller.organisation


@router.post("/assessment-sessions/{session_id}/confirmations", dependencies=[SUPERVISORS])
async def confirm_session(session_id: UUID, uow: Uow, caller: Caller) -> ConfirmationView:
    """Confirm a scored session: results and certificates."""
    await sessions.get_session(uow, session_id, caller)
    issued = await service.confirm_session(uow, session_id, caller.person, acts_from(caller))
    session = await sessions.get_session(uow, session_id, caller)
    return ConfirmationView(
        id=session.id,
        status=SessionState(session.status),
        version=session.version,
        candidates=session.candidates or 0,
        passed=session.passed or 0,
        flags=session.flags or [],
        certificates=issued_views(issued),
        withheld=issued.withheld,
    )


@router.post("/candidates/{candidate_id}/appeal-decisions", dependencies=[SUPERVISORS])
async def decide_appeal(candidate_id: UUID, uow: Uow, caller: Caller) -> AppealDecisionView:
    """Decide an appeal that both assessors have marked anew."""
    candidate = await candidates.get_candidate(uow, candidate_id, caller)
    issued = await service.decide_appeal(uow, candidate_id, candidate.session_id, caller.person, acts_from(caller))
    return AppealDecisionView(
        candidate_id=candidate_id,
        passed=bool(issued.certificates or issued.withheld),
        certificates=issued_views(issued),
        withheld=issued.withheld,
    )
