"""Funds and the ledger: never over budget, in order of opening, balanced, whatever happens at once."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from services.payout.claims.service import check_payouts
from services.payout.funds.domain import Fund, FundExhausted, FundExists, FundNotFound, FundSourceWithoutRule
from services.payout.funds.queries import find_funds
from services.payout.funds.service import open_fund, raise_fund
from services.payout.payouts.domain import PayoutState
from services.payout.reviews.service import reject_payouts
from shared.persistence import refusal_of
from shared.security import Role
from tests.payout.city import FUND_SOURCE, YEAR, Case, City, accepted, officer

RATE_FEN = 160_000


async def figures(city: City) -> list[tuple[int, int, int]]:
    """Budget, reserved and spent of every fund, fen."""
    rows = await city.sql("owner", "SELECT budget_fen, reserved_fen, spent_fen FROM funds ORDER BY id")
    return [tuple(row) for row in rows]


async def ledger_agrees(city: City) -> bool:
    """Whether the postings sum to zero and say what the funds say."""
    rows = await city.sql(
        "owner",
        """
        SELECT sum(amount_fen) = 0
            AND -sum(amount_fen) FILTER (WHERE account = 'appropriation') = max(budget_fen)
            AND coalesce(sum(amount_fen) FILTER (WHERE account = 'reserved'), 0) = max(reserved_fen)
            AND coalesce(sum(amount_fen) FILTER (WHERE account = 'spent'), 0) = max(spent_fen) AS agrees
        FROM ledger_postings JOIN funds ON funds.id = fund_id GROUP BY fund_id
        """,
    )
    return all(row.agrees for row in rows)


async def status_of(city: City, *cases: Case) -> list[PayoutState]:
    """Where the payouts of cases stand."""
    return [(await city.payout_of(case)).status for case in cases]


async def test_shortage_leaves_payouts_opened_in_order_and_a_raise_lets_them_go_on(city: City) -> None:
    fund = await city.begin(budget_fen=RATE_FEN * 2 + 10_000)
    cases = [Case() for _ in range(4)]
    small = replace(Case(), level=0, kind="special_operation", act="review", skill_code="TZ-01")
    for case in cases[:3]:
        await city.open(case)
    await city.open(small)
    await city.tick()
    opened, checked = PayoutState.OPENED, PayoutState.CHECKED
    assert await status_of(city, *cases[:3], small) == [checked, checked, opened, opened]
    async with city.database.api.unit_of_work() as uow:
        raised = await raise_fund(uow, city.cashier, fund.id, RATE_FEN)
    assert raised.version == 2
    await city.tick()
    assert await status_of(city, cases[2], small) == [checked, opened]
    assert await figures(city) == [(RATE_FEN * 3 + 10_000, RATE_FEN * 3, 0)]
    assert await ledger_agrees(city)


async def test_an_area_with_a_fund_waits_for_its_own_money_and_others_draw_on_the_city(city: City) -> None:
    city_fund = await city.begin()
    area_fund = await city.fund(area="410402", budget_fen=RATE_FEN)
    own, waits, elsewhere = Case(), Case(), replace(Case(), area="410481")
    for case in (own, waits, elsewhere):
        await city.open(case)
    await city.tick()
    assert await status_of(city, own, waits, elsewhere) == ["checked", "opened", "checked"]
    assert (await city.payout_of(own)).fund_id == area_fund.id
    assert (await city.payout_of(elsewhere)).fund_id == city_fund.id


async def test_a_shortage_in_one_fund_does_not_hide_the_others(city: City) -> None:
    await city.begin(budget_fen=1)
    await city.fund(source="finance", budget_fen=RATE_FEN)
    for _ in range(5):
        await city.open()
    late = replace(Case(), fund_source="finance")
    await city.open(late)
    async with city.database.worker.unit_of_work() as uow:
        assert await check_payouts(uow, 2) == 1
    assert await status_of(city, late) == ["checked"]


async def test_reservations_from_several_connections_never_exceed_the_budget(city: City) -> None:
    await city.begin(budget_fen=RATE_FEN * 3)
    cases = [Case() for _ in range(8)]
    for case in cases:
        await city.open(case)

    async def check() -> None:
        async with city.database.worker.unit_of_work() as uow:
            await check_payouts(uow, 1_000)

    await asyncio.gather(*(check() for _ in range(6)))
    assert (await status_of(city, *cases)).count(PayoutState.CHECKED) == 3
    assert await figures(city) == [(RATE_FEN * 3, RATE_FEN * 3, 0)]
    assert await ledger_agrees(city)


async def test_a_rejection_frees_its_reservation_for_the_next_in_line(city: City) -> None:
    await city.begin(budget_fen=RATE_FEN)
    first, second = Case(), Case()
    payout = await city.open(first)
    await city.open(second)
    await city.tick()
    async with city.database.api.unit_of_work() as uow:
        accepted(await reject_payouts(uow, city.reviewer, [(payout.id, "false_roster")]))
    assert await figures(city) == [(RATE_FEN, 0, 0)]
    await city.tick()
    assert await status_of(city, first, second) == ["rejected", "checked"]
    assert await ledger_agrees(city)
    (told,) = await city.events("payout.rejected")
    assert told["code"] == "false_roster"


async def open_one(city: City, *, area: str = "410402", source: str = FUND_SOURCE, areas: tuple[str, ...] = ()) -> Fund:
    """Finance of some areas opens a fund."""
    async with city.database.api.unit_of_work() as uow:
        caller = officer(Role.FINANCE, *areas)
        return await open_fund(uow, caller, fund_source=source, area=area, year=YEAR, budget_fen=100)


async def test_what_finance_may_not_open(city: City) -> None:
    await city.begin()
    with pytest.raises(FundNotFound):
        await open_one(city, areas=("410403",))
    with pytest.raises(FundSourceWithoutRule):
        await open_one(city, source="lottery")
    fund = await open_one(city, areas=("410402",))
    with pytest.raises(FundNotFound):
        async with city.database.api.unit_of_work() as uow:
            await raise_fund(uow, officer(Role.FINANCE, "410403"), fund.id, 1)
    with pytest.raises(FundExhausted):
        async with city.database.api.unit_of_work() as uow:
            await raise_fund(uow, city.cashier, fund.id, 10**15)
    async with city.database.api.unit_of_work() as uow:
        foreign = await find_funds(uow, officer(Role.FINANCE, "410403"), after=None, limit=10)
        own = await find_funds(uow, officer(Role.FINANCE, "410402"), after=None, limit=10)
    assert (foreign, own) == ([], [fund])


async def test_one_fund_for_each_source_area_and_year(city: City) -> None:
    await city.begin()
    with pytest.raises(IntegrityError) as caught:
        await open_one(city, area="410400")
    assert isinstance(refusal_of(caught.value), FundExists)
