"""The officers' decisions over HTTP, row by row."""

from typing import Any

from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from tests.api_client import ApiClient
from tests.payout.scenario import Scenario
from tests.payout.steps import advance


def rows(*ids: str) -> dict[str, list[dict[str, str]]]:
    """A list to decide on."""
    return {"rows": [{"payout_id": payout_id} for payout_id in ids]}


def results(answer: dict[str, Any]) -> list[tuple[int, str]]:
    """Row by row its place, and the payout that moved or the code of the refusal."""
    return [
        (row["index"], row["result"]["id"] if "result" in row else row["error"]["code"]) for row in answer["results"]
    ]


async def test_the_same_key_decides_once_and_answers_the_same(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    key = str(uuid7())
    first = await client.post(scenario.reviewer, "/v1/payout-reviews", rows(str(payout.id)), key=key)
    again = await client.post(scenario.reviewer, "/v1/payout-reviews", rows(str(payout.id)), key=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert (await scenario.now_of(payout)).version == payout.version + 1


async def test_a_list_is_answered_row_by_row_and_a_second_mention_sees_the_first(
    scenario: Scenario, client: ApiClient
) -> None:
    await scenario.begin()
    first, two = await advance(scenario, PayoutState.CHECKED, await scenario.open(), await scenario.open())
    named = rows(str(two.id), str(uuid7()), str(first.id), str(two.id))
    answer = (await client.post(scenario.reviewer, "/v1/payout-reviews", named)).json()
    assert results(answer) == [(0, str(two.id)), (1, "payout_not_found"), (2, str(first.id)), (3, "wrong_state")]
    assert (answer["accepted"], answer["refused"]) == (2, 2)
    for row in named["rows"]:
        row["reason_code"] = "false_roster"
    answer = (await client.post(scenario.reviewer, "/v1/payout-rejections", named)).json()
    assert results(answer) == [(0, str(two.id)), (1, "payout_not_found"), (2, str(first.id)), (3, "wrong_state")]
    assert [(await scenario.now_of(payout)).version for payout in (first, two)] == [4, 4]


async def test_rejections_and_corrections_over_http(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.CHECKED, await scenario.open())
    body = {"rows": [{"payout_id": str(payout.id), "reason_code": "false_roster"}]}
    answer = (await client.post(scenario.reviewer, "/v1/payout-rejections", body)).json()
    assert answer["results"][0]["result"]["code"] == "false_roster"
    wrong = (await client.post(scenario.reviewer, "/v1/payout-corrections", rows(str(payout.id)))).json()
    assert wrong["results"][0]["error"]["code"] == "wrong_state"
    late = (await client.post(scenario.second, "/v1/payout-second-approvals", rows(str(payout.id)))).json()
    assert late["results"][0]["error"]["code"] == "wrong_state"
