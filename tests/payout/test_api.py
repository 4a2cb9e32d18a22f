"""The HTTP interface: every route for its own role, foreign things not found, the whole way over the door."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.payout.payouts.domain import PayoutState
from shared.kernel.ids import uuid7
from shared.security import Principal, Role
from tests.payout.city import MONDAY, OTHER_SCHOOL, SCHOOL, YEAR, Case, City, officer, school, worker
from tests.payout.door import Door
from tests.payout.way import AFTER_THE_NOTICE, walk

EVERYBODY = (Role.WORKER, Role.PORTAL, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.FINANCE, Role.AUDITOR,
             Role.OPERATOR)  # fmt: skip
SOME = "00000000-0000-7000-8000-000000000000"

ROUTES: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("POST", "/v1/funds", (Role.FINANCE,)),
    ("POST", f"/v1/funds/{SOME}/raises", (Role.FINANCE,)),
    ("GET", "/v1/funds", (Role.FINANCE, Role.OFFICER, Role.AUDITOR)),
    ("GET", "/v1/ledger", (Role.FINANCE, Role.AUDITOR)),
    ("POST", "/v1/accounts", (Role.INSTITUTION, Role.WORKER, Role.FINANCE)),
    ("POST", f"/v1/accounts/{SOME}/confirmations", (Role.FINANCE,)),
    ("GET", "/v1/accounts", (Role.INSTITUTION, Role.WORKER, Role.FINANCE, Role.AUDITOR)),
    ("POST", "/v1/payouts", (Role.INSTITUTION,)),
    ("GET", "/v1/payouts", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/payouts/{SOME}", (Role.WORKER, Role.INSTITUTION, Role.OFFICER, Role.FINANCE, Role.AUDITOR)),
    ("POST", f"/v1/payouts/{SOME}/holds", (Role.OFFICER,)),
    ("POST", f"/v1/payouts/{SOME}/holds/{SOME}/lift", (Role.OFFICER,)),
    *(
        ("POST", f"/v1/payout-{decision}", (Role.OFFICER,))
        for decision in ("reviews", "approvals", "second-approvals", "publications", "rejections", "corrections")
    ),
    ("POST", "/v1/payment-batches", (Role.FINANCE,)),
    ("POST", f"/v1/payment-batches/{SOME}/releases", (Role.FINANCE,)),
    ("GET", "/v1/payment-batches", (Role.FINANCE, Role.AUDITOR)),
    ("GET", f"/v1/payment-batches/{SOME}", (Role.FINANCE, Role.AUDITOR)),
)


def code(answer: httpx.Response) -> str:
    """The refusal's code."""
    return str(answer.json()["code"])


def rows(*ids: str) -> dict[str, list[dict[str, str]]]:
    """A list to decide on."""
    return {"rows": [{"payout_id": one} for one in ids]}


@pytest.mark.parametrize(("method", "path", "roles"), ROUTES)
async def test_a_route_is_for_its_roles(door: Door, method: str, path: str, roles: tuple[Role, ...]) -> None:
    for role in EVERYBODY:
        caller = Principal("somebody", uuid7(), role, SCHOOL, frozenset({"410400"}))
        answer = await (door.get(caller, path) if method == "GET" else door.post(caller, path, {}))
        assert (answer.status_code == httpx.codes.FORBIDDEN) == (role not in roles), (role, answer.text)
    assert (await door.get(None, path)).status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.METHOD_NOT_ALLOWED)


async def test_rates_are_for_everybody(door: Door) -> None:
    data = (await door.get(None, "/v1/rates")).json()["data"]
    amounts = {
        (row["programme"], row["level"]): row["amount_fen"] for row in data if row["certificate_kind"] == "skill_level"
    }
    assert amounts[("training_voucher", 5)] == 120_000
    assert amounts[("assessment_subsidy", 1)] == 38_000


async def test_from_claim_to_release_over_the_door(city: City, door: Door) -> None:
    await city.begin(budget_fen=1)
    case = Case()
    opened = await city.open(case)
    claimed = await door.post(school(), "/v1/payouts", {"voucher_id": str(case.voucher_id)})
    assert (claimed.status_code, claimed.json()["id"]) == (201, str(opened.id))
    fund = await door.post(city.cashier, "/v1/funds", {
        "fund_source": case.fund_source, "area": "410402", "year": YEAR, "budget_fen": 160_000,
    })  # fmt: skip
    assert (fund.status_code, fund.json()["available_fen"]) == (201, 160_000)
    await city.tick()
    own = rows(str(opened.id))
    for officer_, decision, status in (
        (city.reviewer, "reviews", "reviewed"),
        (city.approver, "approvals", "approved"),
        (city.approver, "publications", "published"),
    ):
        answer = (await door.post(officer_, f"/v1/payout-{decision}", own)).json()
        assert (answer["accepted"], answer["results"][0]["result"]["status"]) == (1, status)
    await city.database.set_business_time(AFTER_THE_NOTICE)
    await city.tick()
    built = (await door.post(city.cashier, "/v1/payment-batches", {"fund_id": fund.json()["id"]})).json()
    assert (built["count"], built["amount_fen"], built["refused"]) == (1, 160_000, [])
    same = await door.post(city.cashier, f"/v1/payment-batches/{built['id']}/releases")
    assert (same.status_code, code(same)) == (409, "same_person")
    released = await door.post(city.releaser, f"/v1/payment-batches/{built['id']}/releases")
    assert (released.status_code, released.json()["status"]) == (201, "released")
    shown = (await door.get(city.cashier, f"/v1/payment-batches/{built['id']}")).json()
    assert shown["items"] == [{"payout_id": str(opened.id), "attempt": 1}]
    ledger = (await door.get(city.cashier, "/v1/ledger")).json()
    assert ledger["sum_fen"] == 0
    own_lines = [one for one in ledger["accounts"] if one["fund_id"] == fund.json()["id"]]
    assert {one["account"]: one["balance_fen"] for one in own_lines} == {
        "appropriation": -160_000,
        "available": 0,
        "reserved": 160_000,
    }


async def test_without_certificate_409_and_a_foreign_voucher_404(city: City, door: Door) -> None:
    await city.begin()
    case = Case()
    await city.hear(city.certified(case, jws=city.sign(case, level=2)))
    body = {"voucher_id": str(case.voucher_id)}
    missing = await door.post(school(), "/v1/payouts", body)
    assert (missing.status_code, code(missing), missing.json()["policy"]) == (409, "certificate_missing", "§二(二)7")
    foreign = await door.post(school(OTHER_SCHOOL), "/v1/payouts", body)
    assert (foreign.status_code, code(foreign)) == (404, "voucher_not_found")
    amount = await door.post(school(), "/v1/payouts", {**body, "amount_fen": 1})
    assert amount.status_code == 422


async def test_everybody_sees_his_own_and_a_foreign_id_is_not_found(city: City, door: Door) -> None:
    await city.begin()
    case = Case()
    payout = await city.open(case)
    own = (worker(case.person_id), school(), city.reviewer, officer(Role.FINANCE, "410402"), officer(Role.AUDITOR))
    foreign = (
        worker(uuid7()), school(OTHER_SCHOOL), officer(Role.OFFICER, "410403"), officer(Role.FINANCE, "410403"),
        officer(Role.AUDITOR, "410403"),
    )  # fmt: skip
    for caller in own:
        assert (await door.get(caller, f"/v1/payouts/{payout.id}")).json()["id"] == str(payout.id)
        listed = (await door.get(caller, "/v1/payouts", voucher_id=str(case.voucher_id), status="opened")).json()
        assert [one["id"] for one in listed["data"]] == [str(payout.id)]
    for caller in foreign:
        answer = await door.get(caller, f"/v1/payouts/{payout.id}")
        assert (answer.status_code, code(answer)) == (404, "payout_not_found")
        assert (await door.get(caller, "/v1/payouts")).json()["data"] == []


async def test_an_institutions_token_that_names_none_sees_nothing(door: Door) -> None:
    answer = await door.get(replace(school(), institution=None), "/v1/payouts")
    assert (answer.status_code, code(answer)) == (401, "token_invalid")


async def test_who_decided_is_shown_inside_the_administration_only(city: City, door: Door) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open(case))
    inside = (await door.get(city.reviewer, f"/v1/payouts/{payout.id}")).json()
    outside = (await door.get(worker(case.person_id), f"/v1/payouts/{payout.id}")).json()
    assert [one["action"] for one in inside["decisions"]] == ["review"]
    assert outside["decisions"] == []


async def test_holds_over_the_door(city: City, door: Door) -> None:
    await city.begin()
    payout = await city.open()
    held = await door.post(city.reviewer, f"/v1/payouts/{payout.id}/holds", {"reason_code": "objection"})
    assert (held.status_code, held.json()["held"]) == (201, True)
    listed = (await door.get(city.reviewer, "/v1/payouts", held="true")).json()["data"]
    assert [one["id"] for one in listed] == [str(payout.id)]
    (hold,) = (await door.get(city.reviewer, f"/v1/payouts/{payout.id}")).json()["holds"]
    assert hold["reason_code"] == "objection"
    path = f"/v1/payouts/{payout.id}/holds/{hold['id']}/lift"
    assert (await door.post(officer(Role.OFFICER, "410403"), path)).status_code == 404
    assert (await door.post(city.reviewer, path)).json()["held"] is False


async def test_the_same_key_decides_once_and_answers_the_same(city: City, door: Door) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    key = str(uuid7())
    first = await door.post(city.reviewer, "/v1/payout-reviews", rows(str(payout.id)), key=key)
    again = await door.post(city.reviewer, "/v1/payout-reviews", rows(str(payout.id)), key=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert (await city.now_of(payout)).version == payout.version + 1


async def test_rejections_and_corrections_over_the_door(city: City, door: Door) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.CHECKED, await city.open())
    body = {"rows": [{"payout_id": str(payout.id), "reason_code": "false_roster"}]}
    answer = (await door.post(city.reviewer, "/v1/payout-rejections", body)).json()
    assert answer["results"][0]["result"]["code"] == "false_roster"
    wrong = (await door.post(city.reviewer, "/v1/payout-corrections", rows(str(payout.id)))).json()
    assert wrong["results"][0]["error"]["code"] == "wrong_state"
    late = (await door.post(city.second, "/v1/payout-second-approvals", rows(str(payout.id)))).json()
    assert late["results"][0]["error"]["code"] == "wrong_state"


async def test_accounts_over_the_door_are_masked_and_their_own(city: City, door: Door) -> None:
    await city.database.set_business_time(MONDAY)
    body = {
        "owner_kind": "institution", "owner_id": SCHOOL, "bank_code": "102100099996",
        "account_number": "6222020000000001", "account_name": "\ufeff平顶山市职业培训学校",
    }  # fmt: skip
    proposed = await door.post(school(), "/v1/accounts", body)
    shown = proposed.json()
    assert (proposed.status_code, shown["status"], shown["usable_from"]) == (201, "proposed", None)
    assert (shown["account_number"], shown["account_name"]) == ("************0001", "平*********")
    path, name = f"/v1/accounts/{shown['id']}/confirmations", {"payee_name": " 平顶山市 职业\u200b培训学校"}
    wrong = await door.post(city.cashier, path, {"payee_name": "平顶山市职业培训中心"})
    assert (wrong.status_code, code(wrong)) == (409, "account_name_differs")
    assert (await door.post(city.cashier, path, name)).json()["status"] == "endorsed"
    assert code(await door.post(city.cashier, path, name)) == "account_same_person"
    confirmed = (await door.post(city.releaser, path, name)).json()
    assert confirmed["status"] == "confirmed"
    assert confirmed["usable_from"] > (MONDAY + timedelta(hours=72)).isoformat()[:19]
    assert code(await door.post(officer(Role.FINANCE), path, name)) == "wrong_state"
    for caller, count in ((school(), 1), (school(OTHER_SCHOOL), 0), (worker(uuid7()), 0), (city.cashier, 1)):
        assert len((await door.get(caller, "/v1/accounts")).json()["data"]) == count
    foreign = await door.post(school(OTHER_SCHOOL), "/v1/accounts", body)
    assert (foreign.status_code, code(foreign)) == (403, "account_not_yours")
    assert (await door.post(city.cashier, f"/v1/accounts/{SOME}/confirmations", name)).status_code == 404
