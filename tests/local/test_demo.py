"""What the demonstration promises without a system: whom it casts, and when it says that it failed."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import pytest

from deploy.local.demo.cast import Casting, officer_citizen
from deploy.local.demo.client import ApiClient, DemoFailed
from deploy.local.demo.refusals import ATTEMPTS
from deploy.local.demo.report import STAGES, DemoResult, check
from deploy.local.demo.shared_clock import SharedClock
from deploy.local.demo.staff import PORTAL, first_accepted
from shared.kernel.citizen_id import canonical_citizen_id
from shared.kernel.credit_code import canonical_credit_code
from tests.local.places import PROJECT

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WELL = DemoResult(
    loops=20,
    first_day=TODAY,
    last_day=TODAY,
    funnel=dict(zip(STAGES, (20, 19, 15, 15, 15, 15), strict=True)),
    paid_fen=2_160_000,
    ledger_sum_fen=0,
    refusals=dict.fromkeys(ATTEMPTS, 1),
    requests=254,
    log_entries=1_458,
    log_flaw=None,
)


def test_a_season_that_came_as_far_as_planned_is_well() -> None:
    check(WELL)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"funnel": {**WELL.funnel, "paid": 0}}, "nobody was paid; 15 workers should have been"),
        ({"funnel": {**WELL.funnel, "paid": 14}}, "14 workers came as far as '兑现 paid'; 15 should have"),
        (
            {"funnel": {**WELL.funnel, "enrolled": 20}},
            "20 workers came as far as '培训 enrolled in a class'; 19 should",
        ),
        ({"ledger_sum_fen": 1}, "the ledger sums to 0.01 yuan instead of zero"),
        ({"refusals": {**WELL.refusals, "certificate_missing": 0}}, "money for a worker without a certificate"),
        ({"log_flaw": "entry 7: hash"}, "audit's log of all events does not hold: entry 7: hash"),
    ],
)
def test_whatever_is_not_as_planned_is_a_failure_in_plain_words(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DemoFailed, match=sentence):
        check(replace(WELL, **changes))


def test_what_is_tried_has_codes_that_the_system_knows() -> None:
    known = (PROJECT / "docs/refusals.md").read_text()
    assert [code for code in ATTEMPTS if f"| `{code}` |" not in known] == []


def test_a_cast_is_well_formed_has_nobody_twice_and_is_drawn_again_from_its_seed() -> None:
    casting = Casting(7, TODAY)
    citizens = list(islice(casting.citizens(), 500))
    numbers = {canonical_citizen_id(citizen.id_number) for citizen in citizens}
    assert len(numbers) == 500
    assert len({citizen.area for citizen in citizens}) == 12
    listings = list(islice(casting.listings(), 50))
    assert len({canonical_credit_code(listing.credit_code) for listing in listings}) == 50
    again = Casting(7, TODAY)
    assert [list(islice(again.citizens(), 500)), list(islice(again.listings(), 50))] == [citizens, listings]
    assert numbers.isdisjoint({citizen.id_number for citizen in islice(Casting(8, TODAY).citizens(), 500)})
    assert officer_citizen(1) == officer_citizen(1) != officer_citizen(2)


class Watch:
    """A clock that is always quiet, and stops at `stops_at`."""

    def __init__(self) -> None:
        self.moments = [NOON]
        self.stops_at = datetime.max.replace(tzinfo=UTC)

    async def now(self) -> datetime:
        return self.moments[-1]

    async def advance(self, to: datetime) -> None:
        if to >= self.stops_at:
            raise DemoFailed("the clock stands still")
        self.moments.append(to)

    async def wait_until_quiet(self) -> None:
        await asyncio.sleep(0)


async def lives(shared: SharedClock, name: str, hours: list[int], seen: list[tuple[str, int]]) -> None:
    """A story that waits for these hours after noon, one after the other."""
    async with shared.story() as clock:
        for hour in hours:
            await clock.advance(NOON + timedelta(hours=hour))
            seen.append((name, round((await clock.now() - NOON) / timedelta(hours=1))))
            await clock.wait_until_quiet()


async def test_stories_under_one_clock_each_go_on_at_their_own_moment() -> None:
    watch = Watch()
    shared, seen = SharedClock(watch), list[tuple[str, int]]()
    await asyncio.gather(lives(shared, "a", [1, 5, 5, 2], seen), lives(shared, "b", [3, 4, 9], seen))
    assert sorted(seen, key=lambda entry: entry[1]) == [
        ("a", 1), ("b", 3), ("b", 4), ("a", 5), ("a", 5), ("a", 5), ("b", 9),
    ]  # fmt: skip
    assert watch.moments == sorted(watch.moments)


async def test_a_story_that_is_cancelled_keeps_nobody_waiting_and_a_stopped_run_says_nothing() -> None:
    shared, seen = SharedClock(Watch()), list[tuple[str, int]]()
    cancelled = asyncio.create_task(lives(shared, "a", [9], seen))
    other = asyncio.create_task(lives(shared, "b", [3], seen))
    await asyncio.sleep(0)
    cancelled.cancel()
    await other
    assert seen == [("b", 3)]
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    alone = asyncio.create_task(lives(SharedClock(Watch()), "c", [3], seen))
    await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.wait([alone])
    asyncio.get_running_loop().set_exception_handler(None)
    assert complaints == []


async def test_when_time_cannot_go_on_every_story_learns_why() -> None:
    watch = Watch()
    watch.stops_at = NOON + timedelta(hours=3)
    shared, seen = SharedClock(watch), list[tuple[str, int]]()
    ends = await asyncio.gather(lives(shared, "a", [1, 7], seen), lives(shared, "b", [3], seen), return_exceptions=True)
    assert [str(end) for end in ends] == ["the clock stands still"] * 2
    assert seen == [("a", 1)]


async def test_what_an_earlier_season_has_drawn_is_drawn_anew() -> None:
    answers = {"first": (409, "taken"), "second": (409, "taken"), "third": (201, "")}

    async def answer(request: httpx.Request) -> httpx.Response:
        status, code = answers[request.read().decode().split('"')[3]]
        return httpx.Response(status, json={"code": code})

    async def mint(_: object) -> str:
        return "token"

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://any") as voucher:
        client = ApiClient({"voucher": voucher}, mint, clock=None)  # type: ignore[arg-type]  # no time passes here

        async def draw(*names: str) -> str:
            drawn, _ = await first_accepted(client, PORTAL, "voucher", "/any", iter(names), lambda name: {"name": name})
            return drawn

        assert await draw("first", "second", "third") == "third"
        with pytest.raises(DemoFailed, match="409 taken"):
            await draw("first", "second")
        answers["second"] = (422, "invalid")
        with pytest.raises(DemoFailed, match="422 invalid"):
            await draw("first", "second", "third")
