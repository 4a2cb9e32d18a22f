"""Reading public notices: everybody while they last, the administration for ever."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import column, func, select, table, true

from services.payout.notices.domain import UNNAMED, Entry, Notice, NoticeNotFound
from services.payout.notices.models import PublicNotice
from shared.persistence import UnitOfWork
from shared.security import Principal

_PAYOUT = table(
    "payouts", *map(column, ("id", "notice_id", "voucher_id", "rate_id", "skill_code", "level", "amount_fen"))
)
_VOUCHER = table("voucher_facts", column("voucher_id"), column("masked_name"))
_RATE = table("rates", column("id"), column("source"), column("amount_fen"))


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """What the record of notices is narrowed to; None leaves a field open."""

    area: str | None = None
    published_from: date | None = None
    published_until: date | None = None


async def list_current(uow: UnitOfWork, area: str | None, *, after: UUID | None, limit: int) -> list[Notice]:
    """A page of the notices whose period is not over, oldest first."""
    query = select(PublicNotice).where(PublicNotice.ends_at > uow.now).order_by(PublicNotice.id).limit(limit)
    if area is not None:
        query = query.where(PublicNotice.area == area)
    if after is not None:
        query = query.where(PublicNotice.id > after)
    return [row.facts() for row in await uow.session.scalars(query)]


async def get_current(uow: UnitOfWork, notice_id: UUID) -> Notice:
    """A notice whose period is not over, otherwise `NoticeNotFound`."""
    query = select(PublicNotice).where(PublicNotice.id == notice_id, PublicNotice.ends_at > uow.now)
    row = await uow.session.scalar(query)
    if row is None:
        raise NoticeNotFound
    return row.facts()


async def entries_of(
    uow: UnitOfWork, notice_id: UUID, *, after: UUID | None = None, limit: int | None = None
) -> list[Entry]:
    """What a notice shows, ascending by payout; what was published stays on it, whatever came of it since."""
    query = (
        select(
            _PAYOUT.c.id.label("payout_id"),
            func.coalesce(_VOUCHER.c.masked_name, UNNAMED).label("masked_name"),
            _PAYOUT.c.skill_code,
            _PAYOUT.c.level,
            _RATE.c.source.label("standard"),
            _RATE.c.amount_fen.label("standard_fen"),
            _PAYOUT.c.amount_fen,
        )
        .join_from(_PAYOUT, _RATE, _RATE.c.id == _PAYOUT.c.rate_id)
        .outerjoin(_VOUCHER, _VOUCHER.c.voucher_id == _PAYOUT.c.voucher_id)
        .where(_PAYOUT.c.notice_id == notice_id)
        .order_by(_PAYOUT.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_PAYOUT.c.id > after)
    return [Entry(**row._mapping) for row in await uow.session.execute(query)]


async def list_records(
    uow: UnitOfWork, caller: Principal, wanted: NoticeFilter, *, after: UUID | None, limit: int
) -> list[tuple[Notice, int, int]]:
    """A page of all notices of the caller's areas, each with its payouts' number and sum, oldest first."""
    in_scope = true() if caller.covers_city else PublicNotice.area.in_(caller.areas)
    published_on = func.date(func.timezone("Asia/Shanghai", PublicNotice.published_at))
    query = select(PublicNotice).where(in_scope).order_by(PublicNotice.id).limit(limit)
    if wanted.area is not None:
        query = query.where(PublicNotice.area == wanted.area)
    if wanted.published_from is not None:
        query = query.where(published_on >= wanted.published_from)
    if wanted.published_until is not None:
        query = query.where(published_on <= wanted.published_until)
    if after is not None:
        query = query.where(PublicNotice.id > after)
    notices = [row.facts() for row in await uow.session.scalars(query)]
    sums = (
        select(_PAYOUT.c.notice_id, func.count().label("count"), func.sum(_PAYOUT.c.amount_fen).label("amount_fen"))
        .where(_PAYOUT.c.notice_id.in_([notice.id for notice in notices]))
        .group_by(_PAYOUT.c.notice_id)
    )
    found = {row.notice_id: (row.count, int(row.amount_fen)) for row in await uow.session.execute(sums)}
    return [(notice, *found.get(notice.id, (0, 0))) for notice in notices]
