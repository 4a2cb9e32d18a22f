"""Permits run out."""

from datetime import timedelta

from services.evaluation.certificates.timers import expire_certificates
from shared.security import verify_certificate
from tests.api_client import done
from tests.evaluation.scenario import PERMIT, Scenario

REASON = {"reason_code": "looked_into"}


async def test_permits_run_out_when_they_are_not_reviewed(scenario: Scenario) -> None:
    body = await scenario.body("government")
    permit, suspended = await scenario.certified(body, 2, **PERMIT)
    (other,) = await scenario.certified(await scenario.body())
    done(await scenario.post(scenario.officer, f"/v1/certificates/{suspended['id']}/suspensions", REASON))
    facts = verify_certificate(permit["jws"], scenario.database.api.keys.certificates)
    assert facts.review_due_on is not None
    await scenario.pass_days((facts.review_due_on - await scenario.today()).days)
    assert (await scenario.run_timers())["evaluation.expire_certificates"] == 0
    await scenario.pass_days(1)
    async with scenario.database.worker.unit_of_work() as uow:
        assert await expire_certificates(uow, 1) == 1
    assert (await scenario.run_timers())["evaluation.expire_certificates"] == 1
    assert (await scenario.run_timers())["evaluation.expire_certificates"] == 0
    for certificate, status in ((permit, "expired"), (suspended, "expired"), (other, "valid")):
        assert done(await scenario.get(scenario.officer, f"/v1/certificates/{certificate['id']}"))["status"] == status
    emitted = [event for event in await scenario.outbox() if event["name"] == "certificate.expired"]
    assert {event["since"] for event in emitted} == {str(facts.review_due_on + timedelta(days=1))}
