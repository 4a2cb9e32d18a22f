"""Real races on several connections: quota, one live voucher, one decision. The seed is the test's parameter."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.voucher.batches.domain import BatchKind
from services.voucher.batches.service import approve_batch
from services.voucher.bindings.consumers import on_enrolment_requested
from services.voucher.claims.domain import ClaimRequest
from services.voucher.claims.service import claim_vouchers
from services.voucher.vouchers.service import approve_cancellation, propose_cancellation
from shared.kernel.errors import DomainError
from shared.persistence import refusal_of
from tests.databases import ServiceDatabase
from tests.voucher.claims.test_claims import claimed_count, outcomes
from tests.voucher.scenario import OTHER_SKILL, SKILL, Scenario, request_of

AT_ONCE = 8


async def claim_alone(database: ServiceDatabase, request: ClaimRequest) -> str:
    """One claim in its own transaction on its own connection: the voucher's status, or the code."""
    try:
        async with database.api.unit_of_work() as uow:
            (answer,) = await claim_vouchers(uow, [request])
            return answer.code if isinstance(answer, DomainError) else answer.status
    except Exception as error:
        refused = refusal_of(error)
        if refused is None:
            raise
        return refused.code


async def all_at_once(acts: list[Callable[[], Awaitable[str]]]) -> Counter[str]:
    """Start every act at the same moment; how often each outcome came."""
    gate = asyncio.Event()

    async def run(act: Callable[[], Awaitable[str]]) -> str:
        await gate.wait()
        return await act()

    tasks = [asyncio.create_task(run(act)) for act in acts]
    await asyncio.sleep(0)
    gate.set()
    return Counter(await asyncio.gather(*tasks))


async def overdrawn_or_doubled(database: ServiceDatabase) -> list[str]:
    """Everything that may never be: a batch that gave out more than it has, a person with two live vouchers."""
    async with database.owner.engine.connect() as connection:
        batches = await connection.scalars(
            text(
                """
                SELECT 'batch ' || batches.id FROM batches
                WHERE claimed > quantity OR claimed <> (
                    SELECT count(*) FROM vouchers WHERE batch_id = batches.id AND claimed_at IS NOT NULL)
                """
            )
        )
        people = await connection.scalars(
            text(
                """
                SELECT 'person ' || person_id FROM vouchers
                WHERE status IN ('offered', 'claimed', 'in_use', 'certified', 'settling')
                GROUP BY person_id, programme HAVING count(*) > 1
                """
            )
        )
        return [*batches, *people]


@pytest.mark.parametrize("seed", range(4))
async def test_no_quota_is_oversold_and_nobody_holds_two(scenario: Scenario, seed: int) -> None:
    """Twelve people, each asking at several batches of one programme at once, for fewer vouchers than people."""
    chance = random.Random(seed)
    people = [await scenario.person() for _ in range(12)]
    quotas = [chance.randint(1, 5) for _ in range(3)]
    batches = [await scenario.batch(quantity=quota) for quota in quotas]
    requests = [
        request_of(person, batch, *chance.choice([SKILL, OTHER_SKILL]))
        for person in people
        for batch in chance.sample(batches, 2)
    ]
    chance.shuffle(requests)
    outcome = await all_at_once([partial(claim_alone, scenario.database, request) for request in requests])
    assert await overdrawn_or_doubled(scenario.database) == []
    assert outcome["claimed"] == sum([await claimed_count(scenario, batch) for batch in batches])
    assert set(outcome) <= {"claimed", "quota_exhausted", "voucher_already_live"}
    assert outcome["claimed"] == min(12, sum(quotas)) or outcome["quota_exhausted"] > 0


async def test_the_last_voucher_goes_to_one(scenario: Scenario) -> None:
    batch = await scenario.batch(quantity=1)
    people = [await scenario.person() for _ in range(AT_ONCE)]
    outcome = await all_at_once(
        [partial(claim_alone, scenario.database, request_of(person, batch, *SKILL)) for person in people]
    )
    assert outcome == {"claimed": 1, "quota_exhausted": AT_ONCE - 1}


async def test_one_person_at_two_batches_gets_one(scenario: Scenario) -> None:
    person = await scenario.person()
    batches = [await scenario.batch() for _ in range(AT_ONCE)]
    outcome = await all_at_once(
        [partial(claim_alone, scenario.database, request_of(person, batch, *SKILL)) for batch in batches]
    )
    assert outcome == {"claimed": 1, "voucher_already_live": AT_ONCE - 1}


async def test_lists_in_opposite_order_do_not_lock_each_other_out(scenario: Scenario) -> None:
    """Two lists of the same people at the same batches, one backwards: locks go by id, so nobody deadlocks."""
    people = [await scenario.person() for _ in range(6)]
    batches = [await scenario.batch(quantity=3) for _ in range(2)]
    requests = [request_of(person, batches[place % 2], *SKILL) for place, person in enumerate(people)]

    async def claim_list(wanted: list[ClaimRequest]) -> str:
        async with scenario.database.api.unit_of_work() as uow:
            return ",".join(sorted(set(outcomes(await claim_vouchers(uow, wanted)))))

    outcome = await all_at_once([lambda: claim_list(requests), lambda: claim_list(requests[::-1])])
    assert outcome == {"claimed": 1, "voucher_already_live": 1}
    assert await overdrawn_or_doubled(scenario.database) == []


async def test_a_claim_and_an_offer_to_the_same_people(scenario: Scenario) -> None:
    """A targeted batch is approved while the people on its list claim general vouchers: one each in the end."""
    people = [await scenario.person() for _ in range(AT_ONCE)]
    general = await scenario.batch(quantity=AT_ONCE)
    targeted = await scenario.proposed(kind=BatchKind.TARGETED, quantity=AT_ONCE, holders=people)

    async def approve() -> str:
        async with scenario.database.api.unit_of_work() as uow:
            return (await approve_batch(uow, targeted, uuid4())).status

    claims = [partial(claim_alone, scenario.database, request_of(person, general, *SKILL)) for person in people]
    outcome = await all_at_once([approve, *claims])
    assert outcome["active"] == 1
    assert outcome["claimed"] + outcome["voucher_already_live"] == AT_ONCE
    assert await overdrawn_or_doubled(scenario.database) == []


async def test_a_cancellation_and_a_bind_do_not_both_win(scenario: Scenario) -> None:
    voucher = await scenario.claimed()
    async with scenario.database.api.unit_of_work() as uow:
        await propose_cancellation(uow, voucher.id, "claimed_in_error", uuid4())
    enrolment = await scenario.requested(voucher)

    async def cancel(voucher_id: UUID) -> str:
        async with scenario.database.api.unit_of_work() as uow:
            await approve_cancellation(uow, voucher_id, uuid4())
        return "cancelled"

    async def bind() -> str:
        async with scenario.database.worker.unit_of_work() as uow:
            await on_enrolment_requested(uow, [enrolment])
        return "received"

    await all_at_once([lambda: cancel(voucher.id), bind])
    emitted = await scenario.emitted(voucher.id)
    assert (await scenario.voucher(voucher.id)).status == "cancelled"
    assert emitted[2:] in (
        ["voucher.cancelled", "voucher.bind_refused"],
        ["voucher.bound", "voucher.cancelled"],
    )


async def test_the_harness_would_notice(scenario: Scenario) -> None:
    """With the guards taken away by the owner, both kinds of damage are seen."""
    voucher = await scenario.claimed(batch_id=await scenario.batch(quantity=1))
    async with scenario.database.owner.engine.begin() as connection:
        for guard in ("DROP INDEX uq_vouchers_live", "ALTER TABLE vouchers DISABLE TRIGGER USER"):
            await connection.execute(text(guard))
        await connection.execute(
            text(
                """
                INSERT INTO vouchers
                SELECT (jsonb_populate_record(
                    vouchers, jsonb_build_object('id', gen_random_uuid(), 'number', 'PDS26999999990'))).*
                FROM vouchers
                """
            )
        )
    assert await overdrawn_or_doubled(scenario.database) == [f"batch {voucher.batch_id}", f"person {voucher.person_id}"]
