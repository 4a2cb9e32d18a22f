"""What a role that speaks SQL, and not our commands, still cannot make of the bank's notifications of credits."""

import json
from typing import Any

import pytest

from deploy.local.bank import Bank
from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from tests.payout.attacks import NO_RIGHT, ROLES, refused
from tests.payout.bank_formats.credits import entry, notification, returned, transaction
from tests.payout.bank_reports.reports import confirm, in_file, reported, states, take_in, upload
from tests.payout.bank_reports.test_bank_report_attacks import JUDGE, version_of
from tests.payout.money_returns.test_money_returns import paid
from tests.payout.scenario import Scenario

RATE_FEN = 160_000
ADDED = """
WITH report AS (
    INSERT INTO bank_reports SELECT (jsonb_populate_record(bank_reports, jsonb_build_object(
        'id', CAST(:id AS uuid), 'status', 'uploaded', 'version', 1, 'digest', repeat('0', 64), 'confirmed_by', NULL,
        'count', 1))).*
    FROM bank_reports LIMIT 1 RETURNING id, version
), emitted AS (
    INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)
    SELECT 'payout.bank_report', id::text, version, 0, '{}' FROM report
)
INSERT INTO bank_report_rows SELECT (jsonb_populate_record(bank_report_rows,
    jsonb_build_object('report_id', report.id, 'number', 1, 'outcome', NULL, 'judged_at', NULL)
    || CAST(:changes AS jsonb) || jsonb_build_object('id', gen_random_uuid()))).*
FROM bank_report_rows, report WHERE bank_report_rows.number = :like LIMIT 1
"""
"""A second report whose only row is like a given one but for some changes."""


async def added(scenario: Scenario, role: str, like: int, **changes: Any) -> str | None:
    """What stops it."""
    return await refused(scenario, role, ADDED, id=uuid7(), like=like, changes=json.dumps(changes, default=str))


async def notified(scenario: Scenario) -> bytes:
    """The bank notifies what came back, first, and what came in, second."""
    payout = await paid(scenario)
    back = returned("R-1", RATE_FEN, named=payout.id.hex)
    return notification(entry(RATE_FEN + 5, back, transaction("I-1", 5))).encode()


@pytest.mark.parametrize("role", ROLES)
async def test_no_credit_counts_before_another_person_confirms_it_nor_without_what_it_gives(
    scenario: Scenario, role: str
) -> None:
    report = await upload(scenario, await notified(scenario))
    for outcome in ("applied", "known"):
        judged = await refused(scenario, role, JUDGE, outcome=outcome)
        assert judged == (NO_RIGHT if role == "api" else "ju_bank_report_rows")
    record = uuid7()
    await scenario.merge(record, scenario.cashier.person)
    alone = version_of(f"status = 'confirmed', confirmed_by = '{record}'")
    assert await refused(scenario, role, alone) == (NO_RIGHT if role == "worker" else "tw_bank_reports")
    await confirm(scenario, report.id)
    for number in (1, 2):
        for outcome in ("applied", "known"):
            judged = await refused(scenario, role, f"{JUDGE} WHERE number = {number}", outcome=outcome)
            assert judged == (NO_RIGHT if role == "api" else "ap_bank_report_rows")
    unmatched = await refused(scenario, role, f"{JUDGE} WHERE number = 2", outcome="unmatched")
    assert unmatched == (NO_RIGHT if role == "api" else "ck_bank_report_rows_matched")
    other_amount = (
        "WITH said AS (UPDATE bank_report_rows SET outcome = 'applied', judged_at = now() WHERE number = 2"
        " RETURNING reference, booked_on) INSERT INTO incoming_payments"
        " SELECT gen_random_uuid(), reference, 6, 0, booked_on, NULL, now() FROM said"
    )
    assert await refused(scenario, role, other_amount) == (NO_RIGHT if role == "api" else "ap_bank_report_rows")
    (payout,) = await scenario.sql("owner", "SELECT id FROM payouts")
    assert (await scenario.now_of(payout.id)).status is PayoutState.PAID


@pytest.mark.parametrize("role", ROLES)
async def test_what_was_notified_stays_and_its_reference_is_applied_once(scenario: Scenario, role: str) -> None:
    content = await notified(scenario)
    assert await take_in(scenario, content) == ["applied", "applied"]
    for change in ("kind = 'incoming'", "reference = 'X'", "booked_on = booked_on + 1", "amount_fen = 1"):
        changed = await refused(scenario, role, f"UPDATE bank_report_rows SET {change} WHERE number = 1")
        assert changed == (NO_RIGHT if role != "owner" else "im_bank_report_rows")
    again = await upload(scenario, content + b"\n")
    await confirm(scenario, again.id)
    for number, name in ((1, "uq_bank_report_rows_applied"), (2, "uq_bank_report_rows_credited")):
        statement = f"{JUDGE} WHERE report_id = '{again.id}' AND number = {number}"
        twice = await refused(scenario, role, statement, outcome="applied")
        assert twice == (NO_RIGHT if role == "api" else name)
    assert await refused(scenario, role, "DELETE FROM bank_report_rows") == (
        NO_RIGHT if role != "owner" else "ao_bank_report_rows"
    )


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_a_row_is_of_one_kind_and_of_its_reports_sort(scenario: Scenario, role: str) -> None:
    await upload(scenario, await notified(scenario))
    columns = "ck_bank_report_rows_columns"
    for changes in (
        {"kind": "other"}, {"kind": "answer"}, {"answer": "paid"}, {"reference": None}, {"booked_on": None},
        {"reason": None}, {"amount_fen": None}, {"number_index": "\\x00"}, {"file_id": uuid7()},
    ):  # fmt: skip
        assert await added(scenario, role, 1, **changes) == columns
    for changes in ({"named_id": uuid7()}, {"reason": "ac04"}, {"reference": None}, {"answer": "paid"}):
        assert await added(scenario, role, 2, **changes) == columns
    assert await added(scenario, role, 1, reference="王小明") == "ck_bank_report_rows_reference"
    assert await added(scenario, role, 1, instruction_id=uuid7()) == "fk_bank_report_rows_instruction_id"
    of_a_file = {"kind": "answer", "answer": "paid", "file_id": uuid7(), "reference": None, "booked_on": None}
    assert await added(scenario, role, 2, **of_a_file) == "fk_bank_report_rows_report"
    nowhere = await added(scenario, role, 2, report_id=uuid7())
    assert nowhere == "fk_bank_report_rows_report_id"


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_no_credit_stands_in_a_report_about_a_file(scenario: Scenario, counter: Bank, role: str) -> None:
    await in_file(scenario, 1)
    await upload(scenario, await reported(scenario, counter))
    credit = {"kind": "incoming", "reference": "I-1", "booked_on": "2033-03-16"}
    nothing_else = dict.fromkeys(("file_id", "answer", "number_index", "named_id", "instruction_id", "reason"))
    assert await added(scenario, role, 1, **credit, **nothing_else) == "wh_bank_report_rows"


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_a_held_credit_is_set_aside_by_two_natural_persons(scenario: Scenario, role: str) -> None:
    content = (await notified(scenario)).replace(b"1600.05", b"1599.05").replace(b"1600.00", b"1599.00")
    assert await take_in(scenario, content) == ["mismatched", "applied"]
    propose = "UPDATE bank_report_rows SET proposed_by = :person WHERE outcome = 'mismatched'"
    await scenario.sql(role, propose, person=scenario.cashier.person_id)
    done = "UPDATE bank_report_rows SET dismissed_by = :person, dismissed_at = now() WHERE outcome = 'mismatched'"
    same = await refused(scenario, role, done, person=scenario.cashier.person_id)
    assert same in {"tw_bank_report_rows", "ck_bank_report_rows_distinct_persons"}
    await scenario.sql(role, done, person=scenario.releaser.person_id)
    aside = "UPDATE bank_report_rows SET proposed_by = :person WHERE kind = 'incoming'"
    assert await refused(scenario, role, aside, person=scenario.cashier.person_id) == "ck_bank_report_rows_held"
    (payout,) = await scenario.sql("owner", "SELECT id FROM payouts")
    assert await states(scenario, [await scenario.now_of(payout.id)]) == [PayoutState.PAID]
