"""Objections: by real name, freezing one payout, decided by two, who objects never shown to the payee."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.payout.payouts.domain import PayoutFacts, PayoutState
from shared.kernel.clock import business_date, end_of_day
from shared.security import Principal, Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import ROLES, refused
from tests.payout.scenario import Case, Scenario, officer, school, worker
from tests.payout.steps import AFTER_THE_NOTICE, advance
from tests.registered import registered_person
from tests.worker_process import overdue

SAID = "此人从未到校上课,我与其同班"
DISMISS = {"outcome": "dismissed", "reason_code": "attendance_proven"}
UPHOLD = {"outcome": "upheld", "reason_code": "never_attended"}


async def on_notice(scenario: Scenario, *cases: Case) -> list[PayoutFacts]:
    """Payouts on public notice."""
    await scenario.begin()
    return await advance(scenario, PayoutState.PUBLISHED, *[await scenario.open(case) for case in cases])


def neighbour() -> Principal:
    """A registered worker who has nothing to do with it."""
    return worker(registered_person())


async def object_to(client: ApiClient, by: Principal, payout: PayoutFacts, **more: str) -> httpx.Response:
    """Object to a payout on its notice."""
    body = {"payout_id": str(payout.id), "statement": SAID, **more}
    return await client.post(by, f"/v1/notices/{payout.notice_id}/objections", body)


async def test_an_objection_freezes_exactly_its_payout_and_a_dismissal_lets_it_go_on(
    scenario: Scenario, client: ApiClient
) -> None:
    accused, other = await on_notice(scenario, Case(), Case())
    objector = neighbour()
    filed = await object_to(client, objector, accused, evidence_digest="a" * 64)
    assert (filed.status_code, filed.json()["status"], filed.json()["due_on"]) == (201, "filed", "2033-03-21")
    path = filed.headers["Location"]
    assert code_of(await object_to(client, objector, accused)) == "objection_exists"
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    states = [(await scenario.now_of(payout)).status for payout in (accused, other)]
    assert states == [PayoutState.PUBLISHED, PayoutState.CLEARED]
    proposed = await client.post(scenario.reviewer, f"{path}/proposals", DISMISS)
    assert proposed.json()["status"] == "proposed"
    assert code_of(await client.post(scenario.reviewer, f"{path}/decisions")) == "objection_same_person"
    assert (await client.post(scenario.approver, f"{path}/decisions")).json()["status"] == "dismissed"
    assert code_of(await client.post(scenario.second, f"{path}/decisions")) == "wrong_state"
    await scenario.run_timers()
    assert (await scenario.now_of(accused)).status is PayoutState.CLEARED
    seen = (await client.get(objector, path)).json()
    assert (seen["status"], seen["reason_code"], seen["statement"]) == ("dismissed", "attendance_proven", SAID)
    assert (seen["objector_id"], seen["proposed_by"]) == (None, None)


async def test_an_upheld_objection_leaves_the_payout_frozen_and_any_other_officer_rejects_it_for_good(
    scenario: Scenario, client: ApiClient
) -> None:
    (payout,) = await on_notice(scenario, Case())
    path = (await object_to(client, neighbour(), payout)).headers["Location"]
    await client.post(scenario.reviewer, f"{path}/proposals", DISMISS)
    assert (await client.post(scenario.second, f"{path}/returns")).json()["status"] == "filed"
    await client.post(scenario.reviewer, f"{path}/proposals", UPHOLD)
    assert (await client.post(scenario.second, f"{path}/decisions")).json()["status"] == "upheld"
    holds = (await client.get(scenario.reviewer, f"/v1/payouts/{payout.id}")).json()["holds"]
    frozen = next(hold for hold in holds if hold["source"] == "objection")
    lift = await client.post(scenario.approver, f"/v1/payouts/{payout.id}/holds/{frozen['id']}/lift")
    assert code_of(lift) == "hold_of_another_source"
    rejection = {"rows": [{"payout_id": str(payout.id), "reason_code": "never_attended", "final": True}]}
    own = (await client.post(scenario.second, "/v1/payout-rejections", rejection)).json()["results"][0]
    assert own["error"]["code"] == "second_officer_needed"
    done = (await client.post(scenario.reviewer, "/v1/payout-rejections", rejection)).json()["results"][0]["result"]
    assert (done["status"], done["final"]) == ("rejected", True)


async def test_the_payee_never_learns_who_objected(scenario: Scenario, client: ApiClient) -> None:
    case = Case(person_id=registered_person())
    (payout,) = await on_notice(scenario, case)
    objector = neighbour()
    path = (await object_to(client, objector, payout)).headers["Location"]
    beneficiary = worker(case.person_id)
    as_officer = replace(officer(Role.OFFICER), person_id=case.person_id)
    for caller in (beneficiary, as_officer, neighbour(), school()):
        found = await client.get(caller, path)
        assert (found.status_code, code_of(found)) == (404, "objection_not_found")
        assert (await client.get(caller, "/v1/objections")).json()["data"] == []
    shown = [(await client.get(caller, f"/v1/payouts/{payout.id}")).json() for caller in (beneficiary, school())]
    assert {hold["source"] for detail in shown for hold in detail["holds"]} == {"objection"}
    envelopes = await scenario.sql("worker", "SELECT envelope FROM outbox")
    columns = await scenario.sql("owner", "SELECT placed_by FROM payout_holds")
    decisions = await scenario.sql("owner", "SELECT person_id FROM payout_decisions")
    for text in (json.dumps(shown), str(envelopes), str(columns), str(decisions)):
        assert str(objector.person) not in text
        assert objector.account not in text
    assert SAID not in str(envelopes)
    inside = (await client.get(scenario.reviewer, path)).json()
    assert (inside["objector_id"], inside["statement"]) == (str(objector.person), SAID)
    stored = await scenario.sql("owner", "SELECT statement FROM objections")
    assert SAID.encode() not in bytes(stored[0].statement)


async def test_what_is_refused(scenario: Scenario, client: ApiClient) -> None:
    (payout,) = await on_notice(scenario, Case())
    later = await scenario.open()
    assert (
        code_of(await object_to(client, neighbour(), replace(later, notice_id=payout.notice_id))) == "payout_not_found"
    )
    for by in (neighbour(), scenario.reviewer):
        assert code_of(await object_to(client, by, replace(payout, notice_id=payout.id))) == "notice_not_found"
    for by, more in (
        (neighbour(), {"person_id": str(registered_person())}),
        (neighbour(), {"channel": "counter"}),
        (scenario.reviewer, {}),
        (scenario.reviewer, {"person_id": str(registered_person())}),
    ):
        assert code_of(await object_to(client, by, payout, **more)) == "objector_not_named"
    at_counter = {"person_id": str(registered_person()), "channel": "counter"}
    foreign = officer(Role.OFFICER, "410403")
    assert code_of(await object_to(client, foreign, payout, **at_counter)) == "area_outside_scope"
    path = (await object_to(client, scenario.reviewer, payout, **at_counter)).headers["Location"]
    assert code_of(await client.post(foreign, f"{path}/proposals", UPHOLD)) == "objection_not_found"
    objector = replace(officer(Role.OFFICER), person_id=(await client.get(scenario.second, path)).json()["objector_id"])
    assert objector.person
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    assert code_of(await object_to(client, neighbour(), payout)) == "notice_not_found"


async def test_an_auditor_whose_account_names_no_person_reads_the_objections_of_its_areas(
    scenario: Scenario, client: ApiClient
) -> None:
    (payout,) = await on_notice(scenario, Case())
    path = (await object_to(client, neighbour(), payout)).headers["Location"]
    for area, status in (("410402", httpx.codes.OK), ("410403", httpx.codes.NOT_FOUND)):
        auditor = Principal("auditor", None, Role.AUDITOR, None, frozenset({area}))
        assert (await client.get(auditor, path)).status_code == status
        listed = (await client.get(auditor, "/v1/objections")).json()["data"]
        assert len(listed) == (status == httpx.codes.OK)


async def test_an_overdue_objection_is_listed_and_alarmed(scenario: Scenario, client: ApiClient) -> None:
    (payout,) = await on_notice(scenario, Case())
    filed = (await object_to(client, neighbour(), payout)).json()
    await scenario.database.set_business_time(end_of_day(business_date(AFTER_THE_NOTICE)))
    assert (await client.get(scenario.reviewer, "/v1/objections", overdue="true")).json()["data"] == []
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=8))
    await scenario.run_timers()
    late = (await client.get(scenario.reviewer, "/v1/objections", overdue="true", status="filed")).json()["data"]
    assert [(objection["id"], objection["overdue"]) for objection in late] == [(filed["id"], True)]
    assert (await overdue(scenario.database))["objection"] == 1


async def test_objections_and_the_end_of_the_notice_at_once_leave_nothing_cleared_under_an_objection(
    scenario: Scenario, client: ApiClient
) -> None:
    payouts = await on_notice(scenario, *[Case() for _ in range(4)])
    ends_at = payouts[0].notice_ends_at
    assert ends_at is not None
    await scenario.database.set_business_time(ends_at - timedelta(milliseconds=400))
    objectors = [neighbour() for _ in payouts]
    answers, _ = await asyncio.gather(
        asyncio.gather(*(object_to(client, by, payout) for by, payout in zip(objectors, payouts, strict=True))),
        scenario.run_timers(),
    )
    await scenario.database.set_business_time(AFTER_THE_NOTICE)
    await scenario.run_timers()
    for payout, answer in zip(payouts, answers, strict=True):
        filed = answer.status_code == httpx.codes.CREATED
        assert (await scenario.now_of(payout)).status is (PayoutState.PUBLISHED if filed else PayoutState.CLEARED)


async def test_two_decisions_at_once_are_one(scenario: Scenario, client: ApiClient) -> None:
    (payout,) = await on_notice(scenario, Case())
    path = (await object_to(client, neighbour(), payout)).headers["Location"]
    await client.post(scenario.reviewer, f"{path}/proposals", DISMISS)
    deciders = [officer(Role.OFFICER) for _ in range(4)]
    answers = await asyncio.gather(*(client.post(by, f"{path}/decisions") for by in deciders))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await scenario.events("objection.dismissed")) == 1


@pytest.mark.parametrize("role", ROLES)
async def test_no_objection_is_dropped_thawed_or_decided_alone_by_sql(
    scenario: Scenario, client: ApiClient, role: str
) -> None:
    (payout,) = await on_notice(scenario, Case())
    await object_to(client, neighbour(), payout)
    thaw = "UPDATE payout_holds SET lifted_at = now() + interval '10 years' WHERE source = 'objection'"
    assert await refused(scenario, role, "DELETE FROM objections") in ("42501", "ao_objections")
    assert await refused(scenario, role, thaw) in ("42501", "hc_payouts", "de_payout_holds", "fr_objections")
    alone = (
        "UPDATE objections SET status = 'dismissed', version = version + 1, outcome = 'dismissed', reason_code = 'x',"
        " proposed_by = objector_id, decided_by = objector_id"
    )
    assert await refused(scenario, role, alone) in ("42501", "lc_objections")
    other = "UPDATE objections SET due_on = due_on + 100, version = version"
    assert await refused(scenario, role, other) in ("42501", "im_objections")
