"""The institution's claim over HTTP."""

from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, officer, school


async def test_without_certificate_409_and_a_foreign_voucher_404(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    case = Case()
    await scenario.receive(scenario.certified(case, jws=scenario.sign(case, level=2)))
    body = {"voucher_id": str(case.voucher_id)}
    missing = await client.post(school(), "/v1/payouts", body)
    assert (missing.status_code, code_of(missing), missing.json()["policy"]) == (409, "certificate_missing", "§二(二)7")
    foreign = await client.post(school(OTHER_SCHOOL), "/v1/payouts", body)
    assert (foreign.status_code, code_of(foreign)) == (404, "voucher_not_found")
    amount = await client.post(school(), "/v1/payouts", {**body, "amount_fen": 1})
    assert amount.status_code == 422


async def test_an_officer_of_the_area_claims_where_no_institution_will(scenario: Scenario, client: ApiClient) -> None:
    """What was returned for correction (退回补正) opens anew, though the institution is gone."""
    await scenario.begin()
    case = Case()
    payout = await scenario.open(case)
    async with scenario.database.api.unit_of_work(scenario.reviewer.actor) as uow:
        await reject_payouts(uow, scenario.reviewer, {payout.id: Rejection("photo_unclear")})
    body = {"voucher_id": str(case.voucher_id)}
    elsewhere = await client.post(officer(Role.OFFICER, "410481"), "/v1/payouts", body)
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "voucher_not_found")
    anew = await client.post(officer(Role.OFFICER, case.area), "/v1/payouts", body)
    assert (anew.status_code, anew.json()["status"]) == (201, "opened")
    assert anew.json()["id"] != str(payout.id)
