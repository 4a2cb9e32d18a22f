"""The officers' decisions on payouts: each on a list, answered row by row."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from services.payout.accounts.domain import AccountCoolingOff, AccountMissing, AccountUnchanged, HeirsAccountMissing
from services.payout.certificate_facts.domain import CertificateMissing, CertificateNotValid, CertificateUnverified
from services.payout.decisions.schemas import DecidePayoutsRow, answer_rows
from services.payout.decisions.service import Outcome
from services.payout.payouts.domain import CityOfficerNeeded, FactsIncomplete, PayoutNotFound, SamePerson
from services.payout.payouts.schemas import PayoutView
from services.payout.reviews import service
from services.payout.reviews.domain import (
    InstructionUnanswered,
    Rejection,
    ReturnedTooOften,
    SecondApprovalGiven,
    SecondOfficerNeeded,
)
from services.payout.reviews.schemas import RejectPayoutsRow
from shared.http import Allow, BulkAnswer, Caller, LongBulkRequest, Principal, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import Held, WrongState
from shared.persistence import UnitOfWork

router = api_router(
    "/v1", tag="payout reviews", description="What HR's officers decide on payouts (审核), list by list (§二(二)7)."
)

OFFICERS = Allow(Role.OFFICER)
STEP = Refuses(
    PayoutNotFound,
    WrongState,
    Held,
    SamePerson,
    FactsIncomplete,
    CertificateMissing,
    CertificateNotValid,
    CertificateUnverified,
)
"""What every step up to the payment may be refused with."""
PINNED = Refuses(AccountMissing, AccountCoolingOff, AccountUnchanged, HeirsAccountMissing)
"""What stands against the payee's account."""


@router.post("/payout-reviews", dependencies=[OFFICERS, STEP])
async def review_payouts(body: LongBulkRequest[DecidePayoutsRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Find payouts in order (初审). An officer of the area does it; each certificate is valid at that moment."""
    return await _decide(service.review_payouts, body, uow, caller)


@router.post(
    "/payout-approvals",
    dependencies=[OFFICERS, STEP, PINNED, Refuses(CityOfficerNeeded)],
)
async def approve_payouts(body: LongBulkRequest[DecidePayoutsRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Approve payouts (复核). An officer of the city does it, and pins each payee's account as it is now."""
    return await _decide(service.approve_payouts, body, uow, caller)


@router.post("/payout-second-approvals", dependencies=[OFFICERS, STEP, Refuses(CityOfficerNeeded, SecondApprovalGiven)])
async def second_approve_payouts(
    body: LongBulkRequest[DecidePayoutsRow], uow: Uow, caller: Caller
) -> BulkAnswer[PayoutView]:
    """Approve large payouts a second time (再次复核). Another officer of the city does it, above the limit of D25."""
    return await _decide(service.second_approve_payouts, body, uow, caller)


@router.post(
    "/payout-corrections",
    dependencies=[OFFICERS, STEP, PINNED, Refuses(InstructionUnanswered)],
)
async def correct_payouts(body: LongBulkRequest[DecidePayoutsRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Take up payouts again that the bank refused or returned. Their account was put right; approval comes next."""
    return await _decide(service.correct_payouts, body, uow, caller)


@router.post(
    "/payout-rejections",
    dependencies=[OFFICERS, Refuses(PayoutNotFound, WrongState, SecondOfficerNeeded, ReturnedTooOften)],
)
async def reject_payouts(body: LongBulkRequest[RejectPayoutsRow], uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Refuse payouts that are not with the bank, for correction or for good. What was reserved is free.

    Returned for correction, a voucher is certified again and may be claimed for anew. Rejected for good, it lapses and
    its holder may claim another. That, and refusing what was approved, needs two: another officer placed a hold before.
    """
    return await answer_rows(
        body,
        lambda rows: service.reject_payouts(
            uow, caller, {row.payout_id: Rejection(row.reason_code, final=row.final) for row in rows}
        ),
    )


async def _decide(
    decide: Callable[[UnitOfWork, Principal, Sequence[UUID]], Awaitable[Mapping[UUID, Outcome]]],
    body: LongBulkRequest[DecidePayoutsRow],
    uow: UnitOfWork,
    caller: Principal,
) -> BulkAnswer[PayoutView]:
    return await answer_rows(body, lambda rows: decide(uow, caller, [row.payout_id for row in rows]))
