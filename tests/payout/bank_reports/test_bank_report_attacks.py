"""What a role that speaks SQL, and not our commands, still cannot make of the bank's answers to files."""

import pytest

from deploy.local.bank import Bank
from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from tests.payout.attacks import NO_RIGHT, ROLES, move, refused
from tests.payout.bank_reports.reports import confirm, in_file, reported, states, take_in, upload
from tests.payout.scenario import Scenario

ANSWER = "UPDATE deliveries SET outcome = 'paid', answered_at = now()"
JUDGE = "UPDATE bank_report_rows SET outcome = :outcome, judged_at = now()"
ROW = (
    "INSERT INTO bank_report_rows SELECT (jsonb_populate_record(bank_report_rows,"
    " CAST(:changes AS jsonb) || jsonb_build_object('id', CAST(:id AS uuid)))).* FROM bank_report_rows LIMIT 1"
)


def version_of(step: str) -> str:
    """A step of a report with its event."""
    return (
        f"WITH moved AS (UPDATE bank_reports SET version = version + 1, {step} RETURNING id, version)"
        " INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
        " SELECT 'payout.bank_report', id::text, version, 0, '{}' FROM moved"
    )


@pytest.mark.parametrize("role", ROLES)
async def test_nothing_of_a_report_has_an_effect_before_another_person_confirms_it(
    scenario: Scenario, counter: Bank, role: str
) -> None:
    (payout,) = await in_file(scenario, 1)
    report = await upload(scenario, await reported(scenario, counter))
    assert await refused(scenario, role, ANSWER) == (NO_RIGHT if role == "api" else "re_deliveries")
    assert await move(scenario, role, payout.id, "paid") in {NO_RIGHT, "dl_payouts", "mn_payouts", "ev_payouts"}
    judged = await refused(scenario, role, JUDGE, outcome="applied")
    assert judged == (NO_RIGHT if role == "api" else "ju_bank_report_rows")
    alone = version_of("status = 'confirmed', confirmed_by = uploaded_by")
    stops = {NO_RIGHT} if role == "worker" else {"tw_bank_reports", "ck_bank_reports_distinct_persons"}
    assert await refused(scenario, role, alone) in stops
    other_record = uuid7()
    await scenario.merge(other_record, scenario.cashier.person)
    by_record = version_of(f"status = 'confirmed', confirmed_by = '{other_record}'")
    assert await refused(scenario, role, by_record) == (NO_RIGHT if role == "worker" else "tw_bank_reports")
    at_once = version_of("status = 'applied'")
    assert await refused(scenario, role, at_once) in {NO_RIGHT, "lc_bank_reports", "al_bank_reports"}
    await confirm(scenario, report.id)
    assert await refused(scenario, role, at_once) == (NO_RIGHT if role == "api" else "al_bank_reports")
    assert await refused(scenario, role, ANSWER) == (NO_RIGHT if role == "api" else "re_deliveries")
    judged = await refused(scenario, role, JUDGE, outcome="applied")
    assert judged == (NO_RIGHT if role == "api" else "ap_bank_report_rows")
    assert await states(scenario, [payout]) == [PayoutState.SENT]


@pytest.mark.parametrize("role", ["worker", "owner"])
async def test_a_row_of_another_amount_or_account_answers_nothing(scenario: Scenario, counter: Bank, role: str) -> None:
    await in_file(scenario, 1)
    content = await reported(scenario, counter)
    for other in (content.replace(b">1600.00<", b">1600.01<"), content.replace(b"0000001<", b"0000002<")):
        report = await upload(scenario, other)
        await confirm(scenario, report.id)
        both = (
            "WITH said AS (UPDATE bank_report_rows SET outcome = 'applied', judged_at = now()"
            f" WHERE report_id = '{report.id}' RETURNING id) {ANSWER} WHERE EXISTS (SELECT FROM said)"
        )
        assert await refused(scenario, role, both) == "re_deliveries"


@pytest.mark.parametrize("role", ROLES)
async def test_what_the_bank_said_stays_and_nothing_is_added_to_it(
    scenario: Scenario, counter: Bank, role: str
) -> None:
    await in_file(scenario, 2)
    content = await reported(scenario, counter)
    assert await take_in(scenario, content) == ["applied", "applied"]
    for change in ("answer = 'failed'", "amount_fen = 1", "number_index = NULL", "instruction_id = NULL"):
        changed = await refused(scenario, role, f"UPDATE bank_report_rows SET {change}")
        assert changed == (NO_RIGHT if role != "owner" else "im_bank_report_rows")
    again = await refused(scenario, role, JUDGE, outcome="contradictory")
    assert again == (NO_RIGHT if role == "api" else "ju_bank_report_rows")
    added = await refused(scenario, role, ROW, id=uuid7(), changes='{"number": 3, "outcome": null, "judged_at": null}')
    assert added == (NO_RIGHT if role == "worker" else "wh_bank_report_rows")
    for table in ("bank_reports", "bank_report_rows"):
        assert await refused(scenario, role, f"DELETE FROM {table}") == (NO_RIGHT if role != "owner" else f"ao_{table}")
    aside = "UPDATE bank_report_rows SET proposed_by = :person"
    stopped = await refused(scenario, role, aside, person=scenario.cashier.person_id)
    assert stopped == (NO_RIGHT if role == "worker" else "ck_bank_report_rows_held")
    empty = (
        "WITH added AS (INSERT INTO bank_reports SELECT (jsonb_populate_record(bank_reports, jsonb_build_object("
        "'id', CAST(:id AS uuid), 'status', 'uploaded', 'version', 1, 'digest', repeat('0', 64),"
        " 'confirmed_by', NULL))).* FROM bank_reports LIMIT 1 RETURNING id, version)"
        " INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
        " SELECT 'payout.bank_report', id::text, version, 0, '{}' FROM added"
    )
    stopped = await refused(scenario, role, empty, id=uuid7())
    assert stopped == (NO_RIGHT if role == "worker" else "fi_bank_reports")


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_a_held_row_is_set_aside_by_two_natural_persons(scenario: Scenario, counter: Bank, role: str) -> None:
    await in_file(scenario, 1)
    content = (await reported(scenario, counter)).replace(b">1600.00<", b">1.00<")
    assert await take_in(scenario, content) == ["mismatched"]
    record = uuid7()
    await scenario.merge(record, scenario.cashier.person)
    propose = "UPDATE bank_report_rows SET proposed_by = :person"
    both = f"{propose}, dismissed_by = :other, dismissed_at = now()"
    person, other = scenario.cashier.person_id, scenario.releaser.person_id
    assert await refused(scenario, role, both, person=person, other=other) == "tw_bank_report_rows"
    await scenario.sql(role, propose, person=person)
    assert await refused(scenario, role, propose, person=other) == "tw_bank_report_rows"
    done = "UPDATE bank_report_rows SET dismissed_by = :other, dismissed_at = now()"
    assert await refused(scenario, role, done, other=record) == "tw_bank_report_rows"
    same = await refused(scenario, role, done, other=person)
    assert same in {"tw_bank_report_rows", "ck_bank_report_rows_distinct_persons"}
    await scenario.sql(role, done, other=other)
    assert await refused(scenario, role, done, other=scenario.second.person_id) == "tw_bank_report_rows"


@pytest.mark.parametrize("role", ["api", "owner"])
async def test_no_row_is_about_an_instruction_of_another_file(scenario: Scenario, counter: Bank, role: str) -> None:
    (payout,) = await in_file(scenario, 1)
    content = (await reported(scenario, counter)).replace(payout.id.hex.encode(), uuid7().hex.encode())
    report = await upload(scenario, content)
    assert (report.count, report.file_id != payout.id) == (1, True)
    foreign = (
        "WITH report AS (INSERT INTO bank_reports SELECT (jsonb_populate_record(bank_reports, jsonb_build_object("
        "'id', CAST(:id AS uuid), 'digest', repeat('0', 64)))).* FROM bank_reports RETURNING id, file_id, version),"
        " emitted AS (INSERT INTO outbox (aggregate_type, aggregate_id, version, partition, envelope)"
        " SELECT 'payout.bank_report', id::text, version, 0, '{}' FROM report)"
        " INSERT INTO bank_report_rows (id, report_id, number, file_id, instruction_id, answer)"
        " SELECT gen_random_uuid(), id, 1, file_id, CAST(:other AS uuid), 'paid' FROM report"
    )
    assert await refused(scenario, role, foreign, id=uuid7(), other=uuid7()) == "fk_bank_report_rows_item"
