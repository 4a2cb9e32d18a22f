"""The rate table changed by two officers: from a day on, never overlapping, and the past as it was decided (R22)."""

from datetime import date
from typing import Any

from services.payout.payouts.domain import PayoutState
from services.payout.rates.queries import rate_table
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import NO_RIGHT, refused
from tests.payout.scenario import Case, Scenario, officer
from tests.registered import BYSTANDER

LEVEL_4: dict[str, Any] = {
    "programme": "training_voucher", "certificate_kind": "skill_level", "level": 4, "act": "first",
    "amount_fen": 170_000, "valid_from": "2033-03-01", "paid_to": "training_institution", "source": "test document",
}  # fmt: skip


async def test_a_correction_ends_the_old_row_the_day_before_and_lists_what_was_decided_otherwise(
    scenario: Scenario, client: ApiClient
) -> None:
    await scenario.begin()
    before = await scenario.open(Case(assessed_on=date(2033, 2, 28)))
    decided = await scenario.open(Case())
    proposed = await client.post(scenario.approver, "/v1/rate-changes", {**LEVEL_4, "rate_id": 13})
    path = proposed.headers["Location"]
    assert code_of(await client.post(scenario.approver, f"{path}/approvals")) == "rate_change_same_person"
    assert (await scenario.open(Case())).amount_fen == 160_000, "proposed is not in force"
    assert (await client.post(scenario.second, f"{path}/approvals")).json()["status"] == "approved"
    assert code_of(await client.post(scenario.second, f"{path}/approvals")) == "wrong_state"
    assert (await scenario.open(Case())).amount_fen == 170_000
    assert (await scenario.open(Case(assessed_on=date(2033, 2, 28)))).amount_fen == 160_000
    assert (await scenario.now_of(decided)).amount_fen == 160_000, "what was decided stays"
    differ = (await client.get(scenario.approver, path)).json()["differences"]
    assert str(decided.id) in [row["payout_id"] for row in differ]
    assert str(before.id) not in [row["payout_id"] for row in differ]
    assert {(row["paid_fen"], row["rate_fen"]) for row in differ} == {(160_000, 170_000)}
    assert [len(await scenario.events(f"rate.{name}")) for name in ("proposed", "approved")] == [1, 1]


async def test_an_added_row_never_overlaps_and_a_missing_rate_is_filled(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    overlapping = (await client.post(scenario.approver, "/v1/rate-changes", LEVEL_4)).headers["Location"]
    assert code_of(await client.post(scenario.second, f"{overlapping}/approvals")) == "rate_overlaps"
    assert (await client.post(scenario.approver, f"{overlapping}/rejections")).json()["status"] == "rejected"
    missing = Case(kind="special_equipment", level=0, act="review", skill_code="SE-N1")
    assert (await scenario.open(missing)).code == "rate_missing"
    added = {**LEVEL_4, "certificate_kind": "special_equipment", "level": 0, "act": "review", "amount_fen": 30_000}
    path = (await client.post(scenario.approver, "/v1/rate-changes", added)).headers["Location"]
    await client.post(scenario.second, f"{path}/approvals")
    again = Case(kind="special_equipment", level=0, act="review", skill_code="SE-N1")
    opened = await scenario.open(again)
    assert (opened.status, opened.amount_fen) == (PayoutState.OPENED, 30_000)


async def test_what_is_refused(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    path = "/v1/rate-changes"
    area = officer(Role.OFFICER, "410402")
    assert code_of(await client.post(area, path, LEVEL_4)) == "rate_city_officer_needed"
    assert code_of(await client.post(scenario.approver, path, {**LEVEL_4, "rate_id": 12})) == "rate_not_found"
    early = {**LEVEL_4, "rate_id": 13, "valid_from": "2022-03-31"}
    assert code_of(await client.post(scenario.approver, path, early)) == "rate_days_invalid"
    backwards = {**LEVEL_4, "valid_to": "2033-02-28"}
    assert code_of(await client.post(scenario.approver, path, backwards)) == "rate_days_invalid"


async def test_no_role_writes_the_table_nor_approves_alone(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    await client.post(scenario.approver, "/v1/rate-changes", {**LEVEL_4, "rate_id": 13})
    for role in ("api", "worker"):
        assert await refused(scenario, role, "UPDATE rates SET amount_fen = 1") == NO_RIGHT
        assert await refused(scenario, role, "DELETE FROM rates") == NO_RIGHT
    approve = "UPDATE rate_changes SET status = 'approved', version = version + 1, decided_by = :by"
    assert await refused(scenario, "api", approve, by=scenario.approver.person) == "ck_rate_changes_distinct_persons"
    dearer = f"{approve}, amount_fen = 200000"
    assert await refused(scenario, "owner", dearer, by=BYSTANDER) in ("st_rate_changes", "tw_rate_changes")
    assert await refused(scenario, "api", approve, by=BYSTANDER) == "ev_rate_changes"


async def test_every_rate_is_what_a_payout_is_opened_with_to_the_fen(scenario: Scenario) -> None:
    """Each training row that payout pays, on its first day and long after, and nothing on the day before."""
    await scenario.begin()
    async with scenario.database.api.unit_of_work() as uow:
        rates = [rate for rate in (await rate_table(uow)).rates if rate.programme == "training_voucher"]
    total_fen = 0
    for rate in rates:
        for day, owed_fen in ((rate.valid_from, rate.amount_fen), (date(2033, 3, 4), rate.amount_fen)):
            case = Case(kind=rate.certificate_kind, level=rate.level, act=rate.act, assessed_on=day)
            assert (await scenario.open(case)).amount_fen == owed_fen
            total_fen += owed_fen
        early = Case(kind=rate.certificate_kind, level=rate.level, act=rate.act, assessed_on=date(2022, 3, 30))
        assert (await scenario.open(early)).code == "rate_missing"
    sums = await scenario.sql("owner", "SELECT sum(amount_fen) AS fen FROM payouts WHERE status <> 'rejected'")
    assert sums[0].fen == total_fen
