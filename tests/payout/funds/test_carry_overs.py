"""All funds of a year are carried over by two officers in one act (R24): set-based, each fund judged by itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from services.payout.funds.domain import FundState
from services.payout.funds.service import propose_ending, propose_reduction
from shared.reference.areas import AREAS
from shared.security import Principal, Role
from tests.api_client import ApiClient, done
from tests.payout.funds.test_funds import RATE_FEN, ledger_agrees
from tests.payout.scenario import FUND_SOURCE, YEAR, Case, Scenario, officer

PROPOSE, APPROVE = "/v1/fund-carry-overs", "/v1/fund-carry-over-approvals"
NEW_YEAR = datetime(YEAR + 1, 1, 4, 2, tzinfo=UTC)
SOURCES = (FUND_SOURCE, "finance", "local_talent", "industry_development")


async def act(client: ApiClient, caller: Principal, path: str, ids: Sequence[UUID]) -> list[str]:
    """A list carried over; what became of each row: its status and what waits, or the refusal's code."""
    answer = done(await client.post(caller, path, {"rows": [{"fund_id": str(fund_id)} for fund_id in ids]}))
    return [
        row["error"]["code"] if "error" in row else f"{row['result']['status']}/{row['result']['proposed_status']}"
        for row in answer["results"]
    ]


@contextmanager
def counted(scenario: Scenario, statements: list[str]) -> Iterator[None]:
    """Every statement that the API's process says to the database."""
    engine = scenario.database.api.engine.sync_engine

    def remember(_: Any, __: Any, said: str, *___: Any) -> None:
        statements.append(said)

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", remember)


async def test_a_years_funds_are_carried_over_in_one_act_of_two(scenario: Scenario, client: ApiClient) -> None:
    city = await scenario.begin()
    area = await scenario.fund(area="410402", budget_fen=RATE_FEN * 2)
    await scenario.open(Case())
    await scenario.run_timers()
    await scenario.database.set_business_time(NEW_YEAR)
    listed = done(await client.get(scenario.cashier, "/v1/funds", year=YEAR, status="open"))["data"]
    assert {fund["id"] for fund in listed} == {str(city.id), str(area.id)}
    assert done(await client.get(scenario.cashier, "/v1/funds", year=YEAR + 1))["data"] == []
    ids = [city.id, area.id]
    assert await act(client, scenario.cashier, PROPOSE, ids) == ["open/carried_over"] * 2
    assert await act(client, scenario.cashier, APPROVE, ids) == ["fund_same_person"] * 2
    assert await act(client, scenario.releaser, APPROVE, ids) == ["carried_over/None"] * 2
    events = await scenario.events("fund.carried_over")
    assert {(said["id"], said["amount_fen"]) for said in events} == {
        (str(city.id), city.budget_fen), (str(area.id), RATE_FEN),
    }  # fmt: skip
    assert {(said["actor"]["person_id"]) for said in events} == {str(scenario.releaser.person)}
    rows = await scenario.sql("api", "SELECT budget_fen, reserved_fen, approved_fen FROM funds ORDER BY budget_fen")
    assert [tuple(row) for row in rows] == [(0, 0, 0), (RATE_FEN, RATE_FEN, RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_one_that_is_refused_takes_no_other_with_it(scenario: Scenario, client: ApiClient) -> None:
    good = await scenario.begin()
    of_the_new_year = await scenario.fund(year=YEAR + 1)
    pending, closing, foreign = [
        await scenario.fund(area=area, source="finance") for area in ("410402", "410403", "410481")
    ]
    await scenario.database.set_business_time(NEW_YEAR)
    async with scenario.database.api.unit_of_work(scenario.cashier.actor) as uow:
        await propose_reduction(uow, scenario.cashier, pending.id, 1)
        await propose_ending(uow, scenario.cashier, closing.id, FundState.CLOSED)
    ids = [of_the_new_year.id, pending.id, good.id, uuid4(), good.id, foreign.id]
    own = officer(Role.FINANCE, "410400")
    assert await act(client, own, PROPOSE, ids) == [
        "fund_year_not_over", "fund_proposal_pending", "open/carried_over", "fund_not_found", "fund_proposal_pending",
        "open/carried_over",
    ]  # fmt: skip
    narrow = officer(Role.FINANCE, "410402")
    assert await act(client, narrow, APPROVE, [good.id, foreign.id]) == ["fund_not_found"] * 2
    assert await act(client, scenario.releaser, APPROVE, [*ids, closing.id]) == [
        "fund_proposal_missing", "fund_proposal_pending", "carried_over/None", "fund_not_found",
        "fund_proposal_missing", "carried_over/None", "fund_proposal_pending",
    ]  # fmt: skip
    assert await act(client, own, PROPOSE, [good.id]) == ["wrong_state"]
    assert await ledger_agrees(scenario)


async def test_a_hundred_funds_take_as_many_statements_as_two(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    funds = [
        await scenario.fund(area=area, source=source, year=year)
        for year, source, area in product((YEAR, YEAR + 1), SOURCES, sorted(AREAS))
        if (year, source, area) != (YEAR, FUND_SOURCE, "410400")
    ]
    assert len(funds) > 100
    await scenario.database.set_business_time(NEW_YEAR.replace(year=YEAR + 2))
    two, many = [fund.id for fund in funds[:2]], [fund.id for fund in funds[2:]]
    for caller, path, became in (
        (scenario.cashier, PROPOSE, "open/carried_over"),
        (scenario.releaser, APPROVE, "carried_over/None"),
    ):
        said: list[list[str]] = [[], []]
        for place, ids in enumerate((two, many)):
            with counted(scenario, said[place]):
                assert await act(client, caller, path, ids) == [became] * len(ids)
        assert len(said[1]) == len(said[0])
    assert await ledger_agrees(scenario)
