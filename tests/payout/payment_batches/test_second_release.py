"""A payment batch above the limit is released by two finance officers (R18)."""

import asyncio

from services.payout.payment_batches.domain import PaymentBatchFacts
from services.payout.payouts.domain import PayoutState
from shared.security import Principal, Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import refused
from tests.payout.scenario import Case, Scenario, officer
from tests.payout.steps import advance, build

LIMIT = "UPDATE dated_rules SET value = :fen WHERE name = 'second_release_above_fen'"


async def batch_above(scenario: Scenario, fen: int) -> PaymentBatchFacts:
    """A batch of two payouts of 1,600 yuan each, built under this limit."""
    await scenario.begin()
    await scenario.sql("owner", LIMIT, fen=fen)
    payouts = [await scenario.open(Case()) for _ in range(2)]
    await advance(scenario, PayoutState.CLEARED, *payouts)
    return await build(scenario, *payouts)


async def test_above_the_limit_one_endorses_and_another_releases(scenario: Scenario, client: ApiClient) -> None:
    batch = await batch_above(scenario, 319_999)
    path = f"/v1/payment-batches/{batch.id}"
    second = officer(Role.FINANCE)

    async def said(caller: Principal, act: str) -> str | None:
        answer = await client.post(caller, f"{path}/{act}")
        return None if answer.is_success else code_of(answer)

    shown = (await client.get(scenario.releaser, path)).json()
    assert (shown["needs_second_release"], shown["endorsed"]) == (True, False)
    assert await said(scenario.releaser, "releases") == "second_releaser_missing"
    assert await said(scenario.cashier, "endorsements") == "same_person", "its builder"
    assert await said(officer(Role.FINANCE, "410403"), "endorsements") == "payment_batch_not_found"
    assert await said(scenario.releaser, "endorsements") is None
    assert await said(second, "endorsements") == "not_endorsable"
    assert await said(scenario.releaser, "releases") == "same_person"
    assert await said(scenario.cashier, "releases") == "same_person"
    assert await said(second, "releases") is None
    assert await said(second, "endorsements") == "wrong_state"
    assert len(await scenario.events("payment_batch.endorsed")) == 1


async def test_at_the_limit_one_releases(scenario: Scenario, client: ApiClient) -> None:
    batch = await batch_above(scenario, 320_000)
    path = f"/v1/payment-batches/{batch.id}"
    assert code_of(await client.post(scenario.releaser, f"{path}/endorsements")) == "not_endorsable"
    assert (await client.post(scenario.releaser, f"{path}/releases")).json()["status"] == "released"


async def test_of_two_who_endorse_at_once_one_does(scenario: Scenario, client: ApiClient) -> None:
    batch = await batch_above(scenario, 1)
    answers = await asyncio.gather(
        *(client.post(officer(Role.FINANCE), f"/v1/payment-batches/{batch.id}/endorsements") for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_the_database_releases_no_large_batch_of_one_officer(scenario: Scenario) -> None:
    await batch_above(scenario, 1)
    for role in ("api", "owner"):
        released = "UPDATE payment_batches SET status = 'released', version = version + 1, released_by = :person"
        assert await refused(scenario, role, released, person=scenario.releaser.person) == (
            "ck_payment_batches_released_by_two"
        )
        endorsed = "UPDATE payment_batches SET version = version + 1, endorsed_by = :person"
        for person in (scenario.reviewer, scenario.approver):
            assert await refused(scenario, role, endorsed, person=person.person) == "by_payment_batches"
    assert await refused(scenario, "owner", "UPDATE payment_batches SET second_release_above_fen = 9e9") == (
        "im_payment_batches"
    )
