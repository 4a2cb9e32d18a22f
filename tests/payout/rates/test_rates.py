"""The rate table, and who may read it."""

from datetime import date

from services.payout.rates.domain import Rate, RateTable, benefit_of
from tests.api_client import ApiClient


def rate(valid_from: date, valid_to: date | None, amount_fen: int) -> Rate:
    """A row of the rate table."""
    return Rate(1, "training_voucher", "skill_level", 4, "first", amount_fen, valid_from, valid_to, "x", "y")


def test_a_rate_is_in_force_on_its_first_and_on_its_last_day() -> None:
    table = RateTable([rate(date(2022, 1, 1), date(2022, 3, 30), 1), rate(date(2022, 3, 31), None, 2)])
    asked = {"kind": "skill_level", "level": 4, "act": "first"}
    found = [
        table.find("training_voucher", on=day, **asked)  # type: ignore[arg-type]  # the names are those asked for
        for day in (date(2021, 12, 31), date(2022, 1, 1), date(2022, 3, 30), date(2022, 3, 31), date(2099, 1, 1))
    ]
    assert [rate_found and rate_found.amount_fen for rate_found in found] == [None, 1, 1, 2, 2]
    assert table.find("training_voucher", kind="skill_level", level=3, act="first", on=date(2022, 5, 1)) is None


def test_training_benefits_are_one_group_and_others_their_own() -> None:
    assert (benefit_of("training_voucher"), benefit_of("assessment_subsidy")) == ("training", "assessment_subsidy")


async def test_rates_are_for_everybody(client: ApiClient) -> None:
    data = (await client.get(None, "/v1/rates")).json()["data"]
    amounts = {
        (row["programme"], row["level"]): row["amount_fen"] for row in data if row["certificate_kind"] == "skill_level"
    }
    assert amounts[("training_voucher", 5)] == 120_000
    assert amounts[("assessment_subsidy", 1)] == 38_000
