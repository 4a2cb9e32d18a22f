"""The officers' decisions on payouts: each on a list, answered row by row."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from services.payout.decisions.service import Outcome
from services.payout.payouts.schemas import PayoutView
from services.payout.reviews import service
from services.payout.reviews.schemas import PayoutRejectionRow, PayoutRow
from shared.http import Allow, BulkAnswer, BulkRequest, Caller, Principal, Role, Uow, api_router
from shared.kernel.rounds import rounds
from shared.persistence import UnitOfWork

router = api_router("/v1", tag="payout reviews")

OFFICERS = Allow(Role.OFFICER)

Row = TypeVar("Row", bound=PayoutRow)


@router.post("/payout-reviews", dependencies=[OFFICERS])
async def review_payouts(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """初审 by an officer of the area."""
    return await _decide(service.review_payouts, body, uow, caller)


@router.post("/payout-approvals", dependencies=[OFFICERS])
async def approve_payouts(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """复核 by an officer of the city; pins the payee's account."""
    return await _decide(service.approve_payouts, body, uow, caller)


@router.post("/payout-second-approvals", dependencies=[OFFICERS])
async def second_approve_payouts(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """再次复核 by another officer of the city, for amounts above the limit."""
    return await _decide(service.second_approve_payouts, body, uow, caller)


@router.post("/payout-publications", dependencies=[OFFICERS])
async def publish_payouts(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """公示: the public notice begins."""
    return await _decide(service.publish_payouts, body, uow, caller)


@router.post("/payout-corrections", dependencies=[OFFICERS])
async def correct_payouts(body: BulkRequest[PayoutRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """After the bank refused and the account was put right: back to `reviewed`."""
    return await _decide(service.correct_payouts, body, uow, caller)


@router.post("/payout-rejections", dependencies=[OFFICERS])
async def reject_payouts(body: BulkRequest[PayoutRejectionRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Refuse payouts that are not with the bank; the vouchers are certified again."""
    return await _answer(
        body.rows,
        lambda rows: service.reject_payouts(uow, caller, {row.payout_id: row.reason_code for row in rows}),
    )


async def _decide(
    decide: Callable[[UnitOfWork, Principal, Sequence[UUID]], Awaitable[Mapping[UUID, Outcome]]],
    body: BulkRequest[PayoutRow],
    uow: UnitOfWork,
    caller: Principal,
) -> BulkAnswer[PayoutView]:
    return await _answer(body.rows, lambda rows: decide(uow, caller, [row.payout_id for row in rows]))


async def _answer(
    rows: Sequence[Row], decide: Callable[[Sequence[Row]], Awaitable[Mapping[UUID, Outcome]]]
) -> BulkAnswer[PayoutView]:
    """What was decided, row by row; a row that names a payout again sees what the earlier one did."""
    outcomes: dict[int, Outcome] = {}
    for places in rounds(rows, lambda row: row.payout_id):
        decided = await decide([rows[place] for place in places])
        outcomes |= {place: decided[rows[place].payout_id] for place in places}
    return BulkAnswer.of([outcomes[place] for place in range(len(rows))], PayoutView.of)
