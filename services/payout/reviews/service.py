"""The decisions of HR's officers: lists in, item by item a payout or a refusal out (人社部门管理审核, §二(二)7)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.payout.accounts.domain import Account, Owner, choose_account
from services.payout.accounts.queries import lock_confirmed
from services.payout.dockets.domain import Docket, Rule, judge, rounds
from services.payout.dockets.service import Outcome, carry_out, in_rounds, lock_docket
from services.payout.instructions.domain import NEVER_RECEIVED_CODE
from services.payout.instructions.service import pin_instructions
from services.payout.payouts.domain import PayoutAction, PayoutFacts, PayoutNotFound
from services.payout.payouts.queries import lock_payouts, payouts_in_scope, with_ended_notice
from services.payout.payouts.service import Officer, acting_officer, end_payouts, move_payouts
from services.payout.reviews.domain import (
    CityOfficerNeeded,
    InstructionUnanswered,
    demand_publishable,
    demand_second_approvable,
)
from services.payout.rules.queries import rules_on
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.reference.calendar import working_days_after
from shared.security import Principal


async def review_payouts(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> list[Outcome]:
    """初审: an officer of the area finds the payout in order; the certificate is valid now (§三(一))."""
    officer = await acting_officer(uow, caller)

    def rule(payout: PayoutFacts) -> Mapping[str, Any]:
        payout.decide(PayoutAction.REVIEW)
        payout.demand_new_officer(officer.records)
        return {"reviewed_by": officer.person_id}

    return await _decide(uow, caller, ids, PayoutAction.REVIEW, rule, officer)


async def approve_payouts(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> list[Outcome]:
    """复核: a city officer, another person, approves; the payee's account is pinned in its present version."""
    officer = await _city_officer(uow, caller)

    async def approve(some: Sequence[UUID]) -> Mapping[UUID, Outcome]:
        docket = await _docket_in_scope(uow, caller, some)
        confirmed = await lock_confirmed(uow, {_payee(one) for one in docket.payouts.values()})
        accounts: dict[UUID, Account] = {}

        def rule(payout: PayoutFacts) -> Mapping[str, Any]:
            payout.decide(PayoutAction.APPROVE)
            payout.demand_new_officer(officer.records)
            accounts[payout.id] = choose_account(confirmed[_payee(payout)], uow.now)
            return {"approved_by": officer.person_id, "attempt": payout.attempt + 1}

        outcomes = await carry_out(uow, PayoutAction.APPROVE, judge(docket, some, rule), by=officer)
        approved = [one for one in outcomes.values() if isinstance(one, PayoutFacts)]
        await pin_instructions(uow, [(one, accounts[one.id].id) for one in approved])
        return outcomes

    return await in_rounds(ids, approve)


async def second_approve_payouts(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> list[Outcome]:
    """再次复核: another city officer approves an amount above the limit (D25)."""
    officer = await _city_officer(uow, caller)

    def rule(payout: PayoutFacts) -> Mapping[str, Any]:
        demand_second_approvable(payout)
        payout.demand_new_officer(officer.records)
        return {"second_approved_by": officer.person_id}

    return await _decide(uow, caller, ids, PayoutAction.SECOND_APPROVE, rule, officer)


async def publish_payouts(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> list[Outcome]:
    """公示: the public notice begins and lasts the full working days of D19, to the same hour."""
    officer = await _city_officer(uow, caller)
    rules = await rules_on(uow, uow.today)
    days = (working_days_after(uow.today, rules.notice_working_days) - uow.today).days

    def rule(payout: PayoutFacts) -> Mapping[str, Any]:
        demand_publishable(payout)
        payout.demand_not_beneficiary(officer.records)
        return {"published_at": uow.now, "notice_ends_at": uow.now + timedelta(days=days)}

    return await _decide(uow, caller, ids, PayoutAction.PUBLISH, rule, officer)


async def correct_payouts(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> list[Outcome]:
    """The bank refused and the account was put right: back to `reviewed`, answered for by the officer who says so.

    Approval follows anew and pins the account that is confirmed by then; the public notice is not repeated.
    """
    officer = await acting_officer(uow, caller)
    anew = dict.fromkeys(("approved_by", "second_approved_by", "batched_by", "released_by"))

    def rule(payout: PayoutFacts) -> Mapping[str, Any]:
        if payout.code == NEVER_RECEIVED_CODE:
            raise InstructionUnanswered
        payout.decide(PayoutAction.CORRECT)
        payout.demand_not_beneficiary(officer.records)
        return {"reviewed_by": officer.person_id, **anew}

    return await _decide(uow, caller, ids, PayoutAction.CORRECT, rule, officer)


async def reject_payouts(uow: UnitOfWork, caller: Principal, reasons: Sequence[tuple[UUID, str]]) -> list[Outcome]:
    """An officer refuses payouts that are not with the bank; what their funds had reserved is free again."""
    officer = await acting_officer(uow, caller)
    answers: dict[int, Outcome] = {}
    for places in rounds([payout_id for payout_id, _ in reasons]):
        codes = dict(reasons[place] for place in places)
        visible = await payouts_in_scope(uow, caller, codes)
        payouts = await lock_payouts(uow, list(visible), against="a payout sent while it is rejected")
        judged = {payout_id: _unrejectable(payouts.get(payout_id)) for payout_id in codes}
        refusals = {payout_id: refusal for payout_id, refusal in judged.items() if refusal is not None}
        accepted = {payout_id: code for payout_id, code in codes.items() if payout_id not in refusals}
        outcomes: dict[UUID, Outcome] = {
            **refusals,
            **await end_payouts(uow, PayoutAction.REJECT, accepted, by=officer),
        }
        answers |= {place: outcomes[reasons[place][0]] for place in places}
    return [answers[place] for place in range(len(reasons))]


async def clear_payouts(uow: UnitOfWork, limit: int) -> int:
    """确认: the public notice is over and no objection holds the payout; finance may pay (D19)."""
    ids = await with_ended_notice(uow, limit)
    await lock_payouts(uow, ids, against="an objection placed while the notice ends")
    return len(await move_payouts(uow, PayoutAction.CLEAR, ids))


async def _decide(
    uow: UnitOfWork, caller: Principal, ids: Sequence[UUID], action: PayoutAction, rule: Rule, officer: Officer
) -> list[Outcome]:
    async def decide(some: Sequence[UUID]) -> Mapping[UUID, Outcome]:
        docket = await _docket_in_scope(uow, caller, some)
        return await carry_out(uow, action, judge(docket, some, rule), by=officer)

    return await in_rounds(ids, decide)


async def _docket_in_scope(uow: UnitOfWork, caller: Principal, ids: Sequence[UUID]) -> Docket:
    visible = await payouts_in_scope(uow, caller, ids)
    return await lock_docket(uow, list(visible), against="a certificate revoked, or another decision, at this moment")


async def _city_officer(uow: UnitOfWork, caller: Principal) -> Officer:
    if not caller.covers_city:
        raise CityOfficerNeeded
    return await acting_officer(uow, caller)


def _payee(payout: PayoutFacts) -> Owner:
    return payout.payee_kind, payout.payee_id


def _unrejectable(payout: PayoutFacts | None) -> DomainError | None:
    """Why a payout cannot be rejected, if so."""
    try:
        if payout is None:
            raise PayoutNotFound
        payout.decide(PayoutAction.REJECT)
    except DomainError as refusal:
        return refusal
    return None
