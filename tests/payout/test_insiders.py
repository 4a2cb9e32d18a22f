"""Somebody inside who has the API's role or the worker's, and speaks SQL: no step of their own invention is a step.

Each attack brings everything else that the step needs, so that the named rule alone stops it.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.payouts.service import place_hold
from shared.kernel.ids import uuid7
from shared.reference.calendar import is_working_day, working_days_after
from tests.payout.attacks import NO_RIGHT, refused, step_refused, whole_step
from tests.payout.scenario import Scenario
from tests.payout.steps import advance
from tests.registered import BYSTANDER

REVIEW = "UPDATE payouts SET status = 'reviewed', version = version + 1, reviewed_by = :officer"
PUBLISH = (
    "UPDATE payouts SET status = 'published', version = payouts.version + 1, published_at = {}, notice_ends_at = {}"
    ' FROM (SELECT clock_timestamp() + "offset" AS at FROM business_clock) AS now'
)
FULL = "now.at + interval '10 days'"


async def at(scenario: Scenario, state: PayoutState) -> PayoutFacts:
    """A payout that came to `state` as it should."""
    await scenario.begin()
    (payout,) = await advance(scenario, state, await scenario.open())
    return payout


async def test_a_notice_lasts_what_the_calendar_says(scenario: Scenario) -> None:
    """Not a minute, not to the hour of the fifth working day, not from a publication in the past."""
    await at(scenario, PayoutState.APPROVED)
    by = {"action": "publish", "person": scenario.approver.person}
    for begins, ends in (
        ("now.at", "now.at + interval '1 minute'"),
        ("now.at", "now.at + interval '7 days'"),
        ("now.at - interval '8 days'", "now.at + interval '1 minute'"),
        ("now.at", "NULL"),
    ):
        stopped = await step_refused(scenario, "api", PUBLISH.format(begins, ends), **by)
        assert stopped in ("no_payouts", "ck_payouts_published")
    await scenario.sql("owner", "DELETE FROM dated_rules WHERE name = 'notice_working_days'")
    assert await step_refused(scenario, "api", PUBLISH.format("now.at", FULL), **by) == "no_payouts"


async def test_nothing_is_cleared_while_its_notice_lasts(scenario: Scenario) -> None:
    await at(scenario, PayoutState.PUBLISHED)
    clear = "UPDATE payouts SET status = 'cleared', version = version + 1"
    assert await step_refused(scenario, "worker", clear) == "no_payouts"
    shorter = "UPDATE payouts SET notice_ends_at = published_at + interval '1 second'"
    assert await refused(scenario, "api", shorter) in ("st_payouts", "fk_payouts_notice")


async def test_no_step_without_its_decision_by_the_same_person(scenario: Scenario) -> None:
    await at(scenario, PayoutState.CHECKED)
    officer, other = scenario.reviewer.person, scenario.approver.person
    assert await step_refused(scenario, "api", REVIEW, officer=officer) == "de_payouts"
    for action, person in (("approve", officer), ("review", other)):
        stopped = await step_refused(scenario, "api", REVIEW, action=action, person=person, officer=officer)
        assert stopped == "de_payouts"
    reject = "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x'"
    assert await step_refused(scenario, "api", reject) == "de_payouts"
    nothing = "UPDATE payouts SET version = version + 1"
    assert await step_refused(scenario, "api", nothing) == "de_payouts"


async def test_no_decision_without_its_step(scenario: Scenario) -> None:
    """Neither ahead of the step, nor behind it, nor about a step that the worker took."""
    payout = await at(scenario, PayoutState.CHECKED)
    decide_by_sql = "INSERT INTO payout_decisions VALUES (:id, :version, 'review', 'x', :person, now())"
    for version in (payout.version - 1, payout.version, payout.version + 1):
        written = {"id": payout.id, "version": version, "person": scenario.reviewer.person}
        assert await refused(scenario, "api", decide_by_sql, **written) == "de_payout_decisions"


async def test_no_step_without_its_event(scenario: Scenario) -> None:
    """Whatever has a life cycle; and an event that was written before does not count."""
    payout = await at(scenario, PayoutState.BATCHED)
    publish = {"action": "reject", "person": scenario.reviewer.person, "event": False}
    reject = "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x'"
    await scenario.sql("owner", "DROP TRIGGER money ON payouts")
    assert await step_refused(scenario, "api", reject, **publish) == "ev_payouts"
    ahead = "INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
    ahead += " VALUES ('payout.payout', :id, :version, 0, '{}')"
    await scenario.sql("api", ahead, id=str(payout.id), version=payout.version + 1)
    assert await step_refused(scenario, "api", reject, **publish) == "ev_payouts"
    for table, change in (
        ("funds", ""),
        ("accounts", ", status = 'retired'"),
        ("payment_batches", f", status = 'released', released_by = '{BYSTANDER}'"),
    ):
        statement = f"UPDATE {table} SET version = version + 1 {change}"  # our own constants
        assert await refused(scenario, "api", statement) == f"ev_{table}"


async def test_the_relay_never_takes_an_event_before_it_was_looked_for(scenario: Scenario) -> None:
    """The event is written and the check waits for the commit: the relay's role sees nothing to take away."""
    payout = await at(scenario, PayoutState.CHECKED)
    take = "DELETE FROM outbox RETURNING id"
    assert len(await scenario.sql("worker", take)) > 0
    step, values = whole_step(
        REVIEW, action="review", person=scenario.reviewer.person, officer=scenario.reviewer.person
    )
    async with scenario.database.api.engine.begin() as connection:
        await connection.execute(text(step), values)
        assert await scenario.sql("worker", take) == []
    assert (await scenario.now_of(payout)).status is PayoutState.REVIEWED
    assert len(await scenario.sql("worker", take)) == 1


async def test_a_step_writes_its_own_columns_and_what_is_new_names_nothing_of_later(scenario: Scenario) -> None:
    payout = await at(scenario, PayoutState.CHECKED)
    by = {"action": "review", "person": scenario.reviewer.person, "officer": scenario.reviewer.person}
    for more in (f"batched_by = '{BYSTANDER}'", "notice_ends_at = now()", "code = 'x'", "attempt = 7"):
        assert await step_refused(scenario, "api", f"{REVIEW}, {more}", **by) == "st_payouts"
    alone = f"UPDATE payouts SET approved_by = '{BYSTANDER}', version = version + 1"
    assert await step_refused(scenario, "api", alone) == "st_payouts"
    another = (
        "INSERT INTO accounts SELECT (jsonb_populate_record(accounts, jsonb_build_object('id', gen_random_uuid(),"
        " 'status', 'proposed', 'version', 1, 'revision', 9))).* FROM accounts"
    )
    assert await refused(scenario, "api", another) == "st_accounts"
    assert payout.status is PayoutState.CHECKED


async def test_a_hold_is_lifted_with_its_decision_and_by_whom_it_concerns(scenario: Scenario) -> None:
    payout = await at(scenario, PayoutState.CHECKED)
    async with scenario.database.api.unit_of_work(scenario.second.actor) as uow:
        await place_hold(uow, scenario.second, payout.id, "objection")
    lift = (
        "WITH moved AS (UPDATE payouts SET open_holds = 0, version = version + 1 RETURNING id, version), lifted AS"
        " (UPDATE payout_holds SET lifted_at = placed_at, lifted_by = :by), decided AS (INSERT INTO payout_decisions"
        " SELECT id, version, 'lift_hold', 'x', :who, now() FROM moved) INSERT INTO outbox (aggregate_type,"
        " aggregate_id, version, partition, envelope) SELECT 'payout.payout', id::text, version, 0, '{}' FROM moved"
    )
    officer, other = scenario.reviewer.person, scenario.approver.person
    assert await refused(scenario, "api", lift, by=None, who=officer) == "de_payout_holds"
    assert await refused(scenario, "api", lift, by=officer, who=other) == "de_payout_holds"
    lifted = "UPDATE payout_holds SET lifted_at = placed_at"
    assert await refused(scenario, "worker", lifted) == NO_RIGHT
    for count in ("open_holds = 0", "open_holds = 0, version = version + 1"):
        alone = f"WITH lifted AS ({lifted}) UPDATE payouts SET {count}"  # our own constants
        assert await refused(scenario, "api", alone) in ("st_payouts", "de_payouts")


async def test_nobody_is_an_officer_who_is_not_registered(scenario: Scenario) -> None:
    """Not on a step, not in its decision, not on a hold, an account or a batch."""
    await at(scenario, PayoutState.BATCHED)
    stranger = {"person": uuid7()}
    columns = ("reviewed_by", "approved_by", "second_approved_by", "batched_by", "released_by")
    for table, names in (
        ("payouts", columns),
        ("accounts", ("endorsed_by", "confirmed_by")),
        ("payment_batches", ("released_by",)),
    ):
        for name in names:
            statement = f"UPDATE {table} SET {name} = :person"  # our own constants
            assert await refused(scenario, "api", statement, **stranger) == f"fk_{table}_{name}"
    place = "INSERT INTO payout_holds SELECT gen_random_uuid(), id, 'officer', 'x', 'x', :person, now() FROM payouts"
    assert await refused(scenario, "api", place, **stranger) == "fk_payout_holds_placed_by"
    decided = "INSERT INTO payout_decisions SELECT id, version + 1, 'hold', 'x', :person, now() FROM payouts"
    assert await refused(scenario, "api", decided, **stranger) == "fk_payout_decisions_person_id"


async def test_the_worker_takes_no_persons_step(scenario: Scenario) -> None:
    await at(scenario, PayoutState.CHECKED)
    assert await step_refused(scenario, "worker", REVIEW, officer=uuid7()) == NO_RIGHT
    decided = "INSERT INTO payout_decisions SELECT id, version, 'review', 'x', :person, now() FROM payouts"
    assert await refused(scenario, "worker", decided, person=uuid7()) == NO_RIGHT


async def test_money_goes_by_the_instruction_and_the_banks_answer(scenario: Scenario) -> None:
    (sent,) = [await at(scenario, PayoutState.SENT)]
    await scenario.sql("owner", "DROP TRIGGER money ON payouts")
    for status in ("paid", "failed"):
        step = f"UPDATE payouts SET status = '{status}', version = version + 1"  # our own constants
        assert await step_refused(scenario, "worker", step) == "dl_payouts"
        answer = "WITH answered AS (UPDATE deliveries SET outcome = :outcome, answered_at = now()) " + step
        other = "failed" if status == "paid" else "paid"
        assert await refused(scenario, "worker", answer, outcome=other) in ("dl_payouts", "ev_payouts")
    assert sent.attempt == 1


async def test_nothing_is_sent_without_an_instruction_under_way(scenario: Scenario) -> None:
    payout = await at(scenario, PayoutState.BATCHED)
    (batch,) = await scenario.sql("owner", "SELECT id FROM payment_batches")
    send = "UPDATE payouts SET status = 'sent', version = version + 1"
    assert await step_refused(scenario, "worker", send) == "ck_payouts_released"
    name = "UPDATE payouts SET released_by = :person WHERE id = :id"
    await scenario.force("payouts", name, person=BYSTANDER, id=payout.id)
    assert await step_refused(scenario, "worker", send) == "dl_payouts"
    assert batch.id != payout.id


async def test_an_instruction_is_pinned_by_the_approval_alone(scenario: Scenario) -> None:
    payout = await at(scenario, PayoutState.APPROVED)
    pin = (
        "INSERT INTO instructions SELECT gen_random_uuid(), payout_id, attempt + 1, account_id, payee_kind, payee_id,"
        " amount_fen, now() FROM instructions WHERE payout_id = :id"
    )
    assert await refused(scenario, "api", pin, id=payout.id) == "ap_instructions"


async def test_the_databases_calendar_is_the_services_own(scenario: Scenario) -> None:
    """A year whose notice comes out is a new edition of `shared.reference` and a migration of this table."""
    days = [date(2021, 1, 1) + timedelta(days=ahead) for ahead in range((date(2100, 1, 1) - date(2021, 1, 1)).days)]
    kept = {row.day: row.works for row in await scenario.sql("api", "SELECT day, works FROM calendar_exceptions")}
    assert {day: is_working_day(day) for day in days if is_working_day(day) is not (day.weekday() < 5)} == kept
    ends = await scenario.sql(
        "api",
        "SELECT day, (end_of_working_days(day, count) AT TIME ZONE 'Asia/Shanghai')::date - 1 AS last, count"
        " FROM (SELECT day::date, 1 + row_number() OVER () % 12 AS count"
        " FROM generate_series(date '2024-01-01', date '2036-12-31', interval '1 day') AS day) AS asked",
    )
    assert len(ends) == (date(2037, 1, 1) - date(2024, 1, 1)).days
    assert [row for row in ends if row.last != working_days_after(row.day, row.count)] == []


@pytest.mark.parametrize("table", ["payouts", "accounts", "payment_batches"])
async def test_who_answers_for_a_step_is_never_replaced(scenario: Scenario, table: str) -> None:
    await at(scenario, PayoutState.BATCHED)
    column = {"payouts": "reviewed_by", "accounts": "confirmed_by", "payment_batches": "released_by"}[table]
    statement = f"UPDATE {table} SET {column} = '{BYSTANDER}'"  # our own constants
    assert await refused(scenario, "api", statement) == f"st_{table}"
