"""Whole lives at random: whatever happens in whatever order, the history is gapless and every state is explained.

The seed is the test's parameter.
"""

import contextlib
import random
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.voucher.cancellations.service import approve_cancellation, propose_cancellation
from services.voucher.certifications.service import void_uncertified
from services.voucher.holds.service import lift_hold, place_hold
from services.voucher.vouchers.domain import VOUCHER
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import expire_vouchers
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutEvent, PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1, PayoutReversedV1
from shared.contracts.training import EnrolmentRequestedV1
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from tests.voucher.payouts import payout_event
from tests.voucher.town import Town, certificate_event

STEPS = 40
AFTER: dict[type[PayoutEvent] | None, tuple[type[PayoutEvent], ...]] = {
    None: (PayoutOpenedV1, PayoutRejectedV1),
    PayoutOpenedV1: (PayoutRejectedV1, PayoutPaidV1),
    PayoutPaidV1: (PayoutReversedV1,),
}
"""What payout can tell of one payout, after what."""


class Life:
    """One voucher and everything that befalls it."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.chance = random.Random(seed)
        self.enrolments: list[EnrolmentRequestedV1] = []
        self.holds: list[UUID] = []
        self.payout: tuple[UUID, int, type[PayoutEvent]] | None = None
        self.voucher: Voucher

    async def happen(self) -> None:
        """One thing, possible or not; a refusal changes nothing."""
        acts: list[Callable[[], Awaitable[None]]] = [
            self.request, self.request, self.withdraw, self.hold, self.lift, self.cancel, self.certify, self.certify,
            self.pay, self.pay, self.pay, self.wait,
        ]  # fmt: skip
        with contextlib.suppress(DomainError):
            await self.chance.choice(acts)()
        self.voucher = await self.town.voucher(self.voucher.id)

    async def request(self) -> None:
        """An institution presents it."""
        self.enrolments.append(await self.town.requested(self.voucher))
        await self.town.tell(self.enrolments[-1])

    async def withdraw(self) -> None:
        """Some enrolment is withdrawn."""
        if self.enrolments:
            await self.town.tell(await self.town.withdrawn(self.chance.choice(self.enrolments)))

    async def hold(self) -> None:
        """An officer holds it."""
        async with self.town.database.api.unit_of_work() as uow:
            self.holds.append((await place_hold(uow, self.voucher.id, "audit", uuid4())).id)

    async def lift(self) -> None:
        """An officer lifts a hold."""
        if self.holds:
            hold = self.holds.pop()
            async with self.town.database.api.unit_of_work() as uow:
                await lift_hold(uow, self.voucher.id, hold, uuid4())

    async def cancel(self) -> None:
        """Two officers cancel it, seldom."""
        if self.chance.random() < 0.1:
            async with self.town.database.api.unit_of_work() as uow:
                await propose_cancellation(uow, self.voucher.id, "claimed_in_error", uuid4())
            async with self.town.database.api.unit_of_work() as uow:
                await approve_cancellation(uow, self.voucher.id, uuid4())

    async def certify(self) -> None:
        """A certificate comes, sometimes of another level."""
        if self.voucher.ends_on is not None:
            level = self.voucher.level if self.chance.random() < 0.6 else 1
            facts = self.town.signed(self.voucher, None, level=level)
            await self.town.tell(certificate_event(CertificateIssuedV1, facts, self.town.jws(facts)))

    async def pay(self) -> None:
        """Payout tells something that it can tell."""
        if self.payout is None and self.voucher.status != "certified":
            return
        payout_id, version, last = self.payout or (uuid7(), 0, None)
        following = AFTER.get(last)
        if following is None:
            self.payout = None
            return
        event = self.chance.choice(following)
        await self.town.tell(payout_event(event, self.voucher, payout_id, version + 1))
        self.payout = (payout_id, version + 1, event)

    async def wait(self) -> None:
        """Time goes on, and the timers run."""
        await self.town.pass_days(self.chance.choice([1, 20, 60, 120]))
        async with self.town.database.worker.unit_of_work() as uow:
            await expire_vouchers(uow, 10)
        async with self.town.database.worker.unit_of_work() as uow:
            await void_uncertified(uow, 10)


@pytest.mark.parametrize("seed", range(6))
async def test_every_life_is_gapless(town: Town, seed: int) -> None:
    life = Life(town, seed)
    life.voucher = await town.claimed()
    for _ in range(STEPS):
        await life.happen()
    query = text("SELECT version, envelope::json ->> 'type' AS type FROM outbox WHERE aggregate_id = :id ORDER BY id")
    async with town.database.worker.engine.connect() as connection:
        told = (await connection.execute(query, {"id": str(life.voucher.id)})).all()
    assert [one.version for one in told] == list(range(1, len(told) + 1))
    assert life.voucher.version == len(told)
    status = None
    for one in told:
        name = one.type.removeprefix("cn.skillvoucher.voucher.").removesuffix(".v1")
        ways = {str(edge.to) for (state, _), edge in VOUCHER.edges.items() if edge.emits == name and state == status}
        assert len(ways) == 1, f"{name} cannot follow in {status}"
        (status,) = ways
    assert status == life.voucher.status
