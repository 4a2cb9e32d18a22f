"""The bank: lost answers, lost requests, refusals and silence, and never a payout paid twice."""

import asyncio
from datetime import date

import pytest

from services.payout.instructions.domain import Answer
from services.payout.instructions.queries import pinned
from services.payout.instructions.service import lease_due, record_answers
from services.payout.instructions.timers import deliver
from services.payout.payouts.domain import PayoutFacts, PayoutState
from services.payout.reviews.domain import InstructionUnanswered
from services.payout.reviews.service import approve_payouts, correct_payouts, reject_payouts
from shared.contracts.evaluation import CertificateRevokedV1
from shared.kernel.lifecycle import TransitionRefused
from shared.security import Role
from tests.payout.city import Case, City, accepted, decide, officer
from tests.payout.counter import BankCounter, instruction, office_of_a_bank_that_says
from tests.payout.way import AFTER_THE_NOTICE, build, release, walk

RATE_FEN = 160_000


async def call(city: City, bank: BankCounter) -> int:
    """The external job goes to the bank now: nobody has to wait for a pause or a lease to end."""
    await city.sql("owner", "UPDATE deliveries SET next_call_at = clock_timestamp() WHERE outcome IS NULL")
    return await deliver(city.database.worker, bank.office)


async def sent(city: City, count: int = 1) -> list[PayoutFacts]:
    """Payouts whose intent to pay is committed, and nothing more."""
    await city.begin()
    return await walk(city, PayoutState.SENT, *[await city.open() for _ in range(count)])


async def spent_fen(city: City) -> int:
    """What the fund says was spent."""
    (fund,) = await city.sql("owner", "SELECT spent_fen FROM funds")
    return int(fund.spent_fen)


async def test_a_lost_answer_is_asked_for_and_nothing_is_sent_twice(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    await bank.misbehave(lose_answers=1)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.UNKNOWN
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1
    assert await spent_fen(city) == RATE_FEN


async def test_a_lost_request_is_sent_again_under_the_same_id(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    await bank.misbehave(lose_requests=2)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.UNKNOWN
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.UNKNOWN
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1
    told = [len(await city.events(f"payout.{name}")) for name in ("sent", "unknown", "paid")]
    assert told == [3, 2, 1]


async def test_a_bank_that_is_down_leaves_everything_as_it_is(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    bank.close_down()
    await call(city, bank)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.UNKNOWN
    assert await spent_fen(city) == 0


async def test_a_bank_that_is_busy_is_asked_again(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    await bank.misbehave(refuse=1)
    await call(city, bank)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID


async def test_an_instruction_accepted_and_not_yet_settled_stays_sent(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    await bank.misbehave(settle_ms=1_500)
    await call(city, bank)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.SENT
    await asyncio.sleep(1.6)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID


async def test_killed_between_the_intent_and_the_call(city: City, bank: BankCounter) -> None:
    """The process died after the lease was committed: the next one asks first, and sends what never arrived."""
    (payout,) = await sent(city)
    async with city.database.worker.unit_of_work() as uow:
        assert len(await lease_due(uow, 10)) == 1
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID
    assert (await bank.book())["instructions"] == 1


async def test_killed_between_the_call_and_its_record(city: City, bank: BankCounter) -> None:
    """The bank has it and nobody wrote it down: asking under the same id finds it."""
    (payout,) = await sent(city)
    async with city.database.worker.unit_of_work() as uow:
        (due,) = await lease_due(uow, 10)
    content = {"account_name": "单位X", "account_number": "6222020000000001", "bank_code": "102100099996"}
    async with city.database.worker.unit_of_work() as uow:
        assert (await pinned(uow, [(payout.id, 1)]))[payout.id].id == payout.id == due.instruction.id
    answer = await bank.put(payout.id, {**content, "amount_fen": RATE_FEN, "currency": "CNY", "reference": "r"})
    assert answer == 202
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.PAID


async def test_two_errands_at_once_pay_once(city: City, bank: BankCounter) -> None:
    payouts = await sent(city, 10)
    await asyncio.gather(*(deliver(city.database.worker, bank.office) for _ in range(4)))
    assert {(await city.now_of(one)).status for one in payouts} == {PayoutState.PAID}
    book = await bank.book()
    assert (book["instructions"], book["paid_fen"]) == (10, RATE_FEN * 10)
    assert await spent_fen(city) == RATE_FEN * 10


async def test_an_answer_recorded_twice_spends_once(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    async with city.database.worker.unit_of_work() as uow:
        (due,) = await lease_due(uow, 10)
    replies = [bank.reply(due, Answer.PAID)]

    async def record() -> int:
        async with city.database.worker.unit_of_work() as uow:
            return await record_answers(uow, replies)

    assert sorted(await asyncio.gather(record(), record(), record())) == [0, 0, 1]
    assert await spent_fen(city) == RATE_FEN
    assert (await city.now_of(payout)).status is PayoutState.PAID


async def test_a_refusal_is_corrected_approved_anew_and_paid_without_a_second_notice(
    city: City, bank: BankCounter
) -> None:
    (payout,) = await sent(city)
    await bank.misbehave(failing_suffix="0001")
    await call(city, bank)
    failed = await city.now_of(payout)
    assert (failed.status, failed.code) == (PayoutState.FAILED, "bank_account_closed")
    (fund,) = await city.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (RATE_FEN, 0)

    await city.account(payout.payee_id, number="6222020000000002")
    (corrected,) = accepted(await decide(city, correct_payouts, city.second, payout))
    assert (corrected.status, corrected.officers.named()) == (PayoutState.REVIEWED, {city.second.person})
    await city.database.set_business_time(AFTER_THE_NOTICE.replace(day=18))
    accepted(await decide(city, approve_payouts, city.approver, payout))
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.CLEARED
    batch = await build(city, payout)
    await release(city, batch.id)
    await city.tick()
    await call(city, bank)
    await city.tick()

    assert (await city.now_of(payout)).status is PayoutState.PAID
    book = await bank.book()
    assert (book["instructions"], book["paid_fen"], book["failed_fen"]) == (2, RATE_FEN, RATE_FEN)
    rows = await city.sql("owner", "SELECT attempt, outcome FROM instructions JOIN deliveries ON instruction_id = id"
                          " ORDER BY attempt")  # fmt: skip
    assert [tuple(row) for row in rows] == [(1, "failed"), (2, "paid")]
    batches = await city.sql("owner", "SELECT status FROM payment_batches")
    assert {row.status for row in batches} == {"settled"}
    assert len(await city.events("payout.published")) == 1


async def test_the_same_id_with_another_content_is_held_and_told(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    content = {"account_name": "他人", "account_number": "6222029999999999", "bank_code": "102100099996"}
    await bank.misbehave(settle_ms=60_000)
    await bank.put(payout.id, {**content, "amount_fen": 1, "currency": "CNY", "reference": "r"})
    await call(city, bank)
    now = await city.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.UNKNOWN, 1)
    assert [told["code"] for told in await city.events("payout.held")] == ["bank_content_conflict"]
    await call(city, bank)
    assert (await city.now_of(payout)).open_holds == 1


async def test_revoked_while_the_bank_is_silent_is_never_sent_again(city: City, bank: BankCounter) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.SENT, await city.open(case))
    await bank.misbehave(lose_requests=1)
    await call(city, bank)
    revoked = city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud")
    await city.hear(revoked)
    await call(city, bank)
    await call(city, bank)
    now = await city.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.UNKNOWN, 1)
    assert (await bank.book())["instructions"] == 0


async def test_revoked_and_never_received_is_given_up_a_day_later_and_can_be_rejected(
    city: City, bank: BankCounter
) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.SENT, await city.open(case))
    await bank.misbehave(lose_requests=1)
    await call(city, bank)
    revoked = city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud")
    await city.hear(revoked)
    for hours, status in ((23, PayoutState.UNKNOWN), (25, PayoutState.FAILED)):
        given = "UPDATE deliveries SET given_at = clock_timestamp() - make_interval(hours => :hours)"
        await city.sql("owner", given, hours=hours)
        await call(city, bank)
        assert (await city.now_of(payout)).status is status
    (corrected,) = await decide(city, correct_payouts, officer(Role.OFFICER), payout)
    assert isinstance(corrected, InstructionUnanswered), "never under a new id"
    async with city.database.api.unit_of_work() as uow:
        accepted(await reject_payouts(uow, city.reviewer, [(payout.id, "certificate_revoked")]))
    (fund,) = await city.sql("owner", "SELECT reserved_fen, spent_fen FROM funds")
    assert tuple(fund) == (0, 0)


async def test_revoked_while_the_bank_is_silent_and_has_paid_is_a_fact(city: City, bank: BankCounter) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.SENT, await city.open(case))
    await bank.misbehave(lose_answers=1)
    await call(city, bank)
    revoked = city.tell(CertificateRevokedV1, case.certificate_id, since=date(2033, 3, 14), reason_code="fraud")
    await city.hear(revoked)
    await call(city, bank)
    now = await city.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.PAID, 1)


async def test_what_is_with_the_bank_is_neither_corrected_nor_approved(city: City, bank: BankCounter) -> None:
    (payout,) = await sent(city)
    (outcome,) = await decide(city, correct_payouts, officer(Role.OFFICER), payout)
    assert isinstance(outcome, TransitionRefused)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"status": "settled"}',
        b'{"status": 1}',
        b'{"status":"paid","status":"failed"}',
        b"x" * 20_000,
    ],
)
async def test_an_answer_that_cannot_be_read_says_nothing(body: bytes) -> None:
    async with office_of_a_bank_that_says(body) as office:
        assert (await office.ask(instruction())).answer is Answer.SILENT
