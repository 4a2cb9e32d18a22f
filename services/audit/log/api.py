"""The log over HTTP: to be read, and to be verified."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.audit.exports.domain import ExportKind
from services.audit.exports.service import record_export
from services.audit.log import queries
from services.audit.log.domain import AreasTooNarrow
from services.audit.log.schemas import EntryView, VerificationRequest, VerificationView
from services.audit.log.service import verify_log
from shared.http import Allow, Caller, Page, PageQuery, Role, Uow, api_router, idempotent_by_nature

router = api_router("/v1", tag="log")


@router.get("/log", dependencies=[Allow(Role.AUDITOR)])
async def read(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    aggregate_id: Annotated[UUID | None, Query()] = None,
) -> Page[EntryView]:
    """Entries in the log's order, of one aggregate if named; for auditors of the whole city. Recorded as an export."""
    if not caller.covers_city:
        raise AreasTooNarrow
    subject = None if aggregate_id is None else str(aggregate_id)
    after = page.after_number
    entries = await queries.page(uow, after=-1 if after is None else after, limit=page.fetch, aggregate_id=subject)
    shown = entries[: page.limit]
    if shown:
        record_export(uow, account=caller.account, kind=ExportKind.LOG_PAGE, count=len(shown), digest=shown[-1].hash)
    return Page.of(entries, page, EntryView.of, key=lambda entry: entry.index)


@router.post("/log-verifications", dependencies=[Allow(Role.AUDITOR, Role.OPERATOR), idempotent_by_nature])
async def verify(uow: Uow, body: VerificationRequest | None = None) -> VerificationView:
    """Walk the chain, recompute every hash, and say which entry is the first that does not hold."""
    asked = body or VerificationRequest()
    noted = None if asked.noted is None else asked.noted.value()
    return VerificationView.of(await verify_log(uow, begin=asked.begin, noted=noted))
