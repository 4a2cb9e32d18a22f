"""Beginning the public notice of payouts (公示), one notice an area, and telling finance when it is over (D19)."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert

from services.payout.decisions.service import Outcome, carry_out, lock_to_decide
from services.payout.notices.domain import Contact, Notice, NoticeRules, check_publishable
from services.payout.notices.models import PublicNotice
from services.payout.payouts.domain import PayoutAction
from services.payout.payouts.queries import lock_payouts, with_ended_notice
from services.payout.payouts.service import Officer, acting_city_officer, move_payouts
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.reference.calendar import end_of_working_days
from shared.security import Principal


async def publish_payouts(
    uow: UnitOfWork, caller: Principal, ids: Collection[UUID], contact: Contact
) -> dict[UUID, Outcome]:
    """公示: the public notice begins, and lasts to the end of the last of D19's working days after today (R25)."""
    officer = await acting_city_officer(uow, caller)
    decisions = await lock_to_decide(
        uow, ids, caller=caller, against="a certificate revoked, or another decision, at this moment"
    )
    rules = await rules_on(uow, NoticeRules, uow.today)
    ends_at = end_of_working_days(uow.today, rules.notice_working_days)
    notices: dict[str, Notice] = {}
    for payout in decisions.payouts:
        with decisions.on(payout):
            check_publishable(payout)
            payout.check_not_beneficiary(officer.records)
            new = Notice(uuid7(), payout.area, uow.now, ends_at, contact.phone, contact.address)
            notice = notices.get(payout.area, new)
            decisions.accept(payout, notice_id=notice.id, published_at=uow.now, notice_ends_at=ends_at)
            notices[payout.area] = notice
    await _write_notices(uow, notices.values(), officer)
    return decisions.refused | await carry_out(uow, PayoutAction.PUBLISH, decisions, by=officer)


async def clear_payouts(uow: UnitOfWork, limit: int) -> int:
    """确认: the public notice is over and no objection holds the payout; finance may pay (D19)."""
    ids = await with_ended_notice(uow, limit)
    await lock_payouts(uow, ids, against="an objection placed while the notice ends")
    return len(await move_payouts(uow, PayoutAction.CLEAR, ids))


async def _write_notices(uow: UnitOfWork, notices: Collection[Notice], officer: Officer) -> None:
    if notices:
        rows = [{**asdict(notice), "published_by": officer.person_id} for notice in notices]
        await uow.session.execute(insert(PublicNotice), rows)
