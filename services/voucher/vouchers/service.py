"""Acts on vouchers. Each command is one sentence of the policy: lock, decide, write, tell.

What events reach takes a list and answers item by item, the result or the refusal. Two items of one target are done in
two rounds, so that the second sees what the first did.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.voucher.batches import queries as batch_queries
from services.voucher.batches.domain import BatchFacts, BatchKind, BatchNotFound, QuotaExhausted, check_claim
from services.voucher.eligibility import service as eligibility
from services.voucher.eligibility.domain import (
    Judgement,
    Occasion,
    PersonFacts,
    Rules,
    Wish,
    check_eligible,
    judge,
)
from services.voucher.eligibility.service import GivenVerdict
from services.voucher.mandates.domain import MandateFacts, check_payee
from services.voucher.mandates.queries import mandate_facts
from services.voucher.mandates.service import give_mandate
from services.voucher.vouchers import domain, queries
from services.voucher.vouchers.domain import (
    BindRequest,
    ClaimRequest,
    NotOffered,
    UnbindRequest,
    VoucherAction,
    VoucherAlreadyLive,
    VoucherStatus,
    rounds,
)
from services.voucher.vouchers.models import BINDING, Voucher
from services.voucher.vouchers.queries import LiveVoucher, VoucherFilter
from services.voucher.workers import queries as worker_queries
from services.voucher.workers.domain import PersonNotFound
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.errors import DomainError, VoucherNotFound
from shared.kernel.ids import public_number, uuid7
from shared.persistence import Details, Moves, UnitOfWork
from shared.security import PresenceCode, Principal, Role

NUMBER_PREFIX = "PDS"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim that may be written: what was asked, of which batch, with which verdict."""

    request: ClaimRequest
    batch: BatchFacts
    person: PersonFacts
    wish: Wish
    judgement: Judgement
    offer: LiveVoucher | None


async def offer_vouchers(uow: UnitOfWork, batch: BatchFacts, areas: Mapping[UUID, str]) -> list[Voucher]:
    """Mint a targeted batch's vouchers, one for each listed person (`areas` by person), all at once.

    Whoever has a live voucher of the programme gets none: one at a time, and this one may be offered again later.
    """
    numbers = await _new_numbers(uow, len(areas))
    rows = [
        {
            **_terms(batch),
            "number": number,
            "person_id": person_id,
            "area": area,
            "valid_until": batch.claim_until,
        }
        for (person_id, area), number in zip(sorted(areas.items()), numbers, strict=True)
    ]
    return await uow.create_all(Voucher, VoucherAction.OFFER, rows, skip_conflicts=True)


async def claim_vouchers(uow: UnitOfWork, requests: Sequence[ClaimRequest]) -> list[Voucher | DomainError]:
    """Claims (A2, §二(二)7): the holder, eligible now, gets one voucher of the batch for the skill he chooses.

    General vouchers are born here, an offered one of a targeted batch is taken up. Never more than the batch has, never
    two live ones of a programme for one person.
    """
    answers: dict[int, Voucher | DomainError] = {}
    for turn in rounds([request.person_id for request in requests]):
        answers.update(zip(turn, await _claim_round(uow, [requests[place] for place in turn]), strict=True))
    return [answers[place] for place in range(len(requests))]


async def _claim_round(uow: UnitOfWork, requests: Sequence[ClaimRequest]) -> list[Voucher | DomainError]:
    """One claim of each person. The verdicts are prepared before the batches are locked, which all claims share."""
    person_ids = [request.person_id for request in requests]
    people = await worker_queries.lock_people(uow, person_ids, against="two claims of one person at once")
    owners = await worker_queries.owners_of(uow, people)
    known = await eligibility.person_facts(uow, people, owners)
    live = await queries.live_by_person(uow, owners)
    rules = await eligibility.rules_today(uow)
    locked = await batch_queries.lock_batches(
        uow, {request.batch_id for request in requests}, against="two claims of the last voucher"
    )
    batches = {batch_id: batch.facts() for batch_id, batch in locked.items()}
    left = Counter({batch_id: batch.left for batch_id, batch in batches.items()})
    decided: list[_Claim | DomainError] = []
    for request in requests:
        try:
            claim = _decide_claim(
                uow, request, batches.get(request.batch_id), known.get(request.person_id), live, rules
            )
            if left[request.batch_id] < 1:
                raise QuotaExhausted
            left[request.batch_id] -= 1
            decided.append(claim)
        except DomainError as refused:
            decided.append(refused)
    written = await _write_claims(uow, [claim for claim in decided if isinstance(claim, _Claim)])
    return [one if isinstance(one, DomainError) else written[one.request.person_id] for one in decided]


def _decide_claim(
    uow: UnitOfWork,
    request: ClaimRequest,
    batch: BatchFacts | None,
    person: PersonFacts | None,
    live: Mapping[tuple[UUID, str], LiveVoucher],
    rules: Rules,
) -> _Claim:
    """The claim, if it may be written; otherwise raises the first fact that stands against it."""
    if batch is None:
        raise BatchNotFound
    if person is None:
        raise PersonNotFound
    check_claim(batch, request.skill_code, request.level, uow.now)
    present = live.get((request.person_id, batch.programme))
    offer = None
    if batch.kind is BatchKind.TARGETED:
        if present is None or not present.is_offer_to(request.person_id, batch.batch_id):
            raise NotOffered
        domain.VOUCHER.decide(present.status, VoucherAction.CLAIM, present.open_holds)
        offer = present
    elif present is not None:
        raise VoucherAlreadyLive
    wish = Wish(request.skill_code, request.level, uow.today.year, batch.audience)
    judgement = judge(person, wish, rules, uow.today)
    check_eligible(judgement)
    return _Claim(request, batch, person, wish, judgement, offer)


async def _write_claims(uow: UnitOfWork, claims: Sequence[_Claim]) -> dict[UUID, Voucher | DomainError]:
    """Write claims by one INSERT for general and one UPDATE for offered vouchers; by person, the voucher or why not."""
    born = [claim for claim in claims if claim.offer is None]
    numbers = await _new_numbers(uow, len(born))
    rows = [
        {
            **_terms(claim.batch),
            **_choice(uow, claim),
            "number": number,
            "person_id": claim.request.person_id,
            "area": claim.person.area,
        }
        for claim, number in zip(born, numbers, strict=True)
    ]
    taken_up = {claim.offer.voucher_id: _choice(uow, claim) for claim in claims if claim.offer is not None}
    actors = {claim.person.person_id: claim.request.actor for claim in claims}

    def details(voucher: Voucher) -> dict[str, Any]:
        return {"actor": actors[voucher.person_id]}

    vouchers = await uow.create_all(Voucher, VoucherAction.CLAIM, rows, skip_conflicts=True, details=details)
    vouchers += await uow.move_all(Voucher, VoucherAction.CLAIM, taken_up, each=taken_up, details=details)
    by_person = {voucher.person_id: voucher for voucher in vouchers}
    given = [
        GivenVerdict(
            by_person[claim.person.person_id].id, claim.batch.batch_id, claim.batch.rules_version, claim.wish,
            claim.judgement,
        )
        for claim in claims
        if claim.person.person_id in by_person
    ]  # fmt: skip
    await eligibility.keep_verdicts(uow, Occasion.CLAIM, given)
    return {
        claim.person.person_id: by_person.get(claim.person.person_id)
        or (NotOffered() if claim.offer else VoucherAlreadyLive())
        for claim in claims
    }


async def bind_vouchers(uow: UnitOfWork, requests: Sequence[BindRequest]) -> list[Voucher | DomainError]:
    """Bind vouchers to enrolments (§二(二)7, 登记验证), or say by `voucher.bind_refused` why not.

    State and holds are judged now, the deadline at the time of presenting: a voucher that expired on the way is bound
    all the same.
    """
    answers: dict[int, Voucher | DomainError] = {}
    for turn in rounds([request.voucher_id for request in requests]):
        answers.update(zip(turn, await _bind_round(uow, [requests[place] for place in turn]), strict=True))
    return [answers[place] for place in range(len(requests))]


async def _bind_round(uow: UnitOfWork, requests: Sequence[BindRequest]) -> list[Voucher | DomainError]:
    by_voucher = {request.voucher_id: request for request in requests}
    vouchers = await queries.lock_with_holders(uow, by_voucher, against="a hold, cancellation or expiry meanwhile")
    elsewhere = await queries.with_another_live(uow, vouchers.values())
    mandates = await mandate_facts(uow, {one.mandate_id for one in requests if one.mandate_id is not None})
    refused: dict[UUID, DomainError] = {}
    for voucher_id, request in by_voucher.items():
        try:
            domain.check_bind(vouchers[voucher_id].facts(), request, live_elsewhere=voucher_id in elsewhere)
            check_payee(request.payment(), mandates.get(request.mandate_id) if request.mandate_id else None)
        except DomainError as refusal:
            refused[voucher_id] = refusal
    bound = {
        voucher_id: {name: getattr(request, name) for name in (*BINDING, "mandate_id")}
        for voucher_id, request in by_voucher.items()
        if voucher_id not in refused
    }
    await uow.move_all(Voucher, VoucherAction.BIND, bound, each=bound)
    await uow.move_all(
        Voucher,
        VoucherAction.REFUSE_BIND,
        refused,
        details=lambda voucher: {
            "enrolment_id": by_voucher[voucher.id].enrolment_id,
            "class_id": by_voucher[voucher.id].class_id,
            "code": refused[voucher.id].code,
        },
    )
    return [refused.get(request.voucher_id) or vouchers[request.voucher_id] for request in requests]


async def unbind_vouchers(uow: UnitOfWork, requests: Sequence[UnbindRequest]) -> list[Voucher]:
    """Give vouchers back to their holders (§二(二)7); training has checked that no session counted yet.

    A withdrawal of an enrolment that the voucher is not bound to changes nothing.
    """
    asked = {request.voucher_id for request in requests}
    vouchers = await queries.lock_vouchers(uow, asked, against="a certificate or cancellation meanwhile")
    withdrawn = {
        request.voucher_id: request
        for request in requests
        if request.voucher_id in vouchers
        and domain.is_bound_to(vouchers[request.voucher_id].facts(), request.enrolment_id)
    }
    classes = {voucher_id: vouchers[voucher_id].class_id for voucher_id in withdrawn}
    await uow.move_all(
        Voucher,
        VoucherAction.UNBIND,
        withdrawn,
        values=dict.fromkeys((*BINDING, "mandate_id")),
        details=lambda voucher: {
            "enrolment_id": withdrawn[voucher.id].enrolment_id,
            "class_id": classes[voucher.id],
            "reason_code": withdrawn[voucher.id].reason_code,
        },
    )
    return [vouchers[voucher_id] for voucher_id in sorted(vouchers)]


async def see_voucher(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> Voucher:
    """One voucher, for its holder, its institution, an officer or auditor of its area or its class's.

    For anybody else there is none (invariant 15).
    """
    voucher = await queries.voucher_by_id(uow, voucher_id)
    in_areas = any(area is not None and caller.covers(area) for area in (voucher.area, voucher.class_area))
    allowed = {
        Role.WORKER: caller.person_id == voucher.person_id,
        Role.OFFICER: in_areas,
        Role.INSTITUTION: voucher.institution is not None and caller.institution == voucher.institution,
        Role.AUDITOR: in_areas,
    }
    if not allowed.get(caller.role, False):
        raise VoucherNotFound
    return voucher


def visible_vouchers(caller: Principal, status: VoucherStatus | None, batch_id: UUID | None) -> VoucherFilter:
    """Which vouchers the caller may list."""
    by_area = caller.role in (Role.OFFICER, Role.AUDITOR)
    return VoucherFilter(
        person_id=caller.person if caller.role is Role.WORKER else None,
        areas=caller.areas if by_area and not caller.covers_city else None,
        institution=caller.organisation if caller.role is Role.INSTITUTION else None,
        batch_id=batch_id,
        status=status,
    )


async def present_voucher(
    uow: UnitOfWork, caller: Principal, voucher_id: UUID, institution: str, *, mandated: str | None
) -> PresenceCode:
    """A code that proves for 60 seconds that the holder stands at this institution with this voucher (DOMAIN §5).

    It lives by the database's own time, the voucher's validity by business time. Training takes each code once. If the
    holder mandates an organisation (`mandated`), that is kept here and travels in the code (D5).
    """
    voucher = await see_voucher(uow, caller, voucher_id)
    domain.check_present(voucher.facts(), uow.now)
    if voucher.skill_code is None or voucher.level is None:
        raise ValueError("a claimed voucher has a skill and a level")
    stands_at = canonical_credit_code(institution)
    mandate = None
    if mandated is not None:
        facts = MandateFacts(voucher.id, voucher.person_id, stands_at, canonical_credit_code(mandated))
        mandate = give_mandate(uow, facts, caller.account)
    return PresenceCode.new(
        voucher_id=voucher.id,
        person_id=voucher.person_id,
        skill_code=voucher.skill_code,
        level=voucher.level,
        institution=stands_at,
        at=uow.recorded_at,
        mandate=mandate,
    )


async def move_vouchers(
    uow: UnitOfWork,
    action: VoucherAction,
    ids: Iterable[UUID],
    *,
    each: Mapping[UUID, Mapping[str, Any]] | None = None,
    details: Details[Voucher] | None = None,
) -> Moves[Voucher]:
    """Take `action`'s edge for the service's other rooms, which lock and decide before."""
    return await uow.move_all(Voucher, action, ids, each=each, details=details)


async def expire_vouchers(uow: UnitOfWork, limit: int) -> int:
    """End what was not used in time (D3); never while in use. Answers how many, at most `limit`."""
    due = await queries.lock_due_to_expire(uow, limit)
    return len(await uow.move_all(Voucher, VoucherAction.EXPIRE, due))


async def _new_numbers(uow: UnitOfWork, count: int) -> list[str]:
    serials = await queries.take_serials(uow, count) if count else []
    return [public_number(NUMBER_PREFIX, uow.today.year, serial) for serial in serials]


def _terms(batch: BatchFacts) -> dict[str, Any]:
    """What a voucher takes over from its batch."""
    return {
        "id": uuid7(),
        "batch_id": batch.batch_id,
        "programme": batch.programme,
        "fund_source": batch.fund_source,
        "rules_version": batch.rules_version,
    }


def _choice(uow: UnitOfWork, claim: _Claim) -> dict[str, Any]:
    """What the claim settles: skill and level, since when, until when, and when eligibility was decided."""
    return {
        "skill_code": claim.wish.skill_code,
        "level": claim.wish.level,
        "claimed_at": uow.now,
        "valid_until": domain.valid_until(uow.now, claim.batch.validity_days),
        "eligibility_decided_on": claim.judgement.decided_on,
    }
