"""What the demonstration promises without a system: whom it casts, and when it says that it failed."""

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import httpx
import pytest

from deploy.local.demo.cast import Casting, officer_citizen
from deploy.local.demo.client import ApiClient, DemoFailed
from deploy.local.demo.refusals import ATTEMPTS
from deploy.local.demo.report import STAGES, DemoResult, check
from deploy.local.demo.staff import PORTAL, first_accepted
from shared.kernel.citizen_id import canonical_citizen_id
from shared.kernel.credit_code import canonical_credit_code
from tests.local.places import PROJECT

TODAY = date(2026, 11, 23)
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
