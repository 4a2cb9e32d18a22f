"""Finance's payment batches."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.payout.certificate_facts.domain import CertificateMissing, CertificateNotValid, CertificateUnverified
from services.payout.funds.domain import FundNotFound, FundYearOver
from services.payout.payment_batches import queries, service
from services.payout.payment_batches.domain import (
    NotEndorsable,
    NothingToPay,
    PaymentBatchNotFound,
    PaymentBatchState,
    PaymentFilesNotAccepted,
    PayoutOfAnotherFund,
    SecondReleaserMissing,
)
from services.payout.payment_batches.schemas import (
    BuildPaymentBatchRequest,
    BuiltPaymentBatchView,
    PaymentBatchDetailView,
    PaymentBatchItemView,
    PaymentBatchView,
)
from services.payout.payouts.domain import FactsIncomplete, PayoutNotFound, SamePerson
from shared.http import Allow, Caller, Creates, Page, PageQuery, Refuses, Role, Uow, api_router
from shared.kernel.lifecycle import Held, WrongState
from shared.persistence import RuleMissing

router = api_router(
    "/v1/payment-batches",
    tag="payment batches",
    description="Lists of payouts that one finance officer builds and another releases to the bank (拨付, §三(二)).",
)
READERS = Allow(Role.FINANCE, Role.AUDITOR)
FOUND = Refuses(PaymentBatchNotFound)


@router.post(
    "",
    dependencies=[
        Allow(Role.FINANCE),
        Creates("/v1/payment-batches/{id}"),
        Refuses(FundNotFound, NothingToPay, PayoutNotFound, PayoutOfAnotherFund, WrongState, Held, RuleMissing),
        Refuses(SamePerson, FactsIncomplete, CertificateMissing, CertificateNotValid, CertificateUnverified),
        Refuses(FundYearOver, PaymentFilesNotAccepted),
    ],
)
async def build_payment_batch(body: BuildPaymentBatchRequest, uow: Uow, caller: Caller) -> BuiltPaymentBatchView:
    """Put cleared payouts of one fund on a batch. Those that may not be paid are left out, each with its reason."""
    return BuiltPaymentBatchView.of(
        await service.build_payment_batch(uow, caller, body.fund_id, body.payout_ids, body.channel)
    )


@router.post(
    "/{batch_id}/endorsements",
    dependencies=[Allow(Role.FINANCE), FOUND, Refuses(WrongState, SamePerson, NotEndorsable, FundYearOver)],
)
async def endorse_payment_batch(batch_id: UUID, uow: Uow, caller: Caller) -> PaymentBatchView:
    """Endorse a batch above the limit. It is the first of the two releases; another officer gives the second."""
    return PaymentBatchView.model_validate(await service.endorse_payment_batch(uow, caller, batch_id))


@router.post(
    "/{batch_id}/releases",
    dependencies=[Allow(Role.FINANCE), FOUND, Refuses(WrongState, SamePerson, SecondReleaserMissing, FundYearOver)],
)
async def release_payment_batch(batch_id: UUID, uow: Uow, caller: Caller) -> PaymentBatchView:
    """Release a batch to the bank. Another person does it than its builder and anybody who decided on its payouts.

    A batch above the limit is endorsed by one more finance officer before.
    """
    return PaymentBatchView.model_validate(await service.release_payment_batch(uow, caller, batch_id))


@router.get("", dependencies=[READERS])
async def list_payment_batches(
    uow: Uow, caller: Caller, page: PageQuery, status: Annotated[PaymentBatchState | None, Query()] = None
) -> Page[PaymentBatchView]:
    """List the batches of the caller's areas."""
    found = await queries.list_payment_batches(uow, caller, status, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, PaymentBatchView.model_validate)


@router.get("/{batch_id}", dependencies=[READERS, FOUND])
async def get_payment_batch(batch_id: UUID, uow: Uow, caller: Caller) -> PaymentBatchDetailView:
    """Get one batch with the payouts on it."""
    batch = await queries.see_payment_batch(uow, caller, batch_id)
    items = [PaymentBatchItemView.model_validate(item) for item in await queries.items_of(uow, batch_id)]
    return PaymentBatchDetailView(**PaymentBatchView.model_validate(batch).model_dump(), items=items)
