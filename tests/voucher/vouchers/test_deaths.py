"""A holder whom the register of deaths names: nothing new is claimed, and what they have is held (R10)."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.evaluation import CertificateIssuedV1
from shared.contracts.payout import PayoutEvent, PayoutOpenedV1, PayoutPaidV1
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from shared.persistence.refusals import constraint_of
from tests.api_client import ApiClient, code_of, done
from tests.voucher.events import certificate_event, payout_event
from tests.voucher.requests import PORTAL, active_batch, claimed, merged, officer, worker
from tests.voucher.scenario import AREA, INSTITUTION, SKILL, Scenario


async def register_says(client: ApiClient, scenario: Scenario, person: UUID, vital_status: str) -> None:
    """The answer of the register of deaths, which the portal brings, and a turn of the timers."""
    said = {"pension": "not_drawn", "fiscal_payroll": "off", "source": "公安人口库", "vital_status": vital_status}
    day = str(business_date(await scenario.now()))
    done(await client.post(PORTAL, f"/v1/workers/{person}/register-extracts", said | {"as_of": day}))
    await scenario.run_timers()


async def test_a_dead_holders_voucher_is_held_under_every_record_until_the_register_takes_it_back(
    client: ApiClient, scenario: Scenario
) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    batch = await active_batch(client)
    path = f"/v1/vouchers/{(await claimed(client, record, batch))['id']}"
    await scenario.merge(record, survivor)
    await register_says(client, scenario, survivor, "deceased")
    await register_says(client, scenario, survivor, "unknown")
    (hold,) = done(await client.get(officer(AREA), f"{path}/holds"))["data"]
    assert (hold["reason_code"], hold["lifted_at"]) == ("holder_deceased", None)
    assert code_of(await client.post(worker(record), f"{path}/presence-codes", {"institution": INSTITUTION})) == "held"
    lift = f"{path}/holds/{hold['id']}/lift"
    assert code_of(await client.post(officer(AREA), lift)) == "hold_follows_register"
    await register_says(client, scenario, survivor, "alive")
    (hold,) = done(await client.get(officer(AREA), f"{path}/holds"))["data"]
    assert hold["lifted_at"] is not None
    assert done(await client.post(worker(record), f"{path}/presence-codes", {"institution": INSTITUTION}))["code"]


async def test_a_dead_person_claims_nothing(client: ApiClient, scenario: Scenario) -> None:
    person, batch = await scenario.person(), await active_batch(client)
    await register_says(client, scenario, person, "deceased")
    body = {"batch_id": batch, "skill_code": SKILL[0], "level": SKILL[1]}
    refusal = await client.post(worker(person), "/v1/vouchers", body)
    assert code_of(refusal) == "not_eligible"
    assert "holder_deceased" in refusal.json()["detail"]


async def test_what_may_yet_be_paid_is_held_though_nothing_is_live(client: ApiClient, scenario: Scenario) -> None:
    """A late certificate, an upheld objection, money that came back: it would go to the dead holder's own account."""
    ended, (late, _) = [await scenario.bound() for _ in range(2)], await scenario.bound()
    await scenario.pass_days(45)
    paid: list[type[PayoutEvent]] = [PayoutOpenedV1, PayoutPaidV1]
    for (voucher, enrolment), moves in zip(ended, ([], paid), strict=True):
        facts, payout = scenario.signed(voucher, enrolment), uuid7()
        await scenario.receive(certificate_event(CertificateIssuedV1, facts, scenario.jws(facts)))
        for number, move in enumerate(moves, 1):
            await scenario.receive(payout_event(move, voucher, payout, number))
    await scenario.pass_days(400)
    await scenario.run_timers()
    for voucher in (*(voucher for voucher, _ in ended), late):
        await register_says(client, scenario, voucher.person_id, "deceased")
        (held,) = done(await client.get(officer(AREA), f"/v1/vouchers/{voucher.id}/holds"))["data"]
        assert (held["reason_code"], held["lifted_at"]) == ("holder_deceased", None)
    states = {(await scenario.voucher(voucher.id)).status for voucher in (*(each for each, _ in ended), late)}
    assert states == {"lapsed", "redeemed", "void_uncertified"}


async def test_a_merger_and_a_separation_after_the_death_are_followed(client: ApiClient, scenario: Scenario) -> None:
    record, survivor = await scenario.person(), await scenario.person()
    path = f"/v1/vouchers/{(await claimed(client, survivor, await active_batch(client)))['id']}/holds"
    await register_says(client, scenario, record, "deceased")
    assert done(await client.get(officer(AREA), path))["data"] == []
    merger = await merged(client, record, survivor)
    await scenario.run_timers()
    (held,) = done(await client.get(officer(AREA), path))["data"]
    assert held["lifted_at"] is None
    apart = {"reason_code": "two_persons", "evidence": "两人"}
    done(await client.post(officer(AREA), f"/v1/mergers/{merger['id']}/separations", apart))
    done(await client.post(officer(), f"/v1/mergers/{merger['id']}/separation-approvals"))
    await scenario.run_timers()
    (held,) = done(await client.get(officer(AREA), path))["data"]
    assert held["lifted_at"] is not None


async def test_an_officers_hold_does_not_say_that_the_holder_died(client: ApiClient, scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    place = await client.post(officer(AREA), f"/v1/vouchers/{voucher.id}/holds", {"reason_code": "holder_deceased"})
    assert code_of(place) == "hold_follows_register"


async def test_a_turn_in_which_nobody_died_looks_at_nobody(scenario: Scenario) -> None:
    await scenario.claimed()
    assert (await scenario.run_timers())["voucher.follow_deaths"] == 0


async def test_a_dead_holders_voucher_ends_like_any_other(client: ApiClient, scenario: Scenario) -> None:
    """The register's hold does not stop the clock: its place in the batch comes back (R1, R6)."""
    person = await scenario.person()
    voucher = await claimed(client, person, await active_batch(client))
    await register_says(client, scenario, person, "deceased")
    await scenario.pass_days(91)
    await scenario.run_timers()
    assert (await scenario.voucher(UUID(voucher["id"]))).status == "expired"


@pytest.mark.parametrize(
    ("role", "statement", "constraint"),
    [
        ("api", "UPDATE voucher_holds SET lifted_at = now(), lifted_by = NULL", "wo_voucher_holds"),
        ("worker", "INSERT INTO voucher_holds (id, voucher_id, reason_code, placed_by, placed_at) "
         "SELECT gen_random_uuid(), voucher_id, 'x', voucher_id, now() FROM voucher_holds", "wo_voucher_holds"),
        ("owner", "UPDATE voucher_holds SET placed_by = gen_random_uuid()", "wo_voucher_holds"),
        ("owner", "UPDATE voucher_holds SET lifted_at = now(), lifted_by = id", "ck_voucher_holds_lifted"),
        ("owner", "UPDATE voucher_holds SET reason_code = 'x'", "ck_voucher_holds_placed"),
    ],
)  # fmt: skip
async def test_the_database_keeps_officers_from_the_registers_hold(
    client: ApiClient, scenario: Scenario, role: str, statement: str, constraint: str
) -> None:
    person = await scenario.person()
    await claimed(client, person, await active_batch(client))
    await register_says(client, scenario, person, "deceased")
    with pytest.raises(DBAPIError) as refused:
        async with getattr(scenario.database, role).engine.begin() as connection:
            await connection.execute(text(statement))
    assert constraint_of(refused.value) == constraint
