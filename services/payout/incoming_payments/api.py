"""Money that came to the account: typed by finance, or from the bank's own list."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.incoming_payments import queries, service
from services.payout.incoming_payments.domain import IncomingPaymentExists, IncomingPaymentNotFound
from services.payout.incoming_payments.schemas import IncomingPaymentView, RecordIncomingPaymentRequest
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router

router = api_router(
    "/v1/incoming-payments",
    tag="incoming payments",
    description="Money that came to the account (到账), by the bank's list.",
)


@router.post(
    "",
    dependencies=[Allow(Role.FINANCE), Creates("/v1/incoming-payments/{id}"), Refuses(IncomingPaymentExists)],
)
async def record_incoming_payment(body: RecordIncomingPaymentRequest, uow: Uow, caller: Caller) -> IncomingPaymentView:
    """Record money that came to the account, by the bank's reference. Another officer says whose debt it pays."""
    found = await service.type_incoming(
        uow, caller, reference=body.reference, amount_fen=body.amount_fen, received_on=body.received_on
    )
    return IncomingPaymentView.model_validate(found)


@router.get("", dependencies=[Allow(Role.FINANCE, Role.AUDITOR)])
async def list_incoming_payments(
    uow: Uow, caller: Caller, page: PageQuery, free: Annotated[bool | None, Query()] = None
) -> Page[IncomingPaymentView]:
    """List money that came in. `free=true` lists what is not, or not all, counted for a debt yet."""
    found = await queries.list_incoming_payments(uow, caller, is_free=free, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, IncomingPaymentView.model_validate)


@router.get(
    "/{incoming_payment_id}",
    dependencies=[Allow(Role.FINANCE, Role.AUDITOR), Refuses(IncomingPaymentNotFound)],
)
async def get_incoming_payment(incoming_payment_id: UUID, uow: Uow, caller: Caller) -> IncomingPaymentView:
    """Get one incoming payment."""
    return IncomingPaymentView.model_validate(await queries.see_incoming(uow, caller, incoming_payment_id))
