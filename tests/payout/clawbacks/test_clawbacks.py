"""追回: one case a payout, set off against later payouts, paid back, agreed and given up (R4)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from services.payout.bank.domain import Answer
from services.payout.clawbacks import service
from services.payout.clawbacks.domain import Measure
from services.payout.incoming_payments.service import type_incoming
from services.payout.payment_batches.service import send_released
from services.payout.payouts.domain import PayoutState
from shared.kernel.clock import business_date
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal, Role
from tests.payout.debts import (
    BUDGET_FEN,
    RATE_FEN,
    SMALL_FEN,
    approve,
    approve_write_off,
    cases,
    cleared,
    incoming,
    instructed,
    only_case,
    opened_debt,
    pay,
    pending,
    propose,
    refusal,
    revoke,
    send,
    small_case,
    statement,
)
from tests.payout.funds.test_funds import figures, ledger_agrees
from tests.payout.money_returns.test_money_returns import answered
from tests.payout.scenario import OTHER_SCHOOL, SCHOOL, Case, Scenario, officer
from tests.payout.steps import AFTER_THE_NOTICE, advance, build, release


async def test_a_certificate_revoked_after_payment_opens_one_case_and_the_spending_becomes_a_claim(
    scenario: Scenario,
) -> None:
    forged = Case()
    (payout,) = await cleared(scenario, forged)
    await pay(scenario, payout)
    await revoke(scenario, forged)
    case = await only_case(scenario)
    assert (case.payout_id, case.debtor_id, case.amount_fen, case.outstanding_fen) == (
        payout.id, SCHOOL, RATE_FEN, RATE_FEN,
    )  # fmt: skip
    assert case.due_on == business_date(AFTER_THE_NOTICE + timedelta(days=30))
    assert (await scenario.now_of(payout)).status is PayoutState.REVERSED
    (event,) = await scenario.events("payout.reversed")
    assert event["code"] == "certificate_revoked"
    assert await figures(scenario) == [(BUDGET_FEN, 0, 0)]
    assert await statement(scenario, case) == [("debt", RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_a_debt_is_set_off_over_two_later_payouts_and_paid_back_and_then_the_key_is_free(
    scenario: Scenario,
) -> None:
    forged = Case()
    payouts = await cleared(scenario, forged, small_case(), Case())
    await pay(scenario, payouts[0])
    await revoke(scenario, forged)
    case = await only_case(scenario)
    await incoming(scenario, "B-1", 50_000, about=case.id)
    assert (await only_case(scenario)).outstanding_fen == 110_000
    await pay(scenario, payouts[1])
    whole = await scenario.now_of(payouts[1])
    assert (whole.status, whole.offset_fen, await instructed(scenario, whole)) == ("paid", SMALL_FEN, [0])
    assert (await only_case(scenario)).outstanding_fen == 80_000
    await send(scenario, payouts[2])
    assert await instructed(scenario, payouts[2]) == [80_000]
    assert await pending(scenario, case) == 80_000
    assert (await only_case(scenario)).outstanding_fen == 80_000, "not counted before the bank has paid"
    await answered(scenario)
    assert (await scenario.now_of(payouts[2])).offset_fen == 80_000
    settled = await only_case(scenario)
    assert (settled.status, settled.outstanding_fen) == ("settled", 0)
    assert await statement(scenario, case) == [
        ("debt", RATE_FEN), ("incoming", 50_000), ("offset", SMALL_FEN), ("offset", 80_000),
    ]  # fmt: skip
    assert len(await scenario.events("payout.debt_settled")) == 1
    assert await figures(scenario) == [(BUDGET_FEN, 0, SMALL_FEN + RATE_FEN)]
    assert await ledger_agrees(scenario)
    again = replace(Case(), person_id=forged.person_id)
    assert (await scenario.open(again)).status is PayoutState.OPENED, "the honest certificate is payable"


async def test_an_offset_of_a_payment_that_fails_is_given_up(scenario: Scenario) -> None:
    forged = small_case()
    payouts = await cleared(scenario, forged, Case())
    await pay(scenario, payouts[0])
    await revoke(scenario, forged)
    await send(scenario, payouts[1])
    case = await only_case(scenario)
    assert (await instructed(scenario, payouts[1]), await pending(scenario, case)) == ([130_000], SMALL_FEN)
    assert await approve_write_off(scenario, case) == "offset_pending"
    left = await incoming(scenario, "B-1", SMALL_FEN, about=case.id)
    assert left.matched_fen == 0, "the payment under way has it"
    await answered(scenario, Answer.FAILED)
    assert (await pending(scenario, case), (await only_case(scenario)).outstanding_fen) == (0, SMALL_FEN)
    assert (await scenario.now_of(payouts[1])).offset_fen == 0


async def test_only_payouts_of_the_same_payee_from_the_same_fund_are_set_off(scenario: Scenario) -> None:
    forged = Case()
    other_payee = replace(Case(), payee_id=OTHER_SCHOOL)
    other_fund = replace(Case(), fund_source="finance")
    await scenario.database.set_business_time(AFTER_THE_NOTICE - timedelta(days=13))
    await scenario.account(OTHER_SCHOOL, number="6222020000000099")
    await scenario.begin()
    await scenario.fund(source="finance")
    opened = [await scenario.open(case) for case in (forged, other_payee, other_fund)]
    payouts = await advance(scenario, PayoutState.CLEARED, *opened)
    await pay(scenario, payouts[0])
    await revoke(scenario, forged)
    for payout in payouts[1:]:
        await pay(scenario, payout)
        assert await instructed(scenario, payout) == [RATE_FEN]
    assert (await only_case(scenario)).outstanding_fen == RATE_FEN


async def test_a_certificate_revoked_while_the_bank_has_the_money_opens_the_case_when_it_pays(
    scenario: Scenario,
) -> None:
    forged = Case()
    (payout,) = await cleared(scenario, forged)
    await send(scenario, payout)
    await revoke(scenario, forged)
    assert await cases(scenario) == []
    await answered(scenario)
    assert (await only_case(scenario)).outstanding_fen == RATE_FEN
    assert (await scenario.now_of(payout)).status is PayoutState.REVERSED


async def test_fraud_is_found_by_one_officer_and_decided_by_another(scenario: Scenario) -> None:
    first, second = Case(), Case()
    payouts = await cleared(scenario, first, second)
    propose_one = lambda uow: service.propose_clawback(uow, scenario.reviewer, payouts[0].id, "ghost_trainee")  # noqa: E731  # said twice below
    assert await refusal(scenario, propose_one) == "payout_not_paid"
    await pay(scenario, *payouts)
    assert await refusal(scenario, propose_one) is None
    assert await refusal(scenario, propose_one) == "clawback_exists"
    case = await only_case(scenario)
    assert (case.status, case.outstanding_fen) == ("proposed", 0)
    assert await approve(scenario, case, scenario.reviewer) == "clawback_same_person"
    assert await approve(scenario, case, scenario.approver) is None
    assert ((await only_case(scenario)).status, (await only_case(scenario)).reason_code) == ("open", "ghost_trainee")
    assert (await scenario.now_of(payouts[0])).status is PayoutState.REVERSED
    assert await refusal(
        scenario, lambda uow: service.propose_clawback(uow, scenario.reviewer, payouts[1].id, "x")
    ) is None  # fmt: skip
    given_up = (await cases(scenario))[1]
    assert await refusal(scenario, lambda uow: service.reject_measure(uow, scenario.approver, given_up.id)) is None
    assert (await scenario.now_of(payouts[1])).status is PayoutState.PAID


async def test_two_causes_at_once_open_one_case(scenario: Scenario) -> None:
    forged = Case()
    (payout,) = await cleared(scenario, forged)
    await pay(scenario, payout)
    async with scenario.database.api.unit_of_work() as uow:
        case = await service.propose_clawback(uow, scenario.reviewer, payout.id, "ghost_trainee")
    await asyncio.gather(
        revoke(scenario, forged), *(approve(scenario, case, by) for by in (scenario.approver, scenario.second))
    )
    assert (await only_case(scenario)).status == "open"
    assert len(await scenario.events("payout.reversed")) == 1
    assert await statement(scenario, case) == [("debt", RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_payments_sent_at_once_are_never_set_off_beyond_the_debt(scenario: Scenario) -> None:
    forged = Case()
    payouts = await cleared(scenario, forged, *(Case() for _ in range(4)))
    await pay(scenario, payouts[0])
    await revoke(scenario, forged)
    for payout in payouts[1:]:
        await release(scenario, (await build(scenario, payout)).id)

    async def send_some() -> None:
        async with scenario.database.worker.unit_of_work() as uow:
            await send_released(uow, 2)

    await asyncio.gather(*(send_some() for _ in range(4)), return_exceptions=True)
    await scenario.run_timers()
    await answered(scenario)
    paid = [await scenario.now_of(payout) for payout in payouts[1:]]
    assert sum(payout.offset_fen for payout in paid) == RATE_FEN
    assert (await only_case(scenario)).status == "settled"
    assert await figures(scenario) == [(BUDGET_FEN, 0, 4 * RATE_FEN)]
    assert await ledger_agrees(scenario)


async def test_a_write_off_takes_two_up_to_the_limit_and_three_above_the_last_of_the_city(scenario: Scenario) -> None:
    case = await opened_debt(scenario)
    area = [officer(Role.OFFICER, "410402") for _ in range(3)]
    assert await propose(scenario, case, Measure.WRITE_OFF, area[0]) is None
    assert await propose(scenario, case, Measure.ENFORCEMENT, area[1]) == "measure_pending"
    assert await approve(scenario, case, area[0]) == "clawback_same_person"
    assert await approve(scenario, case, area[1]) is None
    assert (await only_case(scenario)).status == "open", "endorsed, not written off"
    assert await approve(scenario, case, area[1]) == "clawback_same_person"
    assert await approve(scenario, case, area[2]) == "city_officer_for_write_off"
    assert await approve(scenario, case, scenario.approver) is None
    ended = await only_case(scenario)
    assert (ended.status, ended.outstanding_fen) == ("written_off", 0)
    assert await statement(scenario, case) == [("debt", RATE_FEN), ("write_off", RATE_FEN)]
    assert len(await scenario.events("payout.debt_settled")) == 1, "nothing blocks a person for life"
    assert await ledger_agrees(scenario)
    (fund,) = await scenario.sql("owner", "SELECT written_off_fen, receivable_fen FROM funds")
    assert tuple(fund) == (RATE_FEN, 0)


async def test_a_small_rest_is_written_off_by_two(scenario: Scenario) -> None:
    case = await opened_debt(scenario)
    await incoming(scenario, "B-1", RATE_FEN - 10_000, about=case.payout_id)
    assert await propose(scenario, case, Measure.WRITE_OFF, scenario.reviewer) is None
    assert await approve(scenario, case, officer(Role.OFFICER, "410402")) is None
    assert (await only_case(scenario)).status == "written_off"


async def test_instalments_are_agreed_fall_due_and_go_to_enforcement(scenario: Scenario) -> None:
    case = await opened_debt(scenario)
    assert await propose(scenario, case, Measure.WRITE_OFF, scenario.reviewer, parts=3) == "measure_invalid"
    assert await propose(scenario, case, Measure.INSTALMENTS, scenario.reviewer, parts=3) is None
    assert await approve(scenario, case, scenario.approver) is None
    agreed = await only_case(scenario)
    assert (agreed.status, agreed.plan_parts, agreed.plan_fen) == ("instalments", 3, RATE_FEN)
    await incoming(scenario, "B-1", 50_000, about=case.id)
    assert agreed.due_on is not None
    await scenario.database.set_business_time(AFTER_THE_NOTICE + timedelta(days=95))
    await scenario.run_timers()
    assert (await only_case(scenario)).status == "overdue"
    assert await propose(scenario, case, Measure.ENFORCEMENT, scenario.reviewer) is None
    assert await approve(scenario, case, scenario.approver) is None
    await incoming(scenario, "COURT-1", 110_000, about=case.id)
    assert (await only_case(scenario)).status == "settled"


async def test_money_that_came_in_counts_once_and_what_is_typed_is_matched_by_another(scenario: Scenario) -> None:
    case = await opened_debt(scenario)
    assert (await incoming(scenario, "B-1", 10_000, about=case.id)).matched_fen == 10_000
    assert (await incoming(scenario, "B-1", 10_000, about=case.id)).matched_fen == 10_000
    assert (await only_case(scenario)).outstanding_fen == 150_000
    assert (await incoming(scenario, "B-2", 7, about=uuid7())).matched_fen == 0
    async with scenario.database.api.unit_of_work() as uow:
        typed = await type_incoming(uow, scenario.cashier, reference="B-3", amount_fen=200_000, received_on=uow.today)

    def match(by: Principal) -> Callable[[UnitOfWork], Awaitable[object]]:
        return lambda uow: service.match_incoming(uow, by, typed.id, case.id)

    assert await refusal(scenario, match(scenario.cashier)) == "clawback_same_person"
    assert await refusal(scenario, match(scenario.releaser)) is None
    assert (await only_case(scenario)).status == "settled"
    (row,) = await scenario.sql("owner", "SELECT matched_fen FROM incoming_payments WHERE reference = 'B-3'")
    assert row.matched_fen == 150_000, "the rest is nobody's debt"
    assert await refusal(scenario, match(scenario.releaser)) == "wrong_state"
