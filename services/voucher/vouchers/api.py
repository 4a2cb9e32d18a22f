"""Vouchers over HTTP: 领券, 出示, and looking at them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.voucher.vouchers import queries, service
from services.voucher.vouchers.domain import ClaimRequest, VoucherStatus
from services.voucher.vouchers.schemas import ClaimBody, PresenceCodeView, PresentBody, VoucherView
from shared.http import (
    Allow,
    AppDatabase,
    BatchedCommand,
    Caller,
    Page,
    PageQuery,
    RequestKey,
    Role,
    Uow,
    api_router,
    batched,
    idempotent_by_nature,
)
from shared.reference.skills import check_skill_level
from shared.security import sign_presence_code

router = api_router("/v1/vouchers", tag="vouchers")
READERS = Allow(Role.WORKER, Role.OFFICER, Role.INSTITUTION, Role.AUDITOR)
CLAIMS = BatchedCommand(service.claim_vouchers, VoucherView.of)


@router.post("", status_code=201, response_model=VoucherView, dependencies=[Allow(Role.WORKER), batched])
async def claim(body: ClaimBody, caller: Caller, key: RequestKey, database: AppDatabase) -> Response:
    """Claim a voucher for oneself (§二(二)7 个人领取使用). Claims that wait for a batch share a unit of work."""
    skill = check_skill_level(body.skill_code, body.level)
    request = ClaimRequest(caller.person, body.batch_id, skill.code, body.level, caller.actor)
    return await CLAIMS.answer(database, key, request)


@router.get("", dependencies=[READERS])
async def page(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    status: Annotated[VoucherStatus | None, Query()] = None,
    batch_id: Annotated[UUID | None, Query()] = None,
) -> Page[VoucherView]:
    """One's own vouchers, those of the officer's or auditor's areas, or those bound to the institution."""
    asked = service.visible_vouchers(caller, status, batch_id)
    rows = await queries.voucher_page(uow, asked, after=page.after_uuid, limit=page.fetch)
    return Page[VoucherView].of(rows, page, VoucherView.of)


@router.get("/{voucher_id}", dependencies=[READERS])
async def show(voucher_id: UUID, uow: Uow, caller: Caller) -> VoucherView:
    """One voucher."""
    return VoucherView.of(await service.see_voucher(uow, caller, voucher_id))


@router.post("/{voucher_id}/presence-codes", status_code=201, dependencies=[Allow(Role.WORKER), idempotent_by_nature])
async def present(voucher_id: UUID, body: PresentBody, uow: Uow, caller: Caller) -> PresenceCodeView:
    """A one-time code that proves the holder's presence at an institution. Training takes it once.

    With it the holder says whether the institution, or his enterprise, is paid in his place (委托代领, D5).
    """
    code = await service.present_voucher(uow, caller, voucher_id, body.institution, mandated=body.mandated)
    text = sign_presence_code(code, uow.keys.presence_signing)
    mandate_id = code.mandate.id if code.mandate else None
    return PresenceCodeView(code=text, expires_at=code.expires_at, mandate_id=mandate_id)
