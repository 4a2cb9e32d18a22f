"""Locking a list of payouts with their certificates, and carrying out what was decided of them."""

from collections.abc import Collection
from typing import TypeAlias
from uuid import UUID

from services.payout.certificate_facts.queries import lock_certificates
from services.payout.decisions.domain import Decisions
from services.payout.holds.domain import HoldSource, Placement
from services.payout.payouts.domain import PayoutAction, PayoutFacts
from services.payout.payouts.queries import certificates_of, find_payouts, lock_payouts, with_incomplete_facts
from services.payout.payouts.service import Officer, move_payouts, place_holds
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.security import Principal

Outcome: TypeAlias = PayoutFacts | DomainError


async def lock_to_decide(
    uow: UnitOfWork, ids: Collection[UUID], *, caller: Principal | None = None, against: str
) -> Decisions:
    """Lock the certificates of payouts, then the payouts: the order that every step keeps.

    With a `caller`, payouts outside their scope are not found.
    """
    visible = list(ids) if caller is None else list(await find_payouts(uow, caller, ids))
    named = await certificates_of(uow, visible)
    certificates = await lock_certificates(uow, set(named.values()), against=against)
    payouts = await lock_payouts(uow, list(named), against=against)
    return Decisions(ids, payouts, certificates, await with_incomplete_facts(uow, payouts))


async def carry_out(
    uow: UnitOfWork, action: PayoutAction, decisions: Decisions, *, by: Officer | None = None
) -> dict[UUID, PayoutFacts]:
    """Move what passed by one statement, and hold what rests on a forged certificate row; answers those that moved."""
    forged = [
        Placement(payout_id, HoldSource.SIGNATURE, str(payout_id), "certificate_unverified")
        for payout_id in decisions.unverified()
    ]
    await place_holds(uow, forged, by=by)
    return await move_payouts(uow, action, decisions.accepted, each=decisions.accepted, by=by)
