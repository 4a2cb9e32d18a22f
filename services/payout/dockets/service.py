"""Locking a list of payouts with their certificates, and carrying out what was decided of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from services.payout.certificate_facts.queries import lock_certificates
from services.payout.dockets.domain import Docket, Verdicts, rounds
from services.payout.holds.domain import HoldSource, Placement
from services.payout.holds.service import place_holds
from services.payout.payouts.domain import PayoutAction, PayoutFacts
from services.payout.payouts.queries import certificates_of, lock_payouts
from services.payout.payouts.service import Officer, move_payouts
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork

Outcome: TypeAlias = PayoutFacts | DomainError


async def lock_docket(uow: UnitOfWork, ids: Collection[UUID], *, against: str) -> Docket:
    """Lock the certificates of payouts, then the payouts: the order that every step keeps."""
    named = await certificates_of(uow, ids)
    certificates = await lock_certificates(uow, set(named.values()), against=against)
    return Docket(await lock_payouts(uow, list(named), against=against), certificates)


async def carry_out(
    uow: UnitOfWork, action: PayoutAction, verdicts: Verdicts, *, by: Officer | None = None
) -> dict[UUID, Outcome]:
    """Move what passed by one statement; hold what rests on a forged certificate row. Answers all, by payout."""
    await place_holds(
        uow,
        [
            Placement(payout_id, HoldSource.SIGNATURE, str(payout_id), "certificate_unverified")
            for payout_id in verdicts.unverified()
        ],
        by=by,
    )
    return {**verdicts.refusals, **await move_payouts(uow, action, list(verdicts.writes), by=by, each=verdicts.writes)}


async def in_rounds(
    ids: Sequence[UUID], act: Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Outcome]]]
) -> list[Outcome]:
    """Act on `ids`, each once a round, so that a second mention sees what the first did; answers in their order."""
    answers: dict[int, Outcome] = {}
    for places in rounds(ids):
        outcomes = await act([ids[place] for place in places])
        answers |= {place: outcomes[ids[place]] for place in places}
    return [answers[place] for place in range(len(ids))]
