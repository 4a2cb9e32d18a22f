"""The log over HTTP: to be read, and to be verified."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.audit.exports.domain import ExportKind
from services.audit.exports.service import record_export
from services.audit.log import queries, service
from services.audit.log.schemas import EntryView, VerificationRequest, VerificationView
from shared.http import Allow, Caller, Page, PageQuery, Refuses, Role, Uow, api_router, idempotent_by_nature
from shared.security import WholeCityNeeded

router = api_router(
    "/v1",
    tag="log",
    description="The audit log (审计日志): every event of all services, chained by hashes, never changed.",
)


@router.get("/log", dependencies=[Allow(Role.AUDITOR), Refuses(WholeCityNeeded)])
async def list_log_entries(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    aggregate_id: Annotated[UUID | None, Query()] = None,
) -> Page[EntryView]:
    """List the log's entries in their order, of one aggregate if it is named.

    For auditors of the whole city. Each page read is recorded as an export.
    """
    if not caller.covers_city:
        raise WholeCityNeeded
    subject = None if aggregate_id is None else str(aggregate_id)
    after = page.after_number
    entries = await queries.page(uow, after=-1 if after is None else after, limit=page.fetch, aggregate_id=subject)
    shown = entries[: page.limit]
    if shown:
        record_export(uow, account=caller.account, kind=ExportKind.LOG_PAGE, count=len(shown), digest=shown[-1].hash)
    return Page.of(entries, page, EntryView.of, key=lambda entry: entry.index)


@router.post("/log-verifications", dependencies=[Allow(Role.AUDITOR, Role.OPERATOR), idempotent_by_nature])
async def verify_log(uow: Uow, body: VerificationRequest | None = None) -> VerificationView:
    """Verify the log and say which entry is the first that does not hold.

    The chain is walked and every hash computed anew. Without a body, all of it is verified from its beginning.
    """
    asked = body or VerificationRequest()
    noted = None if asked.noted is None else asked.noted.value()
    return VerificationView.of(await service.verify_log(uow, begin=asked.begin, noted=noted))
