"""Claims (A2, §二(二)7): whoever is eligible now gets one voucher of a batch for the skill they choose."""

from collections import Counter as Tally
from collections.abc import Sequence
from uuid import UUID

from services.voucher.batches.domain import BatchFacts, SkillNotInBatch
from services.voucher.batches.queries import lock_batches
from services.voucher.claims import domain
from services.voucher.claims.domain import AcceptedClaim, ClaimRequest, Counter, CounterRules, VoucherNotOffered
from services.voucher.claims.models import CounterClaim
from services.voucher.eligibility.domain import (
    EligibilityRules,
    Judgement,
    Verdict,
    VerdictStep,
    judge,
    wish_of,
)
from services.voucher.eligibility.service import GivenVerdict, eligibility_facts, keep_verdicts
from services.voucher.vouchers.domain import VoucherAlreadyLive
from services.voucher.vouchers.models import Voucher
from services.voucher.vouchers.service import write_claims
from services.voucher.workers.domain import PersonNotFound
from services.voucher.workers.queries import find_people, lock_people, natural_persons, standing_people
from shared.kernel.errors import DomainError
from shared.kernel.rounds import in_rounds
from shared.persistence import UnitOfWork, rules_on

BEST_FIRST = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.INELIGIBLE)


async def claim_vouchers(uow: UnitOfWork, requests: Sequence[ClaimRequest]) -> list[Voucher | DomainError]:
    """Claim many vouchers at once; answers claim by claim the voucher or what stands against it.

    A general batch's vouchers are created here, an offered one of a targeted batch is taken up. Never more than the
    batch has, never two live ones of a programme for one person.
    """
    return await in_rounds(requests, lambda request: request.person_id, lambda turn: _claim_round(uow, turn))


async def _claim_round(uow: UnitOfWork, requests: Sequence[ClaimRequest]) -> list[Voucher | DomainError]:
    """One claim of each person. Facts are read before the batches are locked, which all claims share."""
    person_ids = [request.person_id for request in requests]
    people = await lock_people(uow, person_ids, against="two claims of one person at once")
    known = await eligibility_facts(uow, people)
    rules = await rules_on(uow, EligibilityRules, uow.today)
    batches = await lock_batches(
        uow, {request.batch_id for request in requests}, against="two claims of the last voucher"
    )
    facts = {batch_id: batch.facts() for batch_id, batch in batches.items()}
    decided: list[AcceptedClaim | DomainError] = []
    taken: Tally[UUID] = Tally()
    for request in requests:
        batch, person = facts.get(request.batch_id), known.get(request.person_id)
        try:
            decided.append(domain.decide_claim(request, batch, person, rules, uow.now, taken=taken[request.batch_id]))
            taken[request.batch_id] += 1
        except DomainError as refusal:
            decided.append(refusal)
    written = await _write(uow, [claim for claim in decided if isinstance(claim, AcceptedClaim)])
    return [claim if isinstance(claim, DomainError) else written[claim.claim.person_id] for claim in decided]


async def _write(uow: UnitOfWork, claims: Sequence[AcceptedClaim]) -> dict[UUID, Voucher | DomainError]:
    """Write claims with their verdicts; by person the voucher, or that another came in between."""
    vouchers = await write_claims(uow, [accepted.claim for accepted in claims])
    verdicts: list[GivenVerdict] = []
    answers: dict[UUID, Voucher | DomainError] = {}
    for accepted in claims:
        claim, voucher = accepted.claim, vouchers.get(accepted.claim.person_id)
        if voucher is None:
            answers[claim.person_id] = VoucherNotOffered() if claim.offer_id else VoucherAlreadyLive()
        else:
            answers[claim.person_id] = voucher
            verdicts.append(GivenVerdict(voucher.id, claim.terms, accepted.wish, accepted.judgement))
    await keep_verdicts(uow, VerdictStep.CLAIM, verdicts)
    return answers


async def claim_at_counter(uow: UnitOfWork, request: ClaimRequest, counter: Counter) -> Voucher:
    """Claim for a worker who stands at the counter (现场代办, A2): the same claim, flagged, with its evidence.

    Both officers are registered people and neither is the worker; a share of these claims is drawn for a second look.
    """
    rules = await rules_on(uow, CounterRules, uow.today)
    officers = {counter.officer_id, counter.second_officer_id}
    natural = await natural_persons(uow, {*officers, request.person_id})
    domain.check_counter(counter, request.person_id, natural, uow.now, rules)
    if len(await standing_people(uow, officers)) < len(officers):
        raise PersonNotFound
    (voucher,) = await claim_vouchers(uow, [request])
    if isinstance(voucher, DomainError):
        raise voucher
    uow.session.add(
        CounterClaim(
            voucher_id=voucher.id,
            officer_id=counter.officer_id,
            second_officer_id=counter.second_officer_id,
            card_read_at=counter.card_read_at,
            photo_digest=counter.photo_digest,
            site=counter.site,
            area=voucher.area,
            sampled=domain.is_sampled(voucher.id, rules.counter_sample_percent),
            claimed_at=uow.now,
        )
    )
    return voucher


async def ask_eligibility(
    uow: UnitOfWork, batch: BatchFacts, person_id: UUID, skill_code: str | None, level: int | None
) -> Judgement:
    """The verdict on one skill and level of the batch, or the best of all that fit; nothing is stored.

    `SkillNotInBatch` if none fits, `PersonNotFound` if the caller is not registered.
    """
    people = await find_people(uow, [person_id])
    if person_id not in people:
        raise PersonNotFound
    person = (await eligibility_facts(uow, people))[person_id]
    rules = await rules_on(uow, EligibilityRules, uow.today)
    judgements = [
        judge(person, wish_of(person, code, of_level, batch.audience, rules, uow.today), rules, uow.today)
        for code, of_level in sorted(batch.skills)
        if skill_code in (None, code) and level in (None, of_level)
    ]
    if not judgements:
        raise SkillNotInBatch(skill_code=skill_code, level=level)
    return min(judgements, key=lambda judgement: (BEST_FIRST.index(judgement.verdict), len(judgement.reasons)))
