"""The statements of voucher's hot steps (`tests/budgets.py`)."""

from collections import Counter

import pytest

from shared.contracts.evaluation import CertificateIssuedV1
from shared.kernel.clock import business_date
from tests.api_client import ApiClient, done
from tests.bench.stand import in_topics
from tests.budgets import within
from tests.voucher.events import certificate_event
from tests.voucher.people import registered
from tests.voucher.requests import PORTAL, active_batch, claimed
from tests.voucher.scenario import Scenario
from tests.worker_process import look_around, worker_of


async def test_from_a_registration_to_a_claim(client: ApiClient, scenario: Scenario) -> None:
    batch = await active_batch(client)
    with within("register"):
        person = await registered(client)
    day = str(business_date(await scenario.now()))
    said = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "portal", "as_of": day, "other_benefits": []}
    with within("record an extract"):
        done(await client.post(PORTAL, f"/v1/workers/{person}/register-extracts", said))
    with within("claim"):
        await claimed(client, person, batch)


@pytest.mark.parametrize("count", [1, 8])
async def test_a_certification(scenario: Scenario, count: int) -> None:
    bound = [await scenario.bound() for _ in range(count)]
    await scenario.pass_days(45)
    signed = [scenario.signed(voucher, enrolment) for voucher, enrolment in bound]
    events = [certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)) for facts in signed]
    consumer = worker_of("voucher").consumer(scenario.database.worker)
    with within("certify"):
        await consumer.apply(in_topics(events))
    states = Counter([(await scenario.voucher(voucher.id)).status for voucher, _ in bound])
    assert states == {"certified": count}


async def test_an_idle_turn(scenario: Scenario) -> None:
    await scenario.claimed()
    await scenario.run_timers()
    with within("an idle turn of voucher"):
        assert len(await look_around(scenario.database)) == len(worker_of("voucher").timers)
