"""One scenario that calls every operation of payout: the examples of its OpenAPI document."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from deploy.local.bank_book import Entry, Status
from deploy.local.bank_files import read_orders, write_report
from services.payout.bank.domain import Answer, BankAnswer, BankChannel, ReturnReport
from services.payout.holds.queries import open_holds
from services.payout.instructions.domain import Reply
from services.payout.instructions.service import lease_due, record_answers
from services.payout.money_returns.service import record_returned
from services.payout.payment_batches.service import endorse_payment_batch
from services.payout.payouts.domain import PayoutFacts
from services.payout.payouts.service import place_hold
from services.payout.reviews.domain import Rejection
from services.payout.reviews.service import approve_payouts, reject_payouts, review_payouts, second_approve_payouts
from shared.contracts.training import InstitutionListedV1
from shared.security import Role
from tests.api_client import ApiClient
from tests.examples import NOON, Recorder
from tests.payout.bank_formats.credits import entry, notification, returned
from tests.payout.scenario import FUND_SOURCE, SCHOOL, Case, Scenario, accepted, decide, officer, school, worker
from tests.payout.steps import CONTACT, build, publish_payouts, release
from tests.registered import registered_person

CONTENT = b64encode(b'<?xml version="1.0" encoding="UTF-8"?>\n').decode()
NAME = "平顶山市职业培训学校"
DAYS: dict[str, Any] = {
    "assessed_on": date(2036, 5, 12),
    "issued_on": date(2036, 5, 14),
    "eligibility_decided_on": date(2036, 5, 15),
}


def rows(payout: PayoutFacts, **more: str) -> dict[str, list[dict[str, str]]]:
    """A list with one payout."""
    return {"rows": [{"payout_id": str(payout.id), **more}]}


async def test_examples(scenario: Scenario, client: ApiClient, record_examples: Callable[..., Recorder]) -> None:
    recorder = record_examples("payout", content=CONTENT)
    recorder.listen(client.client)
    limits = "name IN ('second_approval_above_fen', 'second_release_above_fen')"
    await scenario.sql("owner", f"UPDATE dated_rules SET value = 150000 WHERE {limits}")
    await scenario.database.set_business_time(NOON - timedelta(days=5))
    await _account(scenario, client, recorder)
    await scenario.database.set_business_time(NOON)
    await scenario.receive(scenario.next_event(InstitutionListedV1, SCHOOL, area="410402", scope=()))
    fund_id = await _fund(scenario, client)
    case = replace(Case(), **DAYS)
    payout, refused = await scenario.open(case), await scenario.open(replace(Case(), **DAYS))
    lost, filed = [await scenario.open(replace(Case(), **DAYS)) for _ in range(2)]
    await client.post(school(), "/v1/payouts", {"voucher_id": str(case.voucher_id)})
    await scenario.run_timers()
    await _hold(scenario, client, payout)
    await _objection(scenario, client)
    await client.post(scenario.reviewer, "/v1/payout-rejections", rows(refused, reason_code="false_roster"))
    await client.post(scenario.reviewer, "/v1/payout-reviews", rows(payout))
    await client.post(scenario.approver, "/v1/payout-approvals", rows(payout))
    await client.post(scenario.second, "/v1/payout-second-approvals", rows(payout))
    await client.post(scenario.approver, "/v1/payout-publications", {**rows(payout), **asdict(CONTACT)})
    await _notice(scenario, client)
    for decision, by in (
        (review_payouts, scenario.reviewer),
        (approve_payouts, scenario.approver),
        (second_approve_payouts, scenario.second),
        (publish_payouts, scenario.approver),
    ):
        accepted(await decide(scenario, decision, by, lost, filed))
    await scenario.database.set_business_time(NOON + timedelta(days=9))
    await scenario.run_timers()
    await _by_file(scenario, client, filed)
    await _batch(scenario, client, fund_id)
    await scenario.run_timers()
    async with scenario.database.worker.unit_of_work() as uow:
        said = {payout.id: BankAnswer(Answer.FAILED, "account_closed"), lost.id: BankAnswer(Answer.PAID)}
        due = await lease_due(uow, 2)
        await record_answers(uow, [Reply(call, said[call.instruction.payout_id], given=True) for call in due])
    await _money_return(scenario, client, payout)
    await client.post(scenario.reviewer, "/v1/payout-corrections", rows(payout))
    await _clawback(scenario, client, recorder, lost)
    await client.get(scenario.reviewer, f"/v1/payouts/{payout.id}")
    await client.get(scenario.reviewer, "/v1/payouts", status="reviewed", held="false")
    await client.get(scenario.reviewer, "/v1/payout-totals", area="410402")
    await client.get(scenario.cashier, "/v1/ledger")
    await client.get(None, "/v1/rates")
    await _rates(scenario, client)
    await _year_end(scenario, client, fund_id)
    recorder.check()


async def _account(scenario: Scenario, client: ApiClient, recorder: Recorder) -> None:
    body = {
        "owner_kind": "institution", "owner_id": SCHOOL, "bank_code": "102100099996",
        "account_number": "6222020000000001", "account_name": NAME,
    }  # fmt: skip
    proposed = await client.post(school(), "/v1/accounts", body)
    for confirmer in (scenario.cashier, scenario.releaser):
        await client.post(confirmer, f"{proposed.headers['Location']}/confirmations", {"payee_name": NAME})
        if confirmer is scenario.cashier:
            recorder.forget("confirmAccount")
    await client.get(school(), proposed.headers["Location"])
    await client.get(school(), "/v1/accounts")


async def _fund(scenario: Scenario, client: ApiClient) -> str:
    body = {"fund_source": FUND_SOURCE, "area": "410402", "year": NOON.year, "budget_fen": 100_000_000}
    opened = await client.post(scenario.cashier, "/v1/funds", body)
    for proposer, decider, decision in (
        (scenario.cashier, scenario.releaser, "approvals"),
        (scenario.releaser, scenario.cashier, "rejections"),
    ):
        if decision == "rejections":
            await client.post(proposer, f"{opened.headers['Location']}/raises", {"amount_fen": 50_000_000})
            await client.post(decider, f"{opened.headers['Location']}/rejections")
            await client.post(proposer, f"{opened.headers['Location']}/reductions", {"amount_fen": 20_000_000})
        await client.post(decider, f"{opened.headers['Location']}/{decision}")
    await client.get(scenario.cashier, opened.headers["Location"])
    await client.get(scenario.cashier, "/v1/funds")
    fund_id: str = opened.json()["id"]
    return fund_id


async def _year_end(scenario: Scenario, client: ApiClient, fund_id: str) -> None:
    await scenario.database.set_business_time(NOON.replace(year=NOON.year + 1))
    await client.post(scenario.cashier, f"/v1/funds/{fund_id}/carry-overs")
    await client.post(scenario.releaser, f"/v1/funds/{fund_id}/rejections")
    carried = {"rows": [{"fund_id": fund_id}]}
    await client.post(scenario.cashier, "/v1/fund-carry-overs", carried)
    await client.post(scenario.releaser, "/v1/fund-carry-over-approvals", carried)
    body = {"fund_source": "finance", "area": "410402", "year": NOON.year + 1, "budget_fen": 50_000_000}
    unspent = await client.post(scenario.cashier, "/v1/funds", body)
    await client.post(scenario.releaser, f"{unspent.headers['Location']}/approvals")
    await client.post(scenario.cashier, f"{unspent.headers['Location']}/closings")


async def _hold(scenario: Scenario, client: ApiClient, payout: PayoutFacts) -> None:
    placed = await client.post(scenario.reviewer, f"/v1/payouts/{payout.id}/holds", {"reason_code": "objection"})
    await client.get(scenario.reviewer, placed.headers["Location"])
    await client.post(scenario.reviewer, f"{placed.headers['Location']}/lift")
    unknown = await scenario.open(replace(Case(), **DAYS, eligibility="unknown"))
    async with scenario.database.api.unit_of_work() as uow:
        (standing,) = await open_holds(uow, [unknown.id])
    path = f"/v1/payouts/{unknown.id}/holds/{standing.id}/take-overs"
    await client.post(scenario.reviewer, path, {"reason_code": "register_answered_by_letter"})


async def _money_return(scenario: Scenario, client: ApiClient, payout: PayoutFacts) -> None:
    async with scenario.database.worker.unit_of_work() as uow:
        await record_returned(uow, [ReturnReport("20360528-000017", payout.id, 160_000, "account_closed")])
    held = (await client.get(scenario.cashier, "/v1/money-returns", held="true")).json()["data"]
    await client.post(scenario.cashier, f"/v1/money-returns/{held[0]['id']}/dismissals")


async def _rates(scenario: Scenario, client: ApiClient) -> None:
    body = {
        "programme": "training_voucher", "certificate_kind": "skill_level", "level": 4, "act": "first",
        "amount_fen": 170_000, "valid_from": "2036-07-01", "paid_to": "training_institution",
        "source": "豫人社规〔2036〕1号", "rate_id": 13,
    }  # fmt: skip
    for decision, by in (("approvals", scenario.second), ("rejections", scenario.approver)):
        path = (await client.post(scenario.approver, "/v1/rate-changes", body)).headers["Location"]
        await client.post(by, f"{path}/{decision}")
    await client.get(scenario.approver, path)
    await client.get(scenario.approver, "/v1/rate-changes")


async def _clawback(scenario: Scenario, client: ApiClient, recorder: Recorder, payout: PayoutFacts) -> None:
    body = {"payout_id": str(payout.id), "reason_code": "ghost_trainee"}
    path = (await client.post(scenario.reviewer, "/v1/clawbacks", body)).headers["Location"]
    await client.post(scenario.approver, f"{path}/approvals")
    recorder.forget("approveMeasure")
    await client.post(scenario.reviewer, f"{path}/measures", {"measure": "write_off"})
    recorder.forget("proposeMeasure")
    await client.post(scenario.approver, f"{path}/rejections")
    plan = {"measure": "instalments", "parts": 4, "first_due_on": "2036-07-01"}
    await client.post(scenario.reviewer, f"{path}/measures", plan)
    await client.post(scenario.approver, f"{path}/approvals")
    came = {"reference": "20360610-000021", "amount_fen": 40_000, "received_on": "2036-06-10"}
    recorded = await client.post(scenario.cashier, "/v1/incoming-payments", came)
    await client.get(scenario.cashier, recorded.headers["Location"])
    await client.get(scenario.cashier, "/v1/incoming-payments", free="true")
    matches = f"{recorded.headers['Location']}/matches"
    await client.post(scenario.releaser, matches, {"clawback_id": path.rsplit("/", 1)[1]})
    await client.get(school(), path)
    await client.get(scenario.reviewer, "/v1/clawbacks", status="instalments")


async def _notice(scenario: Scenario, client: ApiClient) -> None:
    notice_id = (await client.get(None, "/v1/notices", area="410402")).json()["data"][0]["id"]
    for more in ("", "/entries", "/page"):
        await client.get(None, f"/v1/notices/{notice_id}{more}")
    await client.get(scenario.approver, "/v1/notice-records", area="410402")
    entry = (await client.get(None, f"/v1/notices/{notice_id}/entries")).json()["data"][0]
    said = {"payout_id": entry["payout_id"], "statement": "公示标准与证书等级不符", "evidence_digest": "0" * 64}
    filed = await client.post(worker(registered_person()), f"/v1/notices/{notice_id}/objections", said)
    path = filed.headers["Location"]
    for decision in ("returns", "decisions"):
        body = {"outcome": "dismissed", "reason_code": "level_confirmed"}
        await client.post(scenario.reviewer, f"{path}/proposals", body)
        await client.post(scenario.second, f"{path}/{decision}")
    await client.get(scenario.reviewer, path)
    await client.get(scenario.reviewer, "/v1/objections", overdue="false")


async def _objection(scenario: Scenario, client: ApiClient) -> None:
    rejected = await scenario.open(replace(Case(), **DAYS))
    async with scenario.database.api.unit_of_work(scenario.second.actor) as uow:
        await place_hold(uow, scenario.second, rejected.id, "roster_doubtful")
    async with scenario.database.api.unit_of_work(scenario.reviewer.actor) as uow:
        await reject_payouts(uow, scenario.reviewer, {rejected.id: Rejection("never_attended", final=True)})
    said = {"statement": "名单中确有此人,考勤记录附后", "evidence_digest": "0" * 64}
    lodged = await client.post(school(), f"/v1/payouts/{rejected.id}/objections", said)
    body = {"outcome": "upheld", "reason_code": "attendance_proven"}
    await client.post(scenario.approver, f"{lodged.headers['Location']}/rulings", body)


async def _by_file(scenario: Scenario, client: ApiClient, payout: PayoutFacts) -> None:
    batch = await build(scenario, payout, channel=BankChannel.ISO20022)
    async with scenario.database.api.unit_of_work() as uow:
        await endorse_payment_batch(uow, officer(Role.FINANCE), batch.id)
    await release(scenario, batch.id)
    await scenario.run_timers()
    (file,) = (await client.get(scenario.cashier, "/v1/payment-files", batch_id=str(batch.id))).json()["data"]
    taken = await client.post(scenario.releaser, f"/v1/payment-files/{file['id']}/downloads")
    await client.get(scenario.cashier, f"/v1/payment-files/{file['id']}")
    orders = read_orders(b64decode(taken.json()["content"]))
    for decision, outcome in (("rejections", Status.ACCEPTED), ("confirmations", Status.PAID)):
        said = b64encode(write_report(orders, [Entry(outcome)]).replace(b">1600.00<", b">1600.01<")).decode()
        path = (await client.post(scenario.cashier, "/v1/bank-reports", {"content": said})).headers["Location"]
        await client.post(scenario.releaser, f"{path}/{decision}")
    back = returned("20360528-000016", 159_000, named=payout.id.hex)
    said = b64encode(notification(entry(159_000, back)).replace("2033-03-16<", "2036-05-28<").encode()).decode()
    credit = (await client.post(scenario.cashier, "/v1/bank-reports", {"content": said})).headers["Location"]
    await client.post(scenario.releaser, f"{credit}/confirmations")
    await scenario.run_timers()
    await client.get(scenario.cashier, path)
    await client.get(scenario.cashier, "/v1/bank-reports", status="applied")
    held = (await client.get(scenario.cashier, "/v1/bank-report-rows", held="true")).json()["data"]
    await client.post(scenario.cashier, f"/v1/bank-report-rows/{held[0]['id']}/dismissals")


async def _batch(scenario: Scenario, client: ApiClient, fund_id: str) -> None:
    built = await client.post(scenario.cashier, "/v1/payment-batches", {"fund_id": fund_id})
    await client.post(officer(Role.FINANCE), f"{built.headers['Location']}/endorsements")
    await client.post(scenario.releaser, f"{built.headers['Location']}/releases")
    await client.get(scenario.cashier, built.headers["Location"])
    await client.get(scenario.cashier, "/v1/payment-batches", status="released")
