"""Two records of one person count as one: once per person, skill and level across both (DESIGN §2)."""

from dataclasses import replace

from services.payout.payouts.domain import PayoutState
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.kernel.ids import uuid7
from tests.payout.city import DIGEST, Case, City


async def test_what_is_opened_after_the_merger_counts_under_the_survivor(city: City) -> None:
    await city.begin()
    first, twin = Case(), Case()
    registered = {"subject_digest": DIGEST, "area": "410402", "real_name_level": 3}
    await city.hear(city.tell(PersonRegisteredV1, twin.person_id, **registered))
    await city.hear(city.tell(PersonSupersededV1, twin.person_id, survivor_id=first.person_id))
    await city.open(first)
    refused = await city.open(twin)
    assert (refused.status, refused.code) == (PayoutState.REJECTED, "payout_already_live")


async def test_a_merger_moves_the_key_of_what_is_open(city: City) -> None:
    await city.begin()
    twin, survivor = Case(), uuid7()
    payout = await city.open(twin)
    await city.hear(city.tell(PersonSupersededV1, twin.person_id, survivor_id=survivor))
    assert (await city.now_of(payout)).key_person_id == survivor
    refused = await city.open(replace(Case(), person_id=survivor))
    assert refused.code == "payout_already_live"


async def test_a_merger_that_finds_both_open_holds_the_later(city: City) -> None:
    await city.begin()
    first, twin = Case(), Case()
    earlier, later = await city.open(first), await city.open(twin)
    await city.hear(city.tell(PersonSupersededV1, twin.person_id, survivor_id=first.person_id))
    assert ((await city.now_of(earlier)).open_holds, (await city.now_of(later)).open_holds) == (0, 1)
    assert [told["code"] for told in await city.events("payout.held")] == ["duplicate_person"]


async def test_records_merged_in_a_chain_end_at_one_person(city: City) -> None:
    await city.begin()
    one, two, three = Case(), Case(), Case()
    await city.hear(
        city.tell(PersonSupersededV1, one.person_id, survivor_id=two.person_id),
        city.tell(PersonSupersededV1, two.person_id, survivor_id=three.person_id),
    )
    await city.open(one)
    assert (await city.open(three)).code == "payout_already_live"
