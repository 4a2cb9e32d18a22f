"""The one way to bear and to move payouts: the edge, its event, who decided it, and the money that it frees."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from services.payout.funds.service import FundMovement, free_reservations
from services.payout.payouts.domain import PayoutAction, PayoutFacts
from services.payout.payouts.models import Payout, PayoutDecision
from services.payout.person_facts.queries import natural_person, records_of
from shared.persistence import UnitOfWork
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Officer:
    """The natural person who decides, and the account that he used."""

    person_id: UUID
    account: str
    records: Set[UUID]
    """Every record of his: earlier steps may have been taken under one that was superseded since."""


async def acting_officer(uow: UnitOfWork, caller: Principal) -> Officer:
    """Who decides: the surviving record of the caller's person; `ScopeMissing` if the token names none."""
    person = await natural_person(uow, caller.person)
    return Officer(person, caller.account, (await records_of(uow, [person])).keys())


async def create_payouts(
    uow: UnitOfWork, action: PayoutAction, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, PayoutFacts]:
    """Bear payouts, opened or refused, by voucher; one whose benefit is live already is left out."""
    created = await uow.create_all(Payout, action, rows, skip_conflicts=True)
    return {row.voucher_id: row.facts() for row in created}


async def move_payouts(
    uow: UnitOfWork,
    action: PayoutAction,
    ids: Collection[UUID],
    *,
    by: Officer | None = None,
    values: Mapping[str, Any] | None = None,
    each: Mapping[UUID, Mapping[str, Any]] | None = None,
    holds: int = 0,
    codes: Mapping[UUID, str] | None = None,
) -> dict[UUID, PayoutFacts]:
    """Take `action`'s edge for locked payouts; answers those that moved.

    `codes` says why a hold was placed or is lifted; `holds` is added to the number of open holds. A step that a person
    took is written down with `by`.
    """
    if holds:
        values = {**(values or {}), "open_holds": Payout.open_holds + holds}
    details = (lambda row: {"code": codes[row.id]}) if codes else None
    moved = await uow.move_all(Payout, action, ids, values=values, each=each, details=details)
    if by is not None and moved.rows:
        decided = {"action": str(action), "account": by.account, "person_id": by.person_id, "decided_at": uow.now}
        await uow.session.execute(
            insert(PayoutDecision), [{"payout_id": row.id, "version": row.version, **decided} for row in moved]
        )
    return {row.id: row.facts() for row in moved}


async def end_payouts(
    uow: UnitOfWork, action: PayoutAction, codes: Mapping[UUID, str], *, by: Officer | None = None
) -> dict[UUID, PayoutFacts]:
    """Reject or withdraw locked payouts that are not with the bank, and free what their funds had reserved."""
    ended = await move_payouts(
        uow,
        action,
        list(codes),
        by=by,
        each={payout_id: {"code": code} for payout_id, code in codes.items()},
    )
    reserved = [FundMovement(one.fund_id, one.id, one.amount_fen) for one in ended.values() if one.fund_id is not None]
    await free_reservations(uow, reserved)
    return ended


async def name_releaser(uow: UnitOfWork, ids: Collection[UUID], officer: Officer) -> None:
    """Write the releasing officer onto the locked payouts of a batch, so that one CHECK compares all five."""
    await uow.session.execute(update(Payout).where(Payout.id.in_(ids)).values(released_by=officer.person_id))


async def count_under(uow: UnitOfWork, payout_id: UUID, person_id: UUID) -> None:
    """Count a locked payout's benefit under `person_id`, the survivor of two records of one person."""
    await uow.session.execute(update(Payout).where(Payout.id == payout_id).values(key_person_id=person_id))
