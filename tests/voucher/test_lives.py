"""Whole lives at random: whatever happens in whatever order, the history is gapless and every state is explained.

The seed is the test's parameter.
"""

import contextlib
import random
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.voucher.vouchers.domain import VOUCHER
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import (
    approve_cancellation,
    lift_hold,
    place_hold,
    propose_cancellation,
)
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutEvent, PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1, PayoutReversedV1
from shared.contracts.training import EnrolmentRequestedV1
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario

STEPS = 40
AFTER: dict[type[PayoutEvent] | None, tuple[type[PayoutEvent], ...]] = {
    None: (PayoutOpenedV1, PayoutRejectedV1),
    PayoutOpenedV1: (PayoutRejectedV1, PayoutPaidV1),
    PayoutPaidV1: (PayoutReversedV1,),
}
"""What payout can say of one payout, after what."""


class Life:
    """One voucher and everything that befalls it."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
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
        self.voucher = await self.scenario.voucher(self.voucher.id)

    async def request(self) -> None:
        """An institution presents it."""
        self.enrolments.append(await self.scenario.requested(self.voucher))
        await self.scenario.receive(self.enrolments[-1])

    async def withdraw(self) -> None:
        """Some enrolment is withdrawn."""
        if self.enrolments:
            await self.scenario.receive(await self.scenario.withdrawn(self.chance.choice(self.enrolments)))

    async def hold(self) -> None:
        """An officer holds it."""
        async with self.scenario.database.api.unit_of_work() as uow:
            self.holds.append((await place_hold(uow, self.voucher.id, "audit", uuid4())).id)

    async def lift(self) -> None:
        """An officer lifts a hold."""
        if self.holds:
            hold = self.holds.pop()
            async with self.scenario.database.api.unit_of_work() as uow:
                await lift_hold(uow, self.voucher.id, hold, uuid4())

    async def cancel(self) -> None:
        """Two officers cancel it, seldom."""
        if self.chance.random() < 0.1:
            async with self.scenario.database.api.unit_of_work() as uow:
                await propose_cancellation(uow, self.voucher.id, "claimed_in_error", uuid4())
            async with self.scenario.database.api.unit_of_work() as uow:
                await approve_cancellation(uow, self.voucher.id, uuid4())

    async def certify(self) -> None:
        """A certificate comes, sometimes of another level."""
        if self.voucher.ends_on is not None:
            level = self.voucher.level if self.chance.random() < 0.6 else 1
            facts = self.scenario.signed(self.voucher, None, level=level)
            await self.scenario.receive(certificate_event(CertificateIssuedV1, facts, self.scenario.jws(facts)))

    async def pay(self) -> None:
        """Payout says something that it can say."""
        if self.payout is None and self.voucher.status != "certified":
            return
        payout_id, version, last = self.payout or (uuid7(), 0, None)
        following = AFTER.get(last)
        if following is None:
            self.payout = None
            return
        event = self.chance.choice(following)
        await self.scenario.receive(payout_event(event, self.voucher, payout_id, version + 1))
        self.payout = (payout_id, version + 1, event)

    async def wait(self) -> None:
        """Time goes on, and the timers run."""
        await self.scenario.pass_days(self.chance.choice([1, 20, 60, 120]))
        await self.scenario.run_timers()


@pytest.mark.parametrize("seed", range(6))
async def test_every_life_is_gapless(scenario: Scenario, seed: int) -> None:
    life = Life(scenario, seed)
    life.voucher = await scenario.claimed()
    for _ in range(STEPS):
        await life.happen()
    query = text("SELECT version, envelope::json ->> 'type' AS type FROM outbox WHERE aggregate_id = :id ORDER BY id")
    async with scenario.database.worker.engine.connect() as connection:
        emitted = (await connection.execute(query, {"id": str(life.voucher.id)})).all()
    assert [event.version for event in emitted] == list(range(1, len(emitted) + 1))
    assert life.voucher.version == len(emitted)
    status = None
    for event in emitted:
        name = event.type.removeprefix("cn.skillvoucher.voucher.").removesuffix(".v1")
        ways = {str(edge.to) for (state, _), edge in VOUCHER.edges.items() if edge.emits == name and state == status}
        assert len(ways) == 1, f"{name} cannot follow in {status}"
        (status,) = ways
    assert status == life.voucher.status
