"""Evidence about people over HTTP: it goes in, and never comes out again; vouchers that wait for it are judged anew."""

from uuid import UUID

from services.voucher.eligibility.service import record_answer
from services.voucher.evidence import service
from services.voucher.evidence.schemas import RecordedStatementView, RecordExtractRequest, RecordGroupRequest
from services.voucher.workers.domain import OwnRecord, PersonNotFound
from services.voucher.workers.service import see_somebody_else
from shared.http import Allow, Caller, Refuses, Role, Uow, api_router
from shared.kernel.errors import DayNotYet
from shared.reference.skills import SkillLevelInvalid, SkillUnknown

router = api_router(
    "/v1/workers",
    tag="evidence",
    description="What registers and officers state about people, from which eligibility is decided, §二(一)4.",
)
STATEMENT = Refuses(PersonNotFound, OwnRecord, DayNotYet)


@router.post("/{person_id}/groups", dependencies=[Allow(Role.OFFICER), STATEMENT])
async def record_group(person_id: UUID, body: RecordGroupRequest, uow: Uow, caller: Caller) -> RecordedStatementView:
    """Record evidence that a person belongs to a priority group (§二(一)4). It is never shown again."""
    await see_somebody_else(uow, caller, person_id)
    version = await service.record_group(uow, person_id, body.statement(), caller.account)
    return RecordedStatementView(person_id=person_id, version=version)


@router.post(
    "/{person_id}/register-extracts",
    dependencies=[Allow(Role.PORTAL, Role.OFFICER), STATEMENT, Refuses(SkillUnknown, SkillLevelInvalid)],
)
async def record_extract(
    person_id: UUID, body: RecordExtractRequest, uow: Uow, caller: Caller
) -> RecordedStatementView:
    """Record what the pension, payroll and benefit registers say of a person. The latest day counts.

    A certified voucher of theirs is judged anew: an answer lifts what a payout is held for, or holds it.
    """
    await see_somebody_else(uow, caller, person_id)
    version = await record_answer(uow, person_id, body.statement(), caller.account)
    return RecordedStatementView(person_id=person_id, version=version)
