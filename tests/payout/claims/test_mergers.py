"""Two records of one person count as one: once per person, skill and level across both."""

import asyncio
from dataclasses import replace

import pytest

from services.payout.claims.service import judge_again, open_payouts
from services.payout.holds.queries import open_holds
from services.payout.payouts.domain import PayoutAlreadyLive, PayoutFacts, PayoutState
from services.payout.payouts.service import lift_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.kernel.ids import uuid7
from tests.payout.scenario import Case, Scenario, accepted
from tests.payout.steps import advance
from tests.worker_process import receive_in


async def test_what_is_opened_after_the_merger_counts_under_the_survivor(scenario: Scenario) -> None:
    await scenario.begin()
    first, twin = Case(), Case()
    await scenario.merge(twin.person_id, first.person_id)
    await scenario.open(first)
    refused = await scenario.open(twin)
    assert (refused.status, refused.code) == (PayoutState.REJECTED, "payout_already_live")


async def test_a_merger_moves_the_key_of_what_is_open(scenario: Scenario) -> None:
    await scenario.begin()
    twin, survivor = Case(), uuid7()
    payout = await scenario.open(twin)
    await scenario.merge(twin.person_id, survivor)
    assert (await scenario.now_of(payout)).key_person_id == survivor
    refused = await scenario.open(replace(Case(), person_id=survivor))
    assert refused.code == "payout_already_live"


async def test_a_merger_that_finds_both_open_holds_the_later(scenario: Scenario) -> None:
    await scenario.begin()
    first, twin = Case(), Case()
    earlier, later = await scenario.open(first), await scenario.open(twin)
    await scenario.merge(twin.person_id, first.person_id)
    assert ((await scenario.now_of(earlier)).open_holds, (await scenario.now_of(later)).open_holds) == (0, 1)
    assert [event["reason_code"] for event in await scenario.events("payout.held")] == ["duplicate_person"]


async def test_records_merged_in_a_chain_end_at_one_person(scenario: Scenario) -> None:
    await scenario.begin()
    first, two, three = Case(), Case(), Case()
    await scenario.merge(first.person_id, two.person_id)
    await scenario.merge(two.person_id, three.person_id)
    await scenario.open(first)
    assert (await scenario.open(three)).code == "payout_already_live"


async def lift(scenario: Scenario, payout: PayoutFacts) -> None:
    """An officer lifts the only hold of a payout."""
    async with scenario.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, scenario.second, payout.id, hold.id)


async def superseded(scenario: Scenario, record: Case, survivor: Case) -> None:
    """Voucher finds that two records are one person."""
    await scenario.merge(record.person_id, survivor.person_id)


@pytest.mark.parametrize("paid_is_survivor", [True, False])
async def test_a_merger_holds_what_can_still_be_stopped(scenario: Scenario, paid_is_survivor: bool) -> None:  # noqa: FBT001  # a parameter
    """The later payout is on its way already: it is the earlier one that must not be paid too."""
    await scenario.begin()
    first, second = Case(), Case()
    earlier, later = await scenario.open(first), await scenario.open(second)
    await advance(scenario, PayoutState.SENT, later)
    await superseded(scenario, *((first, second) if paid_is_survivor else (second, first)))
    assert ((await scenario.now_of(earlier)).open_holds, (await scenario.now_of(later)).open_holds) == (1, 0)


async def test_a_hold_for_one_person_twice_is_not_lifted_while_both_are_live(scenario: Scenario) -> None:
    await scenario.begin()
    first, twin = Case(), Case()
    earlier, later = await scenario.open(first), await scenario.open(twin)
    await superseded(scenario, first, twin)
    with pytest.raises(PayoutAlreadyLive):
        await lift(scenario, later)
    async with scenario.database.api.unit_of_work() as uow:
        accepted((await reject_payouts(uow, scenario.reviewer, {earlier.id: Rejection("duplicate_person")})).values())
    await lift(scenario, later)
    assert ((await scenario.now_of(later)).open_holds, (await scenario.now_of(later)).key_person_id) == (
        0,
        twin.person_id,
    )


@pytest.mark.parametrize("which", [0, 1])
async def test_nothing_opens_beside_a_payout_that_kept_the_key_of_an_old_record(scenario: Scenario, which: int) -> None:
    """Whichever of the two is ended, the other still stands for the person, under whatever record it is counted."""
    await scenario.begin()
    first, twin = Case(), Case()
    both = [await scenario.open(first), await scenario.open(twin)]
    await superseded(scenario, first, twin)
    async with scenario.database.api.unit_of_work() as uow:
        accepted(
            (await reject_payouts(uow, scenario.reviewer, {both[which].id: Rejection("duplicate_person")})).values()
        )
    for person_id in (first.person_id, twin.person_id):
        assert (await scenario.open(replace(Case(), person_id=person_id))).code == "payout_already_live"


async def test_an_opening_and_a_merger_at_once_count_under_one_person(scenario: Scenario) -> None:
    """The opening has read who the person is; the merger looks for open payouts before the opening commits."""
    await scenario.begin()
    record, survivor = Case(), Case()
    await scenario.receive(scenario.issued(record), scenario.issued(survivor))
    await scenario.receive(scenario.certified(survivor))
    early = await scenario.payout_of(survivor)
    certified = scenario.certified(record)
    async with scenario.database.worker.unit_of_work() as uow:
        await receive_in(uow, "payout", certified)
        merger = asyncio.create_task(superseded(scenario, record, survivor))
        await asyncio.sleep(0.5)
    await merger
    late = await scenario.payout_of(record)
    assert ((await scenario.now_of(early)).open_holds, late.open_holds) == (0, 1)
    async with scenario.database.worker.unit_of_work() as uow:
        (again,) = await open_payouts(uow, [record.voucher_id])
    assert isinstance(again, PayoutFacts)


async def test_records_that_are_parted_have_their_own_benefits_again(scenario: Scenario) -> None:
    """What opened as one person's is held, and counts where it belongs; what that refused is opened (R2, R16)."""
    await scenario.begin()
    record, survivor = Case(), Case()
    await scenario.merge(record.person_id, survivor.person_id)
    opened = await scenario.open(record)
    refused = await scenario.open(survivor)
    assert (opened.key_person_id, refused.code) == (survivor.person_id, "payout_already_live")
    await scenario.separate(record.person_id, survivor.person_id)
    now = await scenario.now_of(opened)
    assert (now.key_person_id, now.open_holds) == (record.person_id, 1)
    assert [event["reason_code"] for event in await scenario.events("payout.held")] == ["person_separated"]
    async with scenario.database.worker.unit_of_work() as uow:
        assert await judge_again(uow, 10) == 1
    (_, other) = await scenario.payouts_of(survivor)
    assert (other.status, other.key_person_id) == (PayoutState.OPENED, survivor.person_id)
    await lift(scenario, opened)
    assert (await scenario.now_of(opened)).open_holds == 0


async def test_what_was_refused_to_the_old_record_is_opened_after_they_are_parted(scenario: Scenario) -> None:
    await scenario.begin()
    record, survivor = Case(), Case()
    await scenario.merge(record.person_id, survivor.person_id)
    await scenario.open(survivor)
    assert (await scenario.open(record)).code == "payout_already_live"
    await scenario.separate(record.person_id, survivor.person_id)
    async with scenario.database.worker.unit_of_work() as uow:
        assert await judge_again(uow, 10) == 1
    (_, opened) = await scenario.payouts_of(record)
    assert (opened.status, opened.key_person_id) == (PayoutState.OPENED, record.person_id)


async def test_a_payout_opened_while_voucher_parts_the_records_is_held(scenario: Scenario) -> None:
    """Voucher had not received it when the merger was undone; here it is one person's until the undoing arrives."""
    await scenario.begin()
    record, survivor = Case(), Case()
    await scenario.merge(record.person_id, survivor.person_id)
    opened = await scenario.open(record)
    await advance(scenario, PayoutState.APPROVED, opened)
    await scenario.separate(record.person_id, survivor.person_id)
    now = await scenario.now_of(opened)
    assert (now.status, now.open_holds, now.key_person_id) == (PayoutState.APPROVED, 1, record.person_id)


async def test_a_chain_parts_where_it_is_undone(scenario: Scenario) -> None:
    """A into B into C, B parted from C: what A has counts with B, and is found live there."""
    await scenario.begin()
    first, two, three = Case(), Case(), Case()
    await scenario.merge(first.person_id, two.person_id)
    await scenario.merge(two.person_id, three.person_id)
    opened = await scenario.open(first)
    await scenario.separate(two.person_id, three.person_id)
    assert (await scenario.now_of(opened)).key_person_id == first.person_id
    assert (await scenario.open(two)).code == "payout_already_live"
    for _ in range(2):
        await scenario.run_timers()
    assert len(await scenario.payouts_of(two)) == 1, "it is not judged again while the benefit is live under A"
    assert (await scenario.open(three)).status == PayoutState.OPENED
