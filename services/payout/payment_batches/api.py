"""Finance's payment batches."""

from uuid import UUID

from services.payout.payment_batches import queries, service
from services.payout.payment_batches.domain import BatchState, PaymentBatchNotFound
from services.payout.payment_batches.schemas import (
    BatchItemView,
    BatchRequest,
    BuiltBatchView,
    PaymentBatchDetailView,
    PaymentBatchView,
)
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router

router = api_router("/v1/payment-batches", tag="payment batches")
READERS = Allow(Role.FINANCE, Role.AUDITOR)


@router.post("", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def build(body: BatchRequest, uow: Uow, caller: Caller) -> BuiltBatchView:
    """Put cleared payouts of one fund on a batch."""
    return BuiltBatchView.of(await service.build_batch(uow, caller, body.fund_id, body.payout_ids))


@router.post("/{batch_id}/releases", status_code=201, dependencies=[Allow(Role.FINANCE)])
async def release(batch_id: UUID, uow: Uow, caller: Caller) -> PaymentBatchView:
    """Release a batch to the bank: another person than its builder and than anybody who decided on its payouts."""
    return PaymentBatchView.model_validate(await service.release_batch(uow, caller, batch_id))


@router.get("", dependencies=[READERS])
async def list_batches(
    uow: Uow, caller: Caller, page: PageQuery, status: BatchState | None = None
) -> Page[PaymentBatchView]:
    """Batches of the caller's areas."""
    found = await queries.find_batches(uow, caller, status, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, PaymentBatchView.model_validate)


@router.get("/{batch_id}", dependencies=[READERS])
async def show_batch(batch_id: UUID, uow: Uow, caller: Caller) -> PaymentBatchDetailView:
    """One batch with the payouts on it; foreign ones are not found."""
    batch = await queries.batch_in_scope(uow, caller, batch_id)
    if batch is None:
        raise PaymentBatchNotFound
    items = [BatchItemView.model_validate(item) for item in await queries.items_of(uow, batch_id)]
    return PaymentBatchDetailView(**PaymentBatchView.model_validate(batch).model_dump(), items=items)
