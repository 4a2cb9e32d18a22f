"""Publishing payouts (公示), and the notices that everybody reads while they last."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import HTMLResponse, Response

from services.payout.certificate_facts.domain import CertificateMissing, CertificateNotValid, CertificateUnverified
from services.payout.decisions.schemas import answer_rows
from services.payout.notices import queries, service
from services.payout.notices.domain import (
    Contact,
    Entry,
    Notice,
    NoticeNotFound,
    NoticeNotRepeated,
    SecondApprovalMissing,
)
from services.payout.notices.schemas import (
    NoticeEntryView,
    NoticeRecordView,
    NoticeView,
    PublishPayoutsRequest,
    notice_page,
)
from services.payout.payouts.domain import CityOfficerNeeded, FactsIncomplete, PayoutNotFound, SamePerson
from services.payout.payouts.schemas import PayoutView
from shared.http import (
    Allow,
    BulkAnswer,
    BusinessDate,
    Caller,
    KnownArea,
    Page,
    PageQuery,
    Public,
    Refuses,
    Role,
    Uow,
    api_router,
    rate_limited,
)
from shared.kernel.lifecycle import Held, WrongState
from shared.persistence import RuleMissing, UnitOfWork
from shared.reference.areas import AreaUnknown

router = api_router("/v1", tag="public notices", description="What everybody may read and object to (公示, D19).")

KEPT_S = 60
"""How long anybody may keep a page: after its period it is gone within that time."""
STYLED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
Area = Annotated[KnownArea | None, Query()]


@router.post(
    "/payout-publications",
    dependencies=[
        Allow(Role.OFFICER),
        Refuses(
            PayoutNotFound,
            WrongState,
            Held,
            SamePerson,
            FactsIncomplete,
            CertificateMissing,
            CertificateNotValid,
            CertificateUnverified,
            CityOfficerNeeded,
            SecondApprovalMissing,
            NoticeNotRepeated,
            RuleMissing,
        ),
    ],
)
async def publish_payouts(body: PublishPayoutsRequest, uow: Uow, caller: Caller) -> BulkAnswer[PayoutView]:
    """Begin the public notice of payouts (公示). One notice an area; it lasts the whole working days of D19."""
    contact = Contact(body.phone, body.address)
    return await answer_rows(
        body, lambda rows: service.publish_payouts(uow, caller, [row.payout_id for row in rows], contact)
    )


@router.get("/notices", dependencies=[Public, rate_limited, Refuses(AreaUnknown)])
async def list_notices(uow: Uow, page: PageQuery, response: Response, area: Area = None) -> Page[NoticeView]:
    """List the public notices that last, oldest first. Everybody reads them."""
    found = await queries.list_current(uow, area, after=page.after_uuid, limit=page.fetch)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return Page.of(found, page, NoticeView.model_validate)


@router.get("/notices/{notice_id}", dependencies=[Public, rate_limited, Refuses(NoticeNotFound)])
async def get_notice(notice_id: UUID, uow: Uow, response: Response) -> NoticeView:
    """Get a public notice while it lasts. Afterwards it is not found, for nobody reads it any more."""
    notice = await queries.get_current(uow, notice_id)
    response.headers["Cache-Control"] = _kept(uow, notice)
    return NoticeView.model_validate(notice)


@router.get("/notices/{notice_id}/entries", dependencies=[Public, rate_limited, Refuses(NoticeNotFound)])
async def list_notice_entries(notice_id: UUID, uow: Uow, page: PageQuery, response: Response) -> Page[NoticeEntryView]:
    """List what a public notice shows, while it lasts."""
    notice = await queries.get_current(uow, notice_id)
    found = await queries.entries_of(uow, notice_id, after=page.after_uuid, limit=page.fetch)
    response.headers["Cache-Control"] = _kept(uow, notice)
    return Page.of(found, page, NoticeEntryView.of, key=_payout_of)


@router.get(
    "/notices/{notice_id}/page",
    dependencies=[Public, rate_limited, Refuses(NoticeNotFound)],
    response_class=HTMLResponse,
)
async def get_notice_page(notice_id: UUID, uow: Uow) -> HTMLResponse:
    """Get a public notice as a page to read and to print. In Chinese, while it lasts."""
    notice = await queries.get_current(uow, notice_id)
    headers = {"Cache-Control": _kept(uow, notice), "Content-Security-Policy": STYLED}
    return HTMLResponse(notice_page(notice, await queries.entries_of(uow, notice_id)), headers=headers)


@router.get("/notice-records", dependencies=[Allow(Role.OFFICER, Role.FINANCE, Role.AUDITOR), Refuses(AreaUnknown)])
async def list_notice_records(
    uow: Uow,
    caller: Caller,
    page: PageQuery,
    area: Area = None,
    published_from: Annotated[BusinessDate | None, Query(description="The first day of publication.")] = None,
    published_until: Annotated[BusinessDate | None, Query(description="The last day of publication.")] = None,
) -> Page[NoticeRecordView]:
    """List every notice of the caller's areas, over or not. Their payouts are found by `notice_id`."""
    wanted = queries.NoticeFilter(area, published_from, published_until)
    found = await queries.list_records(uow, caller, wanted, after=page.after_uuid, limit=page.fetch)
    return Page.of(found, page, _record, key=lambda row: row[0].id)


def _kept(uow: UnitOfWork, notice: Notice) -> str:
    """For how long an answer may be kept: never beyond the notice's period."""
    left_s = int((notice.ends_at - uow.now).total_seconds())
    return f"public, max-age={max(0, min(KEPT_S, left_s))}"


def _payout_of(entry: Entry) -> UUID:
    return entry.payout_id


def _record(found: tuple[Notice, int, int]) -> NoticeRecordView:
    notice, count, amount_fen = found
    return NoticeRecordView(**NoticeView.model_validate(notice).model_dump(), count=count, amount_fen=amount_fen)
