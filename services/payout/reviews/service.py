"""The decisions of HR's officers on payouts, each payout answered by itself (人社部门管理审核, §二(二)7)."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from services.payout.accounts.domain import choose_account, choose_other_account, payable_after
from services.payout.accounts.queries import lock_confirmed
from services.payout.decisions.domain import Decisions
from services.payout.decisions.service import Outcome, carry_out, lock_to_decide
from services.payout.holds.domain import HoldSource
from services.payout.holds.queries import count_long_held, open_holds
from services.payout.instructions.queries import pinned
from services.payout.instructions.service import pin_instructions
from services.payout.payouts.domain import PayoutAction, PayoutFacts, PayoutNotFound, WorkRules
from services.payout.payouts.queries import count_late, find_payouts, lock_payouts, returns_of
from services.payout.payouts.service import acting_city_officer, acting_officer, end_payouts
from services.payout.reviews.domain import (
    Rejection,
    RejectionRules,
    check_correctable,
    check_rejectable,
    check_second_approvable,
    needs_other_account,
)
from services.payout.voucher_facts.queries import deaths_of
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork, rules_on
from shared.security import Principal


async def review_payouts(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """初审: an officer of the area finds the payout in order; the certificate is valid now (§三(一))."""
    officer = await acting_officer(uow, caller)
    decisions = await _lock(uow, caller, ids)
    for payout in decisions.payouts:
        with decisions.on(payout):
            payout.decide(PayoutAction.REVIEW)
            payout.check_new_officer(officer.records)
            decisions.accept(payout, reviewed_by=officer.person_id)
    return decisions.refused | await carry_out(uow, PayoutAction.REVIEW, decisions, by=officer)


async def approve_payouts(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """复核: a city officer, another person, approves; the payee's account is pinned in its present version."""
    officer = await acting_city_officer(uow, caller)
    decisions = await _lock(uow, caller, ids)
    confirmed = await lock_confirmed(uow, {payout.payee for payout in decisions.payouts})
    deaths = await deaths_of(uow, _of_workers(decisions.payouts))
    pinned: dict[UUID, UUID] = {}
    for payout in decisions.payouts:
        with decisions.on(payout):
            payout.decide(PayoutAction.APPROVE)
            payout.check_new_officer(officer.records)
            payable = payable_after(deaths.get(payout.voucher_id, ()), confirmed[payout.payee])
            account = choose_account(payable, uow.now)
            decisions.accept(payout, approved_by=officer.person_id, attempt=payout.attempt + 1)
            pinned[payout.id] = account.id
    approved = await carry_out(uow, PayoutAction.APPROVE, decisions, by=officer)
    await pin_instructions(uow, [(payout, pinned[payout.id]) for payout in approved.values()])
    return decisions.refused | approved


async def second_approve_payouts(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """再次复核: another city officer approves an amount above the limit (D25)."""
    officer = await acting_city_officer(uow, caller)
    decisions = await _lock(uow, caller, ids)
    for payout in decisions.payouts:
        with decisions.on(payout):
            check_second_approvable(payout)
            payout.check_new_officer(officer.records)
            decisions.accept(payout, second_approved_by=officer.person_id)
    return decisions.refused | await carry_out(uow, PayoutAction.SECOND_APPROVE, decisions, by=officer)


async def correct_payouts(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """The bank refused, or gave the money back: back to `reviewed`, answered for by the officer who says so.

    Approval follows anew and pins the account that is confirmed by then; the public notice is not repeated. What came
    back from an account (R23), or was refused because it is closed, waits until another version of it is confirmed and
    has cooled off.
    """
    officer = await acting_officer(uow, caller)
    decisions = await _lock(uow, caller, ids)
    elsewhere = [payout for payout in decisions.payouts if needs_other_account(payout)]
    confirmed = await lock_confirmed(uow, {payout.payee for payout in elsewhere})
    deaths = await deaths_of(uow, _of_workers(elsewhere))
    last = await pinned(uow, [(payout.id, payout.attempt) for payout in elsewhere])
    anew = dict.fromkeys(("approved_by", "second_approved_by", "batched_by", "released_by"))
    for payout in decisions.payouts:
        with decisions.on(payout):
            check_correctable(payout)
            payout.check_not_beneficiary(officer.records)
            if needs_other_account(payout):
                payable = payable_after(deaths.get(payout.voucher_id, ()), confirmed[payout.payee])
                choose_other_account(payable, last[payout.id].account_id, uow.now)
            decisions.accept(payout, reviewed_by=officer.person_id, **anew)
    return decisions.refused | await carry_out(uow, PayoutAction.CORRECT, decisions, by=officer)


async def reject_payouts(
    uow: UnitOfWork, caller: Principal, rejections: Mapping[UUID, Rejection]
) -> dict[UUID, Outcome]:
    """An officer refuses payouts that are not with the bank, each with a reason; their funds' reservations are free.

    One officer returns for correction (退回补正), a few times. What was approved, and what is refused for good
    (不予兑现, R2), needs two: another officer's hold stops it at once, and this one ends it. No certificate is asked:
    what is wrong with it may be the reason.
    """
    officer = await acting_officer(uow, caller)
    visible = await find_payouts(uow, caller, rejections)
    payouts = await lock_payouts(uow, list(visible), against="a payout sent while it is rejected")
    held_by_another = {
        hold.payout_id
        for hold in await open_holds(uow, payouts)
        if hold.source is HoldSource.OFFICER and hold.placed_by not in officer.records
    }
    returned = await returns_of(uow, {payout.voucher_id for payout in payouts.values()})
    rules = await rules_on(uow, RejectionRules, uow.today)
    refused: dict[UUID, DomainError] = {}
    for payout_id, rejection in rejections.items():
        try:
            if payout_id not in payouts:
                raise PayoutNotFound
            check_rejectable(
                payouts[payout_id],
                rejection,
                held_by_another=payout_id in held_by_another,
                may_return=returned.get(payouts[payout_id].voucher_id, 0) < rules.returns_most,
            )
        except DomainError as refusal:
            refused[payout_id] = refusal
    rejected = {payout_id: said for payout_id, said in rejections.items() if payout_id not in refused}
    return refused | await end_payouts(
        uow,
        PayoutAction.REJECT,
        {payout_id: said.code for payout_id, said in rejected.items()},
        final=[payout_id for payout_id, said in rejected.items() if said.final],
        by=officer,
    )


async def count_late_work(uow: UnitOfWork) -> dict[str, int]:
    """How many payouts wait beyond their day, for review, for disbursement, and behind removed institutions (A26)."""
    rules = await rules_on(uow, WorkRules, uow.today)
    long_held = await count_long_held(uow, rules.removed_institution_working_days)
    return {**await count_late(uow, rules), "removed_institution": long_held}


async def _lock(uow: UnitOfWork, caller: Principal, ids: Collection[UUID]) -> Decisions:
    against = "a certificate revoked, or another decision, at this moment"
    return await lock_to_decide(uow, ids, caller=caller, against=against)


def _of_workers(payouts: Iterable[PayoutFacts]) -> list[UUID]:
    """The vouchers of those that a worker is paid."""
    return [payout.voucher_id for payout in payouts if payout.payee_kind == "worker"]
