"""Objections to a final rejection: by holder or payee, once and in time, decided by a third officer (R2, D27)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.payout.payouts.domain import PayoutState
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import reject_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.contracts.training import InstitutionSuspendedV1
from shared.kernel.ids import uuid7
from shared.security import Role
from tests.api_client import ApiClient, code_of
from tests.payout.attacks import copy_refused, refused, whole_step
from tests.payout.model.service import BROKEN
from tests.payout.objections.rejected import DISMISS, LAST_DAY, SAID, UPHOLD, lodge, own_case, reject, rejected, rule
from tests.payout.scenario import OTHER_SCHOOL, Case, Scenario, officer, school, worker
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release
from tests.registered import registered_person
from tests.worker_process import overdue


@pytest.mark.parametrize("state", [PayoutState.OPENED, PayoutState.CLEARED, PayoutState.BATCHED])
async def test_an_upheld_objection_opens_another_payout_which_is_reviewed_and_paid_like_any(
    scenario: Scenario, client: ApiClient, state: PayoutState
) -> None:
    case = own_case()
    payout = await rejected(scenario, case, state=state)
    lodged = await lodge(client, worker(case.person_id), payout, evidence_digest="a" * 64)
    assert (lodged.status_code, lodged.json()["status"], lodged.json()["about"]) == (201, "lodged", "rejection")
    ruled = await rule(client, scenario.approver, lodged, UPHOLD)
    assert (ruled.status_code, ruled.json()["status"], ruled.json()["reason_code"]) == (
        200,
        "upheld",
        "attendance_proven",
    )
    first, reopened = await scenario.payouts_of(case)
    assert (first.status, first.final, first.version) == ("rejected", True, payout.version), "what was decided stays"
    assert (reopened.status, reopened.open_holds, reopened.reopens, reopened.attempt) == ("opened", 0, payout.id, 0)
    assert reopened.officers.named() == set()
    opened = (await scenario.events("payout.opened"))[-1]
    assert (opened["id"], opened["reopens"]) == (str(reopened.id), str(payout.id))
    assert (opened["actor"]["person_id"], opened["actor"]["role"]) == (str(scenario.approver.person), "officer")
    await advance(scenario, PayoutState.PUBLISHED, reopened)
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=8))
    await scenario.run_timers()
    await release(scenario, (await build(scenario, reopened)).id)
    await scenario.run_timers()
    assert (await scenario.now_of(reopened)).status is PayoutState.SENT
    assert [row[0] for row in await scenario.sql("owner", BROKEN)] == []


async def test_the_payee_objects_in_its_own_name_and_both_parties_see_what_came_of_it(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    holder = worker(case.person_id)
    lodged = await lodge(client, school(), payout)
    path = lodged.headers["Location"]
    for caller, statement in ((holder, None), (school(), SAID), (scenario.approver, SAID)):
        seen = (await client.get(caller, path)).json()
        assert (seen["status"], seen["statement"], seen["reason_code"]) == ("lodged", statement, None)
        inside = caller is scenario.approver
        assert (seen["organisation"], seen["objector_id"] is not None) == (payout.payee_id if inside else None, inside)
    await rule(client, scenario.approver, lodged, DISMISS)
    for caller in (holder, school()):
        (seen,) = (await client.get(caller, "/v1/objections", payout_id=str(payout.id))).json()["data"]
        assert (seen["status"], seen["reason_code"]) == ("dismissed", "never_attended")
    for stranger in (worker(registered_person()), school(OTHER_SCHOOL), officer(Role.OFFICER, "410403")):
        assert code_of(await client.get(stranger, path)) == "objection_not_found"
        assert (await client.get(stranger, "/v1/objections")).json()["data"] == []


async def test_an_open_objection_to_the_notice_stands_beside_one_to_the_rejection(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case()
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.PUBLISHED, await scenario.open(case))
    holder = worker(case.person_id)
    said = {"payout_id": str(payout.id), "statement": SAID}
    on_notice = await client.post(holder, f"/v1/notices/{payout.notice_id}/objections", said)
    await reject(scenario, payout)
    lodged = await lodge(client, holder, payout)
    assert (on_notice.status_code, lodged.status_code) == (201, 201)
    assert code_of(await rule(client, officer(Role.OFFICER), on_notice, UPHOLD)) == "wrong_state"
    await rule(client, scenario.approver, lodged, UPHOLD)
    assert (await scenario.payouts_of(case))[-1].open_holds == 0, "the objection is to the notice that was"
    await client.post(scenario.approver, f"{on_notice.headers['Location']}/proposals", DISMISS)
    decided = await client.post(officer(Role.OFFICER), f"{on_notice.headers['Location']}/decisions")
    assert decided.json()["status"] == "dismissed"


async def test_a_dismissed_objection_is_the_end(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    lodged = await lodge(client, worker(case.person_id), payout)
    assert (await rule(client, scenario.approver, lodged, DISMISS)).json()["status"] == "dismissed"
    assert [stays.status for stays in await scenario.payouts_of(case)] == ["rejected"]
    for again in (worker(case.person_id), school()):
        assert code_of(await lodge(client, again, payout)) == "objected_once"
    for said in (UPHOLD, DISMISS):
        assert code_of(await rule(client, officer(Role.OFFICER), lodged, said)) == "wrong_state"
    claimed = await client.post(school(), "/v1/payouts", {"voucher_id": str(case.voucher_id)})
    assert code_of(claimed) == "voucher_lapsed"


async def test_what_was_reopened_is_rejected_for_good_or_let_pass_and_is_the_end(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    await rule(client, scenario.approver, await lodge(client, school(), payout), UPHOLD)
    reopened = (await scenario.payouts_of(case))[-1]
    returned = {"rows": [{"payout_id": str(reopened.id), "reason_code": "roster_unclear"}]}
    answer = (await client.post(scenario.reviewer, "/v1/payout-rejections", returned)).json()
    assert answer["results"][0]["error"]["code"] == "returned_too_often"
    alone, values = whole_step(
        "UPDATE payouts SET status = 'rejected', version = version + 1, code = 'x' WHERE id = :id",
        action="reject", person=scenario.reviewer.person, id=reopened.id,
    )  # fmt: skip
    assert await refused(scenario, "api", alone, **values) == "tw_payouts"
    await reject(scenario, reopened, by=(officer(Role.OFFICER), officer(Role.OFFICER)))
    assert code_of(await lodge(client, school(), reopened)) == "objected_once"
    shown = (await client.get(school(), f"/v1/payouts/{reopened.id}")).json()
    assert (shown["final"], shown["objection_until"], shown["reopens"]) == (True, None, str(payout.id))
    assert await copy_refused(scenario, "owner", reopened, status="opened", final=False, reopens=None) == "fi_payouts"
    await scenario.run_timers()
    assert len(await scenario.payouts_of(case)) == 2


async def test_a_reopened_payout_is_ended_by_a_revocation_and_nothing_follows(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    await rule(client, scenario.approver, await lodge(client, school(), payout), UPHOLD)
    revoked = scenario.next_event(
        CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 7), reason_code="fraud"
    )
    await scenario.receive(revoked)
    await scenario.run_timers()
    assert [(ended.status, ended.final) for ended in await scenario.payouts_of(case)] == [
        ("rejected", True),
        ("rejected", False),
    ]


async def test_objections_are_made_to_the_end_of_the_tenth_working_day(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    path = f"/v1/payouts/{payout.id}"
    for caller in (worker(case.person_id), school(), scenario.reviewer):
        assert (await client.get(caller, path)).json()["objection_until"] == LAST_DAY.isoformat()
    over = datetime(2033, 3, 21, 16, tzinfo=UTC)
    await scenario.database.set_business_time(over)
    late = await lodge(client, worker(case.person_id), payout)
    assert (late.status_code, code_of(late), "2033-03-21" in late.json()["detail"]) == (409, "objection_too_late", True)
    other = await scenario.open(own_case())
    await reject(scenario, other)
    assert (await client.get(school(), f"/v1/payouts/{other.id}")).json()["objection_until"] == "2033-04-06"
    await scenario.database.set_business_time(datetime(2033, 4, 6, 15, 59, tzinfo=UTC))
    assert (await lodge(client, school(), other)).status_code == httpx.codes.CREATED
    assert (await client.get(school(), f"/v1/payouts/{other.id}")).json()["objection_until"] is None


async def test_what_is_refused(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    returned = await scenario.open(own_case())
    async with scenario.database.api.unit_of_work() as uow:
        await reject_payouts(uow, scenario.reviewer, {returned.id: Rejection("not_trained")})
    going = await scenario.open()
    for other in (returned, going):
        assert code_of(await lodge(client, school(), other)) == "rejection_not_final"
        assert (await client.get(school(), f"/v1/payouts/{other.id}")).json()["objection_until"] is None
    strangers = (worker(registered_person()), school(OTHER_SCHOOL), officer(Role.OFFICER, "410403"))
    for stranger in strangers:
        assert code_of(await lodge(client, stranger, payout)) == "payout_not_found"
    assert code_of(await lodge(client, school(), replace(payout, id=uuid7()))) == "payout_not_found"
    for by, more in (
        (school(), {"person_id": str(case.person_id)}),
        (worker(case.person_id), {"channel": "counter"}),
        (scenario.reviewer, {}),
        (scenario.reviewer, {"person_id": str(case.person_id)}),
    ):
        assert code_of(await lodge(client, by, payout, **more)) == "objector_not_named"
    somebody = {"person_id": str(registered_person()), "channel": "officer"}
    assert code_of(await lodge(client, scenario.reviewer, payout, **somebody)) == "objector_not_party"
    holder = {"person_id": str(case.person_id), "channel": "counter"}
    lodged = await lodge(client, scenario.reviewer, payout, **holder)
    assert lodged.status_code == httpx.codes.CREATED
    seen = (await client.get(worker(case.person_id), lodged.headers["Location"])).json()
    assert (seen["channel"], seen["statement"]) == ("counter", SAID)
    for step in ("proposals", "decisions", "returns"):
        body = DISMISS if step == "proposals" else None
        answer = await client.post(scenario.approver, f"{lodged.headers['Location']}/{step}", body)
        assert code_of(answer) == "wrong_state"


async def test_a_worker_who_learned_elsewhere_is_paid_and_objects_and_the_school_is_no_party(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case(payee_kind="worker", payee_id="", mandate_id=None)
    case = replace(case, payee_id=str(case.person_id))
    payout = await rejected(scenario, case, state=PayoutState.CHECKED)
    assert code_of(await lodge(client, school(), payout)) == "payout_not_found"
    lodged = await lodge(client, worker(case.person_id), payout)
    assert lodged.status_code == httpx.codes.CREATED
    assert code_of(await client.get(school(), lodged.headers["Location"])) == "objection_not_found"


async def test_a_survivor_objects_for_the_record_that_holds_the_voucher(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    survivor = registered_person()
    await scenario.merge(case.person_id, survivor)
    lodged = await lodge(client, worker(survivor), payout)
    assert lodged.status_code == httpx.codes.CREATED
    await rule(client, scenario.approver, lodged, UPHOLD)
    assert (await scenario.payouts_of(case))[-1].key_person_id == survivor


async def test_only_a_third_natural_person_decides(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    lodged = await lodge(client, school(), payout)
    objector = (await client.get(scenario.approver, lodged.headers["Location"])).json()["objector_id"]
    twins = []
    for person in (scenario.reviewer.person, scenario.second.person):
        twin = officer(Role.OFFICER)
        await scenario.merge(twin.person, person)
        twins.append(twin)
    objecting = replace(officer(Role.OFFICER), person_id=objector)
    for by in (scenario.reviewer, scenario.second, *twins, objecting):
        for said in (UPHOLD, DISMISS):
            answer = await rule(client, by, lodged, said)
            assert (answer.status_code, code_of(answer)) == (409, "objection_same_person"), by
    holder = replace(officer(Role.OFFICER), person_id=case.person_id)
    assert code_of(await rule(client, holder, lodged, UPHOLD)) == "objection_not_found", "it is about their own money"
    foreign = officer(Role.OFFICER, "410403")
    assert code_of(await rule(client, foreign, lodged, UPHOLD)) == "objection_not_found"
    assert (await rule(client, officer(Role.OFFICER, "410402"), lodged, DISMISS)).status_code == httpx.codes.OK


async def test_nothing_is_reopened_whose_benefit_was_taken_meanwhile(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    lodged = await lodge(client, school(), payout)
    another = await scenario.open(Case(person_id=case.person_id))
    assert another.status is PayoutState.OPENED
    assert code_of(await rule(client, scenario.approver, lodged, UPHOLD)) == "payout_already_live"
    assert (await client.get(scenario.approver, lodged.headers["Location"])).json()["status"] == "lodged"
    await scenario.merge(case.person_id, registered_person())
    assert code_of(await rule(client, scenario.approver, lodged, UPHOLD)) == "payout_already_live"
    assert (await rule(client, scenario.approver, lodged, DISMISS)).status_code == httpx.codes.OK


async def test_another_training_goes_on_beside_a_reopened_payout(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    lodged = await lodge(client, school(), payout)
    other = await scenario.open(Case(person_id=case.person_id, level=5))
    assert (await rule(client, scenario.approver, lodged, UPHOLD)).status_code == httpx.codes.OK
    reopened = (await scenario.payouts_of(case))[-1]
    await advance(scenario, PayoutState.CHECKED, reopened, other)


@pytest.mark.parametrize("act", ["revoke", "suspend"])
async def test_a_reopened_payout_is_judged_as_things_are_now(scenario: Scenario, client: ApiClient, act: str) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    lodged = await lodge(client, worker(case.person_id), payout)
    if act == "revoke":
        said: dict[str, Any] = {"since": date(2033, 3, 7), "reason_code": "fraud"}
        await scenario.receive(scenario.next_event(CertificateRevokedV1, case.certificate_id, **said))
        answer = await rule(client, scenario.approver, lodged, UPHOLD)
        assert (code_of(answer), "certificate_revoked" in answer.json()["detail"]) == ("payout_not_reopenable", True)
        return
    scope: dict[str, Any] = {"area": "410402", "scope": (), "reason_code": "complaints"}
    await scenario.receive(scenario.next_event(InstitutionSuspendedV1, case.institution, **scope))
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=40))
    await rule(client, scenario.approver, lodged, UPHOLD)
    reopened = (await client.get(school(), f"/v1/payouts/{(await scenario.payouts_of(case))[-1].id}")).json()
    assert [hold["reason_code"] for hold in reopened["holds"]] == ["institution_suspended"], (
        "the verdict was fresh once"
    )


async def test_an_undecided_objection_is_listed_and_alarmed(scenario: Scenario, client: ApiClient) -> None:
    payout = await rejected(scenario, own_case())
    lodged = (await lodge(client, school(), payout)).json()
    assert lodged["due_on"] == LAST_DAY.isoformat()
    await scenario.database.set_business_time(datetime(2033, 3, 21, 15, 59, tzinfo=UTC))
    assert (await client.get(scenario.approver, "/v1/objections", overdue="true")).json()["data"] == []
    await scenario.database.set_business_time(datetime(2033, 3, 21, 16, tzinfo=UTC))
    await scenario.run_timers()
    late = (await client.get(scenario.approver, "/v1/objections", overdue="true", status="lodged")).json()["data"]
    assert [(objection["id"], objection["overdue"]) for objection in late] == [(lodged["id"], True)]
    assert (await overdue(scenario.database))["objection"] == 1


async def test_two_officers_at_once_decide_once(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    lodged = await lodge(client, school(), await rejected(scenario, case))
    answers = await asyncio.gather(
        *(rule(client, officer(Role.OFFICER), lodged, said) for said in (UPHOLD, DISMISS, UPHOLD, DISMISS))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    upheld = (await client.get(scenario.approver, lodged.headers["Location"])).json()["status"] == "upheld"
    assert len(await scenario.payouts_of(case)) == 1 + upheld


async def test_two_parties_at_once_object_once(scenario: Scenario, client: ApiClient) -> None:
    case = own_case()
    payout = await rejected(scenario, case)
    answers = await asyncio.gather(*(lodge(client, by, payout) for by in (school(), worker(case.person_id))))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {code_of(answer) for answer in answers if answer.status_code == httpx.codes.CONFLICT} == {"objected_once"}


async def test_a_reopening_and_another_opening_of_the_key_at_once_leave_one_live(
    scenario: Scenario, client: ApiClient
) -> None:
    case = own_case()
    lodged = await lodge(client, school(), await rejected(scenario, case))
    rival = Case(person_id=case.person_id)
    await scenario.receive(scenario.verified(rival))
    events = scenario.issued(rival), scenario.certified(rival)
    ruled, _ = await asyncio.gather(rule(client, scenario.approver, lodged, UPHOLD), scenario.receive(*events))
    live = [p for p in (*await scenario.payouts_of(case), *await scenario.payouts_of(rival)) if p.status == "opened"]
    assert len(live) == 1
    assert (ruled.status_code == httpx.codes.OK) == (live[0].reopens is not None)
