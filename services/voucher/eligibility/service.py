"""Collect what is known of people, judge their vouchers, and keep the verdicts that are given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import insert

from services.voucher.eligibility.domain import (
    EligibilityFacts,
    EligibilityRules,
    Judgement,
    VerdictStep,
    Wish,
    judge,
    judge_answer,
    says_anew,
    wish_of_voucher,
)
from services.voucher.eligibility.models import EligibilityVerdict
from services.voucher.eligibility.queries import recorded_of
from services.voucher.evidence.domain import ExtractStatement
from services.voucher.evidence.service import record_extract
from services.voucher.vouchers.domain import VoucherAction, VoucherFacts, VoucherTerms
from services.voucher.vouchers.queries import held_vouchers, lock_payable
from services.voucher.vouchers.service import move_vouchers
from services.voucher.workers.domain import PersonState
from services.voucher.workers.queries import People, lock_people, owners_of
from shared.kernel.citizen_id import age_on
from shared.persistence import UnitOfWork, rules_on

Judge = Callable[[EligibilityFacts, Wish, EligibilityRules, date], Judgement]


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A judgement on one voucher's wish, to be kept."""

    voucher_id: UUID
    terms: VoucherTerms
    wish: Wish
    judgement: Judgement


async def eligibility_facts(uow: UnitOfWork, people: People) -> dict[UUID, EligibilityFacts]:
    """Everything that eligibility asks of `people`, as it is known now."""
    owners, recorded = await recorded_of(uow, people)
    vouchers = await held_vouchers(uow, owners)
    return {
        person_id: EligibilityFacts(
            person_id=person_id,
            age_years=age_on(person.reveal("id_number", uow.keys.fields), uow.today),
            area=person.area,
            superseded=person.status == PersonState.SUPERSEDED,
            evidence=recorded[person_id].evidence,
            vouchers=tuple(vouchers.get(person_id, ())),
            levels_held=recorded[person_id].levels_held,
            reviews_due=recorded[person_id].reviews_due,
        )
        for person_id, person in people.items()
    }


async def judge_vouchers(
    uow: UnitOfWork, vouchers: Sequence[VoucherFacts], people: People, by: Judge = judge
) -> dict[UUID, GivenVerdict]:
    """Whether the holders, of `people`, are eligible today, by voucher; it is no second benefit of its own."""
    if not vouchers:
        return {}
    holders = {voucher.person_id for voucher in vouchers}
    known = await eligibility_facts(uow, {person_id: people[person_id] for person_id in holders})
    rules = await rules_on(uow, EligibilityRules, uow.today)
    verdicts = {}
    for voucher in vouchers:
        wish = wish_of_voucher(voucher)
        judgement = by(known[voucher.person_id], wish, rules, uow.today)
        verdicts[voucher.voucher_id] = GivenVerdict(voucher.voucher_id, voucher.terms, wish, judgement)
    return verdicts


async def record_answer(uow: UnitOfWork, person_id: UUID, said: ExtractStatement, account: str) -> int:
    """Record what registers say of a person, and judge anew each voucher that is payable or being paid (R2, R10).

    Answers the version of the person's record.
    """
    records = await owners_of(uow, [person_id])
    people = await lock_people(uow, records, against="a certification that does not see the answer")
    version = await record_extract(uow, person_id, said, account)
    await uow.session.flush()
    vouchers = await lock_payable(uow, records, against="a payout that ends while its voucher is judged anew")
    judged = await judge_vouchers(uow, vouchers, people, by=judge_answer)
    verdicts = {at: given for at, given in judged.items() if says_anew(given.judgement)}
    await move_vouchers(
        uow,
        VoucherAction.JUDGE,
        verdicts,
        values={"eligibility_decided_on": uow.today},
        details=lambda voucher: {"eligibility": verdicts[voucher.id].judgement.verdict},
    )
    await keep_verdicts(uow, VerdictStep.ANSWER, list(verdicts.values()))
    return version


async def keep_verdicts(uow: UnitOfWork, step: VerdictStep, given: Sequence[GivenVerdict]) -> None:
    """Store verdicts with reasons, inputs and rules version (A2); they are never changed."""
    if not given:
        return
    rows = [
        {
            "voucher_id": verdict.voucher_id,
            "step": step,
            "batch_id": verdict.terms.batch_id,
            "skill_code": verdict.wish.skill_code,
            "level": verdict.wish.level,
            "verdict": verdict.judgement.verdict,
            "reasons": verdict.judgement.codes,
            "inputs": verdict.judgement.inputs,
            "rules_version": verdict.terms.rules_version,
            "decided_on": verdict.judgement.decided_on,
        }
        for verdict in given
    ]
    await uow.session.execute(insert(EligibilityVerdict), rows)
