"""A database role takes steps by SQL, with every row that the triggers ask for: only its event is not signed."""

import asyncio
from uuid import UUID

import pytest

from deploy.local.kafka import KafkaNode
from deploy.local.kafka_settings import ADMIN
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import approve_payouts
from shared.kernel.ids import uuid7
from shared.messaging.relay import Relay
from tests.attacks.stream import Stream, history
from tests.payout.attacks import whole_step
from tests.payout.scenario import Case, Scenario, codes, decide
from tests.payout.steps import advance

pytestmark = pytest.mark.xdist_group("kafka")

LIMIT_S = 30
REVIEW = "UPDATE payouts SET status = 'reviewed', version = version + 1, reviewed_by = :officer WHERE id = :id"


async def review_by_sql(scenario: Scenario, payout_id: UUID) -> None:
    """Review as nobody did, in the name of the reviewing officer."""
    officer = scenario.reviewer.person
    statement, values = whole_step(REVIEW, action="review", person=officer, officer=officer, id=payout_id)
    await scenario.sql("api", statement, **values)


async def test_a_step_whose_event_the_service_has_not_signed_holds_the_money(
    scenario: Scenario, kafka: KafkaNode
) -> None:
    await scenario.begin()
    stream, cases = Stream(scenario), (Case(), Case())
    for case in cases:
        await stream.bring(scenario.issued(case), scenario.verified(case), *history(scenario, case))
    forged, honest = [await scenario.payout_of(case) for case in cases]
    await advance(scenario, PayoutState.CHECKED, forged)
    (honest,) = await advance(scenario, PayoutState.REVIEWED, honest)
    await review_by_sql(scenario, forged.id)
    topic = f"skill-voucher.payout-unsigned-{uuid7()}"
    await kafka.create_topics([topic])
    worker = scenario.database.worker
    relay = asyncio.create_task(Relay(worker.url, kafka.access(ADMIN), topic, worker.keys.events).run())
    async with asyncio.timeout(LIMIT_S):
        while await scenario.sql("worker", "SELECT id FROM outbox"):
            await asyncio.sleep(0.1)
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    assert await stream.parked() == ["event_signature_invalid"]
    outcomes = codes(await decide(scenario, approve_payouts, scenario.approver, forged, honest))
    assert outcomes == ["facts_incomplete", None]
