"""The log over HTTP: to be read."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.audit.exports.domain import ExportKind
from services.audit.exports.service import record_export
from services.audit.log import queries
from services.audit.log.schemas import EntryView
from shared.http import Allow, Caller, Page, PageQuery, Refuses, Role, Uow, api_router
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
