"""Collect what is known of people, and keep the verdicts that are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from services.voucher.certificate_facts.queries import levels_held, reviews_due
from services.voucher.eligibility.domain import EligibilityFacts, Judgement, VerdictStep, Wish
from services.voucher.eligibility.models import EligibilityVerdict
from services.voucher.evidence.queries import evidence_of
from services.voucher.vouchers.domain import VoucherTerms
from services.voucher.vouchers.queries import held_vouchers
from services.voucher.workers.domain import PersonState
from services.voucher.workers.queries import People, owners_of
from shared.kernel.citizen_id import age_on
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A judgement on one voucher's wish, to be kept."""

    voucher_id: UUID
    terms: VoucherTerms
    wish: Wish
    judgement: Judgement


async def eligibility_facts(uow: UnitOfWork, people: People) -> dict[UUID, EligibilityFacts]:
    """Everything that eligibility asks of `people`, as it is known now."""
    owners = await owners_of(uow, people)
    evidence = await evidence_of(uow, people, owners, uow.today)
    vouchers = await held_vouchers(uow, owners)
    levels = await levels_held(uow, owners)
    reviews = await reviews_due(uow, owners)
    return {
        person_id: EligibilityFacts(
            person_id=person_id,
            age_years=age_on(person.reveal("id_number", uow.keys.fields), uow.today),
            area=person.area,
            superseded=person.status == PersonState.SUPERSEDED,
            evidence=evidence[person_id],
            vouchers=tuple(vouchers.get(person_id, ())),
            levels_held=frozenset(levels.get(person_id, ())),
            reviews_due=reviews.get(person_id, {}),
        )
        for person_id, person in people.items()
    }


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
