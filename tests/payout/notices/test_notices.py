"""Public notices: what everybody reads, how long, what the day of publication makes of it, and what it never shows."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from services.payout.funds.service import approve_proposal, propose_fund
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.service import approve_payouts, review_payouts
from shared.contracts.training import InstitutionListedV1
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import ROLES, refused, step_refused
from tests.payout.scenario import FUND_SOURCE, SCHOOL, Case, Scenario, accepted, decide, officer
from tests.payout.steps import AFTER_THE_NOTICE, CONTACT, advance

SHANGHAI = ZoneInfo("Asia/Shanghai")
PUBLISH = "/v1/payout-publications"


def publication(*payouts: PayoutFacts) -> dict[str, object]:
    """A list to publish."""
    return {"rows": [{"payout_id": str(payout.id)} for payout in payouts], **asdict(CONTACT)}


async def published(scenario: Scenario, client: ApiClient, *cases: Case) -> list[str]:
    """The notices of these cases, published together by one request."""
    await scenario.begin()
    payouts = await advance(scenario, PayoutState.CHECKED, *[await scenario.open(case) for case in cases])
    for decision, by in ((review_payouts, officer(Role.OFFICER)), (approve_payouts, scenario.approver)):
        accepted(await decide(scenario, decision, by, *payouts))
    answer = (await client.post(scenario.approver, PUBLISH, publication(*payouts))).json()
    assert answer["accepted"] == len(cases)
    return list(dict.fromkeys(row["result"]["notice_id"] for row in answer["results"]))


async def test_a_notice_an_area_is_read_by_everybody_and_says_nothing_more_than_it_may(
    scenario: Scenario, client: ApiClient
) -> None:
    cases = [Case(masked_name="李*"), Case(masked_name=None), Case(area="410403", masked_name="欧***")]
    first, second = await published(scenario, client, *cases)
    listed = (await client.get(None, "/v1/notices")).json()["data"]
    assert {notice["id"]: notice["area"] for notice in listed} == {first: "410402", second: "410403"}
    assert [notice["id"] for notice in (await client.get(None, "/v1/notices", area="410403")).json()["data"]] == [
        second
    ]
    notice = (await client.get(None, f"/v1/notices/{first}")).json()
    assert (notice["published_on"], notice["last_on"]) == ("2033-03-07", "2033-03-14")
    assert (notice["phone"], notice["address"]) == (CONTACT.phone, CONTACT.address)
    page = (await client.get(None, f"/v1/notices/{first}/entries", limit="1")).json()
    rest = (await client.get(None, f"/v1/notices/{first}/entries", cursor=page["next_cursor"])).json()
    entries = page["data"] + rest["data"]
    assert [entry["masked_name"] for entry in entries] == ["李*", "*"]
    assert {(entry["skill"], entry["level"], entry["amount_fen"]) for entry in entries} == {("电工", 4, 160_000)}
    assert set(entries[0]) == {
        "payout_id", "masked_name", "skill_code", "skill", "level", "standard", "standard_fen", "amount_fen",
    }  # fmt: skip
    shown = await client.get(None, f"/v1/notices/{first}/page")
    for text in (json.dumps(entries), json.dumps(listed), shown.text):
        for secret in (cases[0].person_id, cases[0].class_id, cases[0].voucher_id, SCHOOL, cases[0].fund_source):
            assert str(secret) not in text


async def test_the_page_is_chinese_escaped_and_kept_for_a_minute_at_most(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    hostile = publication(payout) | {"address": "<script>alert(1)</script>&新城区"}
    answer = (await client.post(scenario.approver, PUBLISH, hostile)).json()
    path = f"/v1/notices/{answer['results'][0]['result']['notice_id']}"
    page = await client.get(None, f"{path}/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;新城区" in page.text
    for said in ("新华区职业培训券兑现公示", "李*", "电工", "四级/中级工", "1,600.00", "2033年3月14日", CONTACT.phone):
        assert said in page.text
    assert page.headers["cache-control"] == "public, max-age=60"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert (await client.get(None, path)).headers["cache-control"] == "public, max-age=60"
    assert (await client.get(scenario.reviewer, "/v1/payouts")).headers["cache-control"] == "no-store"
    await scenario.database.set_business_time(datetime(2033, 3, 14, 23, 59, 50, tzinfo=SHANGHAI))
    kept = (await client.get(None, path)).headers["cache-control"]
    assert int(kept.removeprefix("public, max-age=")) <= 10, "nobody keeps it beyond its period"


async def test_after_the_period_the_page_is_gone_and_the_record_stays(scenario: Scenario, client: ApiClient) -> None:
    (notice_id,) = await published(scenario, client, Case(), Case())
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    for more in ("", "/entries", "/page"):
        gone = await client.get(None, f"/v1/notices/{notice_id}{more}")
        assert (gone.status_code, code_of(gone)) == (httpx.codes.NOT_FOUND, "notice_not_found")
    assert (await client.get(None, "/v1/notices")).json()["data"] == []
    kept = (await client.get(officer(Role.AUDITOR, "410402"), "/v1/notice-records", area="410402")).json()["data"]
    assert [(record["id"], record["count"], record["amount_fen"]) for record in kept] == [(notice_id, 2, 320_000)]
    days = {"published_from": "2033-03-07", "published_until": "2033-03-07"}
    assert len((await client.get(scenario.cashier, "/v1/notice-records", **days)).json()["data"]) == 1
    later = {"published_from": "2033-03-08"}
    assert (await client.get(scenario.cashier, "/v1/notice-records", **later)).json()["data"] == []
    assert (await client.get(officer(Role.OFFICER, "410403"), "/v1/notice-records")).json()["data"] == []
    listed = (await client.get(scenario.reviewer, "/v1/payouts", notice_id=notice_id)).json()["data"]
    assert len(listed) == 2
    assert {event["notice_id"] for event in await scenario.events("payout.published")} == {notice_id}


async def test_what_is_not_published_makes_no_notice(scenario: Scenario, client: ApiClient) -> None:
    await scenario.begin()
    payout = await scenario.open()
    answer = (await client.post(scenario.approver, PUBLISH, publication(payout))).json()
    assert answer["results"][0]["error"]["code"] == "wrong_state"
    foreign = await client.post(officer(Role.OFFICER, "410403"), PUBLISH, publication(payout))
    assert code_of(foreign) == "city_officer_needed"
    assert (await client.get(None, "/v1/notices")).json()["data"] == []
    unknown = await client.get(None, f"/v1/notices/{uuid7()}")
    assert (unknown.status_code, code_of(unknown)) == (httpx.codes.NOT_FOUND, "notice_not_found")
    missing = publication(payout) | {"phone": "李"}
    assert code_of(await client.post(scenario.approver, PUBLISH, missing)) == "validation_failed"


@pytest.mark.parametrize("role", ROLES)
async def test_a_notice_stays_as_it_was_read(scenario: Scenario, client: ApiClient, role: str) -> None:
    await published(scenario, client, Case())
    for attack in ("UPDATE notices SET phone = '1'", "DELETE FROM notices"):
        assert await refused(scenario, role, attack) == ("ao_notices" if role == "owner" else "42501")
    moved = "UPDATE payouts SET notice_id = NULL, version = version + 1"
    assert await step_refused(scenario, role, moved) in ("st_payouts", "42501")


async def test_nothing_is_published_without_a_notice_of_its_officer_and_period(
    scenario: Scenario, client: ApiClient
) -> None:
    await published(scenario, client, Case())
    await scenario.database.set_business_time(datetime(2033, 3, 8, 2, tzinfo=UTC))
    (other,) = await advance(scenario, PayoutState.APPROVED, await scenario.open())
    step = (
        "UPDATE payouts SET status = 'published', version = payouts.version + 1, notice_id = {}, published_at = now.at,"
        " notice_ends_at = now.at + interval '30 days' FROM (SELECT clock_timestamp() + \"offset\" AS at"
        f" FROM business_clock) AS now WHERE id = '{other.id}'"
    )
    by = {"action": "publish", "person": scenario.approver.person}
    assert await step_refused(scenario, "api", step.format("NULL"), **by) == "nt_payouts"
    foreign = step.format("(SELECT id FROM notices)")
    assert await step_refused(scenario, "api", foreign, **by) == "fk_payouts_notice"


@pytest.mark.parametrize(
    ("begins", "last_on"),
    [
        pytest.param(datetime(2026, 12, 28, 10, tzinfo=SHANGHAI), "2027-01-05", id="over an unpublished New Year"),
        pytest.param(datetime(2027, 1, 16, 0, 30, tzinfo=SHANGHAI), "2027-01-22", id="on a Saturday"),
        pytest.param(datetime(2027, 9, 29, 10, tzinfo=SHANGHAI), "2027-10-11", id="over 1 October"),
    ],
)
async def test_a_notice_counts_whole_working_days_of_the_law_and_says_so(
    scenario: Scenario, client: ApiClient, begins: datetime, last_on: str
) -> None:
    """Stories 12 and 14: what is published then does not count a statutory day of a year that has no calendar yet."""
    if datetime.now(UTC) + timedelta(days=10) > begins:
        pytest.skip("business time never goes back behind the machine's own")
    await scenario.database.set_business_time(begins - timedelta(days=5))
    await scenario.account(SCHOOL)
    await scenario.database.set_business_time(begins)
    await scenario.receive(scenario.next_event(InstitutionListedV1, SCHOOL, area="410402", scope=()))
    async with scenario.database.api.unit_of_work() as uow:
        fund = await propose_fund(
            uow, scenario.cashier, fund_source=FUND_SOURCE, area="410402", year=begins.year, budget_fen=200_000
        )
    async with scenario.database.api.unit_of_work() as uow:
        await approve_proposal(uow, scenario.releaser, fund.id)
    day = business_date(begins) - timedelta(days=3)
    case = replace(Case(), assessed_on=day, issued_on=day, eligibility_decided_on=day)
    (payout,) = await advance(scenario, PayoutState.APPROVED, await scenario.open(case))
    answer = (await client.post(scenario.approver, PUBLISH, publication(payout))).json()["results"][0]["result"]
    notice = (await client.get(None, f"/v1/notices/{answer['notice_id']}")).json()
    assert (notice["last_on"], notice["calendar_provisional"]) == (last_on, True)
    page = (await client.get(None, f"/v1/notices/{answer['notice_id']}/page")).text
    assert "放假安排尚未公布" in page
    ends = datetime.combine(date.fromisoformat(last_on) + timedelta(days=1), datetime.min.time(), SHANGHAI)
    await scenario.database.set_business_time(ends - timedelta(minutes=1))
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.PUBLISHED
    await scenario.database.set_business_time(ends)
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.CLEARED
