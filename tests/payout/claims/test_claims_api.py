"""The institution's claim over HTTP."""

from tests.api_client import ApiClient, code_of
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, school


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
