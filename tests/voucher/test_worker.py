"""The worker's own consumer over a shuffled stream with duplicates: one effect each, nothing parked.

The seed is the test's parameter.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from services.voucher.vouchers.models import Voucher
from services.voucher.worker import worker
from shared.contracts.envelope import Event
from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutOpenedV1, PayoutPaidV1, PayoutRejectedV1
from shared.kernel.ids import uuid7
from tests.keys import record_of
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.scenario import Scenario

VOUCHERS = 5


def shuffled(chance: random.Random, histories: Sequence[Sequence[Event]]) -> list[Event]:
    """The histories of several aggregates mixed, each in its own order, some events twice."""
    waiting = [list(history) for history in histories]
    mixed: list[Event] = []
    while any(waiting):
        event = chance.choice([history for history in waiting if history]).pop(0)
        mixed += [event] * chance.choice([1, 1, 2])
    again = chance.sample(mixed, len(mixed) // 3)
    return mixed + again


class Stream:
    """A topic's partition that the worker reads in batches of any size."""

    def __init__(self, scenario: Scenario, chance: random.Random) -> None:
        self.consumer = worker().consumer(scenario.database.worker)
        self.chance = chance
        self.positions = count()

    async def bring(self, histories: Sequence[Sequence[Event]]) -> None:
        """Have the worker consume everything."""
        events = shuffled(self.chance, histories)
        sent = {id(event): record_of(event) for event in events}
        records = [replace(sent[id(event)], position=next(self.positions)) for event in events]
        while records:
            size = self.chance.randint(1, 12)
            await self.consumer.apply(records[:size])
            records = records[size:]


@pytest.mark.parametrize("seed", range(3))
async def test_the_loop_over_a_shuffled_stream(scenario: Scenario, seed: int) -> None:
    chance = random.Random(seed)
    stream = Stream(scenario, chance)
    batch = await scenario.batch(quantity=VOUCHERS)
    vouchers = [await scenario.claimed(batch_id=batch) for _ in range(VOUCHERS)]
    enrolments = [await scenario.requested(voucher) for voucher in vouchers]
    await stream.bring([[enrolment] for enrolment in enrolments])
    bound = [await scenario.voucher(voucher.id) for voucher in vouchers]
    await scenario.pass_days(45)
    signed = [scenario.signed(voucher, enrolment) for voucher, enrolment in zip(bound, enrolments, strict=True)]
    await stream.bring([[certificate_event(CertificateIssuedV1, facts, scenario.jws(facts))] for facts in signed])
    await stream.bring([history for voucher in bound for history in payouts(voucher)])
    for voucher in bound:
        emitted = await scenario.emitted(voucher.id)
        assert emitted[:3] == ["voucher.claimed", "voucher.bound", "voucher.certified"]
        assert emitted[3:] in (
            ["voucher.settling", "voucher.returned", "voucher.settling", "voucher.redeemed"],
            ["voucher.settling", "voucher.redeemed"],
        )
    async with scenario.database.worker.engine.connect() as connection:
        assert (await connection.scalars(text("SELECT status FROM vouchers"))).all() == ["redeemed"] * VOUCHERS
        assert (await connection.scalars(text("SELECT detail FROM parked_events"))).all() == []


def payouts(voucher: Voucher) -> list[list[Event]]:
    """A first payout that is rejected, a second that is paid: two aggregates, in any order to each other."""
    first, second = uuid7(), uuid7()
    return [
        [payout_event(PayoutOpenedV1, voucher, first, 1), payout_event(PayoutRejectedV1, voucher, first, 2)],
        [payout_event(PayoutOpenedV1, voucher, second, 1), payout_event(PayoutPaidV1, voucher, second, 2)],
    ]
