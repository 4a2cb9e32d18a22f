"""The bank: lost answers, lost requests, refusals and silence, and never a payout paid twice."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from services.payout.accounts.domain import AccountCoolingOff, AccountUnchanged
from services.payout.bank.domain import Answer
from services.payout.instructions.queries import pinned
from services.payout.instructions.service import LEASE_S, lease_due, permit_resends, record_answers
from services.payout.instructions.timers import deliver, give
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.domain import InstructionUnanswered, Rejection
from services.payout.reviews.service import approve_payouts, correct_payouts, reject_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.contracts.training import InstitutionSuspendedV1
from shared.kernel.lifecycle import WrongState
from shared.security import Role
from tests.payout.sandbox_bank import SandboxBank
from tests.payout.scenario import (
    MONDAY,
    OTHER_SCHOOL,
    SCHOOL,
    Case,
    Scenario,
    accepted,
    codes,
    decide,
    officer,
)
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release

RATE_FEN = 160_000


async def call(scenario: Scenario, bank: SandboxBank) -> int:
    """The external job goes to the bank now, once: nobody has to wait for a pause or a lease to end."""
    await scenario.sql("owner", "UPDATE deliveries SET next_call_at = clock_timestamp() WHERE outcome IS NULL")
    return await deliver(scenario.database.worker, bank.client, turn_s=0.0)


async def sent(scenario: Scenario, count: int = 1) -> list[PayoutFacts]:
    """Payouts whose intent to pay is committed, and nothing more."""
    await scenario.begin()
    return await advance(scenario, PayoutState.SENT, *[await scenario.open() for _ in range(count)])


async def spent_fen(scenario: Scenario) -> int:
    """What the fund says was spent."""
    (fund,) = await scenario.sql("owner", "SELECT spent_fen FROM funds")
    return int(fund.spent_fen)


async def test_a_lost_answer_is_asked_for_and_nothing_is_sent_twice(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(lose_answers=1)
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.UNKNOWN
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1
    assert await spent_fen(scenario) == RATE_FEN


async def test_a_lost_request_is_sent_again_under_the_same_id(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(lose_requests=2)
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.UNKNOWN
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.UNKNOWN
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1
    event = [len(await scenario.events(f"payout.{name}")) for name in ("sent", "unknown", "paid")]
    assert event == [3, 2, 1]


async def test_an_answer_about_another_instruction_is_not_believed(scenario: Scenario, bank: SandboxBank) -> None:
    """The account is closed; the bank first says that something else was paid."""
    (payout,) = await sent(scenario)
    await bank.misbehave(failing_suffix="0001", answer_wrongly=2)
    for _ in range(2):
        await call(scenario, bank)
        assert (await scenario.now_of(payout)).status is PayoutState.UNKNOWN
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.FAILED
    assert await spent_fen(scenario) == 0


async def test_a_bank_that_is_down_leaves_everything_as_it_is(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    bank.close_down()
    await call(scenario, bank)
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.UNKNOWN
    assert await spent_fen(scenario) == 0


async def test_a_bank_that_is_busy_is_asked_again(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(refuse=1)
    await call(scenario, bank)
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID


async def test_an_instruction_accepted_and_not_yet_settled_stays_sent(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(settle_ms=600_000)
    for _ in range(3):
        await call(scenario, bank)
        assert (await scenario.now_of(payout)).status is PayoutState.SENT


async def test_an_instruction_is_asked_about_until_it_is_settled(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(settle_ms=500)
    while (await scenario.now_of(payout)).status is PayoutState.SENT:
        await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID


async def test_killed_between_the_intent_and_the_call(scenario: Scenario, bank: SandboxBank) -> None:
    """The process died after the lease was committed: the next one asks first, and sends what never arrived."""
    (payout,) = await sent(scenario)
    async with scenario.database.worker.unit_of_work() as uow:
        assert len(await lease_due(uow, 10)) == 1
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1


async def test_killed_between_the_call_and_its_record(scenario: Scenario, bank: SandboxBank) -> None:
    """The bank has it and nobody wrote it down: asking under the same id finds it."""
    (payout,) = await sent(scenario)
    async with scenario.database.worker.unit_of_work() as uow:
        (due,) = await lease_due(uow, 10)
    content = {"account_name": "单位X", "account_number": "6222020000000001", "bank_code": "102100099996"}
    async with scenario.database.worker.unit_of_work() as uow:
        assert (await pinned(uow, [(payout.id, 1)]))[payout.id].id == payout.id == due.instruction.id
    answer = await bank.put(payout.id, {**content, "amount_fen": RATE_FEN, "currency": "CNY", "reference": "r"})
    assert answer == 202
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.PAID


async def test_two_errands_at_once_pay_once(scenario: Scenario, bank: SandboxBank) -> None:
    payouts = await sent(scenario, 10)
    await asyncio.gather(*(deliver(scenario.database.worker, bank.client) for _ in range(4)))
    assert {(await scenario.now_of(payout)).status for payout in payouts} == {PayoutState.PAID}
    book = await bank.book()
    assert (book["instructions"], book["paid_fen"]) == (10, RATE_FEN * 10)
    assert await spent_fen(scenario) == RATE_FEN * 10


async def test_an_answer_recorded_twice_spends_once(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    async with scenario.database.worker.unit_of_work() as uow:
        (due,) = await lease_due(uow, 10)
    replies = [bank.reply(due, Answer.PAID)]

    async def record() -> int:
        async with scenario.database.worker.unit_of_work() as uow:
            return await record_answers(uow, replies)

    assert sorted(await asyncio.gather(record(), record(), record())) == [0, 0, 1]
    assert await spent_fen(scenario) == RATE_FEN
    assert (await scenario.now_of(payout)).status is PayoutState.PAID


async def test_a_refusal_is_corrected_approved_anew_and_paid_without_a_second_notice(
    scenario: Scenario, bank: SandboxBank
) -> None:
    (payout,) = await sent(scenario)
    await bank.misbehave(failing_suffix="0001")
    await call(scenario, bank)
    failed = await scenario.now_of(payout)
    assert (failed.status, failed.code) == (PayoutState.FAILED, "bank_account_closed")
    (fund,) = await scenario.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (RATE_FEN, 0)

    (unchanged,) = await decide(scenario, correct_payouts, scenario.second, payout)
    assert isinstance(unchanged, AccountUnchanged)
    await scenario.account(payout.payee_id, number="6222020000000002")
    closed = await scenario.sql("owner", "SELECT status FROM accounts ORDER BY revision")
    assert [row.status for row in closed] == ["closed", "confirmed"]
    (waits,) = await decide(scenario, correct_payouts, scenario.second, payout)
    assert isinstance(waits, AccountCoolingOff), "nothing goes to a closed account, and the new one cools off"
    assert str(waits.facts["usable_from"]) > (AFTER_THE_NOTICE + timedelta(hours=72)).isoformat()[:16]
    await scenario.database.set_business_time(AFTER_THE_NOTICE.replace(day=19))
    (corrected,) = accepted(await decide(scenario, correct_payouts, scenario.second, payout))
    assert (corrected.status, corrected.officers.named()) == (PayoutState.REVIEWED, {scenario.second.person})
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.CLEARED
    batch = await build(scenario, payout)
    await release(scenario, batch.id)
    await scenario.run_timers()
    await call(scenario, bank)
    await scenario.run_timers()

    assert (await scenario.now_of(payout)).status is PayoutState.PAID
    book = await bank.book()
    assert (book["instructions"], book["paid_fen"], book["failed_fen"]) == (2, RATE_FEN, RATE_FEN)
    rows = await scenario.sql(
        "owner",
        "SELECT attempt, outcome FROM instructions JOIN deliveries ON instruction_id = id ORDER BY attempt",
    )
    assert [tuple(row) for row in rows] == [(1, "failed"), (2, "paid")]
    batches = await scenario.sql("owner", "SELECT status FROM payment_batches")
    assert {row.status for row in batches} == {"settled"}
    assert len(await scenario.events("payout.published")) == 1


async def test_the_same_id_with_another_content_is_held_and_said(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    content = {"account_name": "他人", "account_number": "6222029999999999", "bank_code": "102100099996"}
    await bank.misbehave(settle_ms=60_000)
    await bank.put(payout.id, {**content, "amount_fen": 1, "currency": "CNY", "reference": "r"})
    await call(scenario, bank)
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.UNKNOWN, 1)
    assert [event["reason_code"] for event in await scenario.events("payout.held")] == ["bank_content_conflict"]
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).open_holds == 1


async def test_revoked_while_the_bank_is_silent_is_never_sent_again(scenario: Scenario, bank: SandboxBank) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    await bank.misbehave(lose_requests=1)
    await call(scenario, bank)
    revoked = scenario.next_event(
        CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud"
    )
    await scenario.receive(revoked)
    await call(scenario, bank)
    await call(scenario, bank)
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.UNKNOWN, 1)
    assert (await bank.book())["instructions"] == 0


async def test_revoked_and_never_received_is_given_up_a_day_later_and_can_be_rejected(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    await bank.misbehave(lose_requests=1)
    await call(scenario, bank)
    revoked = scenario.next_event(
        CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud"
    )
    await scenario.receive(revoked)
    for hours, status in ((23, PayoutState.UNKNOWN), (25, PayoutState.FAILED)):
        given = "UPDATE deliveries SET given_at = clock_timestamp() - make_interval(hours => :hours)"
        await scenario.sql("owner", given, hours=hours)
        await call(scenario, bank)
        assert (await scenario.now_of(payout)).status is status
    (corrected,) = await decide(scenario, correct_payouts, officer(Role.OFFICER), payout)
    assert isinstance(corrected, InstructionUnanswered), "never under a new id"
    async with scenario.database.api.unit_of_work() as uow:
        accepted((await reject_payouts(uow, scenario.reviewer, {payout.id: Rejection("certificate_revoked")})).values())
    (fund,) = await scenario.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (0, 0)


async def test_revoked_while_the_bank_is_silent_and_has_paid_is_a_fact(scenario: Scenario, bank: SandboxBank) -> None:
    await scenario.begin()
    case = Case()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open(case))
    await bank.misbehave(lose_answers=1)
    await call(scenario, bank)
    revoked = scenario.next_event(
        CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud"
    )
    await scenario.receive(revoked)
    await call(scenario, bank)
    now = await scenario.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.REVERSED, 1)


async def test_what_is_with_the_bank_is_neither_corrected_nor_approved(scenario: Scenario, bank: SandboxBank) -> None:
    (payout,) = await sent(scenario)
    (outcome,) = await decide(scenario, correct_payouts, officer(Role.OFFICER), payout)
    assert isinstance(outcome, WrongState)


async def test_an_institution_suspended_while_the_bank_is_at_it_is_not_paid_by_a_second_attempt(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    await scenario.receive(
        scenario.next_event(InstitutionSuspendedV1, SCHOOL, area="410402", scope=(), reason_code="findings")
    )
    await bank.misbehave(failing_suffix="0001")
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.FAILED
    assert codes(await decide(scenario, correct_payouts, scenario.second, payout)) == ["held"]


async def test_a_call_from_before_a_correction_does_not_send_the_old_instruction_again(
    scenario: Scenario, bank: SandboxBank
) -> None:
    """A process froze between the bank's 404 and the sending; meanwhile a second attempt is on its way."""
    await scenario.begin()
    (payout,) = await advance(scenario, PayoutState.SENT, await scenario.open())
    async with scenario.database.worker.unit_of_work() as uow:
        (old_call,) = await lease_due(uow, 10)
    await bank.misbehave(failing_suffix="0001", settle_ms=0)
    await call(scenario, bank)
    await call(scenario, bank)
    assert (await scenario.now_of(payout)).status is PayoutState.FAILED
    await scenario.account(payout.payee_id, number="6222020000000002")
    await scenario.database.set_business_time(AFTER_THE_NOTICE.replace(day=19))
    accepted(await decide(scenario, correct_payouts, scenario.second, payout))
    accepted(await decide(scenario, approve_payouts, scenario.approver, payout))
    await scenario.run_timers()
    await release(scenario, (await build(scenario, payout)).id)
    await scenario.run_timers()
    assert (await scenario.now_of(payout)).status is PayoutState.SENT
    async with scenario.database.worker.unit_of_work() as uow:
        assert await permit_resends(uow, [old_call]) == []


async def test_a_call_whose_lease_ended_is_not_made(scenario: Scenario, bank: SandboxBank) -> None:
    """Frozen between its lease and the bank, a process wakes when others have long taken the instruction over."""
    await scenario.begin()
    await advance(scenario, PayoutState.SENT, await scenario.open())
    async with scenario.database.worker.unit_of_work() as uow:
        due = await lease_due(uow, 10)
    late = [replace(call, leased_until=call.leased_until - timedelta(seconds=LEASE_S + 1)) for call in due]
    assert await give(scenario.database.worker, bank.client, late) == {}
    assert (await bank.book())["instructions"] == 0


async def test_an_account_that_does_not_open_keeps_nobody_elses_money_back(
    scenario: Scenario, bank: SandboxBank
) -> None:
    await scenario.database.set_business_time(MONDAY - timedelta(days=5))
    await scenario.account(OTHER_SCHOOL, number="6222020000000777")
    await scenario.begin()
    damaged = Case(payee_id=OTHER_SCHOOL)
    payouts = await advance(scenario, PayoutState.SENT, await scenario.open(damaged), await scenario.open())
    await scenario.force(
        "accounts", "UPDATE accounts SET account_name = account_number WHERE owner_id = :id", id=OTHER_SCHOOL
    )
    await call(scenario, bank)
    await call(scenario, bank)
    assert [(await scenario.now_of(payout)).status for payout in payouts] == [PayoutState.SENT, PayoutState.PAID]
