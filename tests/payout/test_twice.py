"""Ways to be paid twice, or to decide twice, that single steps do not show: late news, second records, old calls."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.payout.accounts.domain import AccountConfirmerNotDistinct
from services.payout.accounts.schemas import AccountProposalBody
from services.payout.accounts.service import AccountProposal, confirm_account, propose_account
from services.payout.claims.service import open_payouts
from services.payout.holds.queries import open_holds
from services.payout.holds.service import hold_payout, lift_hold
from services.payout.instructions.domain import Answer
from services.payout.instructions.service import LEASE_S, lease_due, permit_resends
from services.payout.instructions.timers import deliver, give
from services.payout.payment_batches.service import settle_batches
from services.payout.payouts.domain import OfficerNotDistinct, PayoutAlreadyLive, PayoutFacts, PayoutState
from services.payout.reviews.service import approve_payouts, correct_payouts, publish_payouts, reject_payouts
from shared.contracts.training import InstitutionSuspendedV1
from shared.contracts.voucher import PersonSupersededV1
from shared.kernel.ids import uuid7
from shared.security import Role, ScopeMissing
from tests.payout.city import HANDLERS, MONDAY, OTHER_SCHOOL, SCHOOL, Case, City, accepted, codes, decide, officer
from tests.payout.counter import BankCounter, instruction, office_of_a_bank_that_says
from tests.payout.test_attacks import refused
from tests.payout.way import build, release, walk


async def call(city: City, bank: BankCounter) -> None:
    """The external job goes to the bank now."""
    await city.sql("owner", "UPDATE deliveries SET next_call_at = clock_timestamp() WHERE outcome IS NULL")
    await deliver(city.database.worker, bank.office)


async def lift(city: City, payout: PayoutFacts) -> None:
    """An officer lifts the only hold of a payout."""
    async with city.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [payout.id])
        await lift_hold(uow, city.second, payout.id, hold.id)


async def superseded(city: City, record: Case, survivor: Case) -> None:
    """Voucher finds that two records are one person."""
    await city.hear(city.tell(PersonSupersededV1, record.person_id, survivor_id=survivor.person_id))


@pytest.mark.parametrize("paid_is_survivor", [True, False])
async def test_a_merger_holds_what_can_still_be_stopped(city: City, paid_is_survivor: bool) -> None:  # noqa: FBT001  # a parameter
    """The later payout is on its way already: it is the earlier one that must not be paid too."""
    await city.begin()
    first, second = Case(), Case()
    earlier, later = await city.open(first), await city.open(second)
    await walk(city, PayoutState.SENT, later)
    await superseded(city, *((first, second) if paid_is_survivor else (second, first)))
    assert ((await city.now_of(earlier)).open_holds, (await city.now_of(later)).open_holds) == (1, 0)


async def test_a_hold_for_one_person_twice_is_not_lifted_while_both_are_live(city: City) -> None:
    await city.begin()
    first, twin = Case(), Case()
    earlier, later = await city.open(first), await city.open(twin)
    await superseded(city, first, twin)
    with pytest.raises(PayoutAlreadyLive):
        await lift(city, later)
    async with city.database.api.unit_of_work() as uow:
        accepted(await reject_payouts(uow, city.reviewer, [(earlier.id, "duplicate_person")]))
    await lift(city, later)
    assert ((await city.now_of(later)).open_holds, (await city.now_of(later)).key_person_id) == (0, twin.person_id)


@pytest.mark.parametrize("which", [0, 1])
async def test_nothing_opens_beside_a_payout_that_kept_the_key_of_an_old_record(city: City, which: int) -> None:
    """Whichever of the two is ended, the other still stands for the person, under whatever record it is counted."""
    await city.begin()
    first, twin = Case(), Case()
    both = [await city.open(first), await city.open(twin)]
    await superseded(city, first, twin)
    async with city.database.api.unit_of_work() as uow:
        accepted(await reject_payouts(uow, city.reviewer, [(both[which].id, "duplicate_person")]))
    for person_id in (first.person_id, twin.person_id):
        assert (await city.open(replace(Case(), person_id=person_id))).code == "payout_already_live"


async def test_an_opening_and_a_merger_at_once_count_under_one_person(city: City) -> None:
    """The opening has read who the person is; the merger looks for open payouts before the opening commits."""
    await city.begin()
    record, survivor = Case(), Case()
    await city.hear(city.issued(record), city.issued(survivor))
    await city.hear(city.certified(survivor))
    early = await city.payout_of(survivor)
    certified = city.certified(record)
    async with city.database.worker.unit_of_work() as uow:
        for handler in HANDLERS[type(certified)]:
            await handler(uow, [certified])
        merger = asyncio.create_task(superseded(city, record, survivor))
        await asyncio.sleep(0.5)
    await merger
    late = await city.payout_of(record)
    assert ((await city.now_of(early)).open_holds, late.open_holds) == (0, 1)
    async with city.database.worker.unit_of_work() as uow:
        (again,) = await open_payouts(uow, [record.voucher_id])
    assert isinstance(again, PayoutFacts)


async def test_two_records_of_one_officer_are_one_person_when_it_comes_out_between_two_steps(city: City) -> None:
    """The record under which he reviewed is superseded by the one under which he approves."""
    await city.begin()
    (payout,) = await walk(city, PayoutState.REVIEWED, await city.open())
    await city.hear(city.tell(PersonSupersededV1, city.reviewer.person, survivor_id=city.approver.person))
    assert codes(await decide(city, approve_payouts, city.approver, payout)) == ["same_person"]


async def test_two_records_of_one_officer_that_come_out_after_the_release_stop_the_money(city: City) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.BATCHED, await city.open())
    (item,) = await city.sql("owner", "SELECT batch_id FROM payment_batch_items")
    await release(city, item.batch_id)
    await city.hear(city.tell(PersonSupersededV1, city.reviewer.person, survivor_id=city.releaser.person))
    await city.tick()
    now = await city.now_of(payout)
    assert (now.status, now.open_holds) == (PayoutState.BATCHED, 1)


async def test_a_beneficiary_under_an_old_record_neither_publishes_nor_lifts_a_hold(city: City) -> None:
    await city.begin()
    case = Case()
    (payout,) = await walk(city, PayoutState.APPROVED, await city.open(case))
    himself = officer(Role.OFFICER)
    await city.hear(city.tell(PersonSupersededV1, case.person_id, survivor_id=himself.person))
    assert codes(await decide(city, publish_payouts, himself, payout)) == ["same_person"]
    held = await city.open(replace(Case(), person_id=case.person_id, level=3, eligibility="unknown"))
    async with city.database.api.unit_of_work() as uow:
        (hold,) = await open_holds(uow, [held.id])
    with pytest.raises(OfficerNotDistinct):
        async with city.database.api.unit_of_work() as uow:
            await lift_hold(uow, himself, held.id, hold.id)


async def test_an_institution_suspended_while_the_bank_is_at_it_is_not_paid_by_a_second_attempt(
    city: City, bank: BankCounter
) -> None:
    await city.begin()
    (payout,) = await walk(city, PayoutState.SENT, await city.open())
    await city.hear(city.tell(InstitutionSuspendedV1, SCHOOL, area="410402", scope=()))
    await bank.misbehave(failing_suffix="0001")
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.FAILED
    assert codes(await decide(city, correct_payouts, city.second, payout)) == ["held"]


async def test_a_call_from_before_a_correction_does_not_send_the_old_instruction_again(
    city: City, bank: BankCounter
) -> None:
    """A process froze between the bank's 404 and the sending; meanwhile a second attempt is on its way."""
    await city.begin()
    (payout,) = await walk(city, PayoutState.SENT, await city.open())
    async with city.database.worker.unit_of_work() as uow:
        (old_call,) = await lease_due(uow, 10)
    await bank.misbehave(failing_suffix="0001", settle_ms=0)
    await call(city, bank)
    await call(city, bank)
    assert (await city.now_of(payout)).status is PayoutState.FAILED
    accepted(await decide(city, correct_payouts, city.second, payout))
    accepted(await decide(city, approve_payouts, city.approver, payout))
    await city.tick()
    await release(city, (await build(city, payout)).id)
    await city.tick()
    assert (await city.now_of(payout)).status is PayoutState.SENT
    async with city.database.worker.unit_of_work() as uow:
        assert await permit_resends(uow, [old_call]) == []


async def test_a_reservation_is_freed_by_the_end_of_its_payout_and_by_nothing_else(city: City) -> None:
    """Freed money would be reserved again while its payout goes on to be paid: neither role may."""
    await city.begin()
    await walk(city, PayoutState.CHECKED, await city.open())
    waiting = await city.open(replace(Case(), level=3))
    free = (
        "WITH moved AS (INSERT INTO ledger_transactions SELECT gen_random_uuid(), 'free', fund_id, id, now(), now()"
        " FROM payouts WHERE status = 'checked' RETURNING id, fund_id) INSERT INTO ledger_postings SELECT moved.id,"
        " posting.account, moved.fund_id, posting.sign * 160000 FROM moved, (VALUES ('reserved', -1),"
        " ('available', 1)) AS posting (account, sign)"
    )
    for role in ("api", "worker"):
        assert await refused(city, role, free) == "mn_payouts"
    assert waiting.status is PayoutState.OPENED


async def test_finance_proposes_an_account_under_a_name(city: City) -> None:
    """A token that names no person could hide that the proposer confirms his own proposal."""
    await city.begin()
    proposal = AccountProposal("institution", SCHOOL, "102100099996", "6222020000000009", "单位")
    with pytest.raises(ScopeMissing):
        async with city.database.api.unit_of_work() as uow:
            await propose_account(uow, replace(officer(Role.FINANCE), person_id=None), proposal)


async def test_two_records_of_one_confirmer_are_one_person_when_it_comes_out_late(city: City) -> None:
    await city.begin()
    proposal = AccountProposal("institution", SCHOOL, "102100099996", "6222020000000009", "单位")
    one, other = officer(Role.FINANCE), officer(Role.FINANCE)
    async with city.database.api.unit_of_work() as uow:
        account_id = (await propose_account(uow, officer(Role.FINANCE), proposal)).account.id
    async with city.database.api.unit_of_work() as uow:
        await confirm_account(uow, one, account_id, "单位")
    await city.hear(city.tell(PersonSupersededV1, one.person, survivor_id=other.person))
    with pytest.raises(AccountConfirmerNotDistinct):
        async with city.database.api.unit_of_work() as uow:
            await confirm_account(uow, other, account_id, "单位")


async def test_batches_that_wait_do_not_keep_the_others_from_being_settled(city: City, bank: BankCounter) -> None:
    await city.begin()
    payouts = await walk(city, PayoutState.CLEARED, *[await city.open() for _ in range(3)])
    for payout in payouts:
        await release(city, (await build(city, payout)).id)
    for payout in payouts[:2]:
        async with city.database.api.unit_of_work() as uow:
            await hold_payout(uow, city.second, payout.id, "objection")
    await city.tick()
    await call(city, bank)
    async with city.database.worker.unit_of_work() as uow:
        assert await settle_batches(uow, 1) == 1
    batches = await city.sql("owner", "SELECT status FROM payment_batches ORDER BY id")
    assert [one.status for one in batches] == ["released", "released", "settled"]


async def test_a_404_that_is_not_the_banks_own_says_nothing() -> None:
    """A gateway that lost its way to the bank must not have the instruction given up, and paid under another id."""
    for body, answer in (
        (b"<html>not found</html>", Answer.SILENT),
        (b'{"detail":"Not Found"}', Answer.SILENT),
        (b'{"code":"instruction_unknown"}', Answer.NEVER_RECEIVED),
    ):
        async with office_of_a_bank_that_says(body, status=404) as office:
            assert (await office.ask(instruction())).answer is answer


async def test_a_call_whose_lease_ended_is_not_made(city: City, bank: BankCounter) -> None:
    """Frozen between its lease and the bank, a process wakes when others have long taken the instruction over."""
    await city.begin()
    await walk(city, PayoutState.SENT, await city.open())
    async with city.database.worker.unit_of_work() as uow:
        due = await lease_due(uow, 10)
    late = [replace(one, leased_until=one.leased_until - timedelta(seconds=LEASE_S + 1)) for one in due]
    assert await give(city.database.worker, bank.office, late) == {}
    assert (await bank.book())["instructions"] == 0


async def test_the_bank_takes_the_longest_account_number_that_payout_takes(city: City, bank: BankCounter) -> None:
    """One that it cannot read is never accepted and never refused: it would be sent again for ever."""
    await city.begin()
    longest = "6" * 32
    AccountProposalBody(
        owner_kind="institution", owner_id=OTHER_SCHOOL, bank_code="102100099996", account_number=longest,
        account_name="单位",
    )  # fmt: skip
    content = {"account_name": "单位", "account_number": longest, "bank_code": "102100099996", "amount_fen": 1}
    assert await bank.put(uuid7(), {**content, "currency": "CNY", "reference": "r"}) == 202


async def test_an_account_that_does_not_open_keeps_nobody_elses_money_back(city: City, bank: BankCounter) -> None:
    await city.database.set_business_time(MONDAY - timedelta(days=5))
    await city.account(OTHER_SCHOOL, number="6222020000000777")
    await city.begin()
    damaged = Case(payee_id=OTHER_SCHOOL)
    payouts = await walk(city, PayoutState.SENT, await city.open(damaged), await city.open())
    await city.sql("owner", "UPDATE accounts SET account_name = account_number WHERE owner_id = :id", id=OTHER_SCHOOL)
    await call(city, bank)
    await call(city, bank)
    assert [(await city.now_of(one)).status for one in payouts] == [PayoutState.SENT, PayoutState.PAID]
