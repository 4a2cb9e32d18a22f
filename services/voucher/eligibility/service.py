"""Gather what is known of people, and keep the verdicts that are given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import insert

from services.voucher.certificate_facts import queries as certificate_queries
from services.voucher.eligibility.domain import Judgement, Occasion, PersonFacts, Rules, Wish
from services.voucher.eligibility.models import EligibilityVerdict
from services.voucher.eligibility.queries import figures_on
from services.voucher.vouchers import queries as voucher_queries
from services.voucher.workers import queries as worker_queries
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A judgement on one voucher's wish, to be kept."""

    voucher_id: UUID
    batch_id: UUID
    rules_version: str
    wish: Wish
    judgement: Judgement


async def rules_today(uow: UnitOfWork) -> Rules:
    """The eligibility figures of DOMAIN §6 that are in force today."""
    figures = await figures_on(uow, uow.today)
    return Rules(
        min_age_years=figures["min_age_years"],
        max_age_years=figures["max_age_years"],
        trainings_per_year=figures["trainings_per_year"],
        extract_valid_days=figures["extract_valid_days"],
        outside_benefits_asked=bool(figures["outside_benefits_asked"]),
    )


async def person_facts(
    uow: UnitOfWork, people: worker_queries.People, owners: worker_queries.Owners
) -> dict[UUID, PersonFacts]:
    """Everything that eligibility asks of `people`, as it is known now; `owners` are those of their records."""
    known = await worker_queries.known_facts(uow, people, owners, uow.today)
    trainings = await voucher_queries.trainings_of(uow, owners)
    levels = await certificate_queries.levels_held(uow, owners)
    return {
        person_id: replace(
            facts,
            trainings=facts.trainings + tuple(trainings.get(person_id, ())),
            levels_held=frozenset(levels.get(person_id, ())),
        )
        for person_id, facts in known.items()
    }


async def keep_verdicts(uow: UnitOfWork, occasion: Occasion, given: Sequence[GivenVerdict]) -> None:
    """Store verdicts with reasons, inputs and rules version (A2); they are never changed."""
    if not given:
        return
    rows = [
        {
            "voucher_id": one.voucher_id,
            "occasion": occasion,
            "batch_id": one.batch_id,
            "skill_code": one.wish.skill_code,
            "level": one.wish.level,
            "verdict": one.judgement.verdict,
            "reasons": one.judgement.codes,
            "inputs": one.judgement.inputs,
            "rules_version": one.rules_version,
            "decided_on": one.judgement.decided_on,
        }
        for one in given
    ]
    await uow.session.execute(insert(EligibilityVerdict), rows)
