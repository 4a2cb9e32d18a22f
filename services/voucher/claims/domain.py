"""What stands against a claim, through their own account or at a counter, and the refusals of this room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.voucher.batches.domain import BatchFacts, BatchKind, BatchNotFound, QuotaExhausted, check_claim
from services.voucher.eligibility.domain import (
    EligibilityFacts,
    EligibilityRules,
    Judgement,
    Wish,
    check_eligible,
    judge,
    wish_of,
)
from services.voucher.vouchers.domain import VOUCHER, Claim, VoucherAction, VoucherAlreadyLive, VoucherFacts
from services.voucher.workers.domain import PersonNotFound
from shared.kernel.actor import Actor
from shared.kernel.clock import business_date, end_of_day
from shared.kernel.errors import Conflict, Invalid


class VoucherNotOffered(Conflict):
    """A targeted batch offered this person nothing, or the offer is taken."""

    code = "voucher_not_offered"
    policy = "§二(二)7"
    zh, en = "该批次为定向发放,未向本人发放", "The batch is targeted and holds no open offer for this person."


class CounterOfficersAlike(Invalid):
    """现场代办 is done by two named officers."""

    code = "counter_officers_alike"
    policy = "§二(三)11"
    zh, en = "现场代办须由两名工作人员共同办理", "A counter claim takes two different officers."


class CardReadTooOld(Conflict):
    """The identity card was not read for this claim."""

    code = "card_read_too_old"
    policy = "§二(三)11"
    zh, en = "身份证读取时间不在允许范围内", "The identity card was not read for this claim."


class CounterOwnClaim(Conflict):
    """Nobody serves themselves at a counter; who has an account claims through it."""

    code = "counter_own_claim"
    policy = "§二(三)11"
    zh, en = "工作人员不得为本人现场代办", "Officers cannot claim for themselves at a counter."


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """A person asks for a voucher of a batch, for a skill and level that they choose among the batch's."""

    person_id: UUID
    batch_id: UUID
    skill_code: str
    level: int
    actor: Actor
    """Who asks: the claims of many share a unit of work."""


@dataclass(frozen=True, slots=True)
class AcceptedClaim:
    """A claim that may be written, with the verdict on it."""

    claim: Claim
    wish: Wish
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Counter:
    """Who served at the counter, and what was shown. `photo_digest` is SHA-256 of the photo, which stays there."""

    officer_id: UUID
    second_officer_id: UUID
    card_read_at: datetime
    photo_digest: str
    site: str


@dataclass(frozen=True, slots=True)
class CounterRules:
    """The dated rules of claims at a counter (A2)."""

    counter_card_read_minutes: int
    counter_sample_percent: int


def decide_claim(
    request: ClaimRequest,
    batch: BatchFacts | None,
    person: EligibilityFacts | None,
    rules: EligibilityRules,
    now: datetime,
    *,
    taken: int,
) -> AcceptedClaim:
    """The claim, if it may be written; otherwise raises the first fact that stands against it.

    `now` is business time, UTC; `taken` counts the batch's vouchers that earlier claims under the same lock take.
    """
    if batch is None:
        raise BatchNotFound
    if person is None:
        raise PersonNotFound
    check_claim(batch, request.skill_code, request.level, now)
    offer = _offer_or_place(batch, person)
    today = business_date(now)
    wish = wish_of(person, request.skill_code, request.level, batch.audience, rules, today)
    judgement = judge(person, wish, rules, today)
    check_eligible(judgement)
    if taken >= batch.left:
        raise QuotaExhausted
    claim = Claim(
        person_id=offer.person_id if offer else request.person_id,
        area=person.area,
        terms=batch.terms,
        skill_code=request.skill_code,
        level=request.level,
        occasion=wish.occasion,
        valid_until=valid_until(today, batch.validity_days),
        eligibility_decided_on=judgement.decided_on,
        offer_id=offer.voucher_id if offer else None,
        actor=request.actor,
    )
    return AcceptedClaim(claim, wish, judgement)


def _offer_or_place(batch: BatchFacts, person: EligibilityFacts) -> VoucherFacts | None:
    """The offer that a targeted batch holds for the person; None where a general batch finds no live voucher."""
    present = person.live_voucher(batch.terms.programme)
    if batch.kind is BatchKind.TARGETED:
        if present is None or not present.is_offer_of(batch.terms.batch_id):
            raise VoucherNotOffered
        VOUCHER.decide(present.status, VoucherAction.CLAIM, present.open_holds)
    elif present is not None:
        raise VoucherAlreadyLive
    return present


def valid_until(claimed_on: date, validity_days: int) -> datetime:
    """The end of the last day on which a voucher may be presented: `validity_days` after the claim (D3)."""
    return end_of_day(claimed_on + timedelta(days=validity_days))


def check_counter(
    counter: Counter, worker: UUID, natural: Mapping[UUID, UUID], now: datetime, rules: CounterRules
) -> None:
    """Two officers and the worker are three people, and the card was read for this very claim (A2, §二(三)11).

    `natural` says of each record which natural person it is.
    """
    officer, second_officer = natural[counter.officer_id], natural[counter.second_officer_id]
    if officer == second_officer:
        raise CounterOfficersAlike
    if natural[worker] in (officer, second_officer):
        raise CounterOwnClaim
    if not now - timedelta(minutes=rules.counter_card_read_minutes) <= counter.card_read_at <= now:
        raise CardReadTooOld


def is_sampled(voucher_id: UUID, sampled_percent: int) -> bool:
    """Whether this claim is drawn for a second look: by its id, which nobody at the counter chooses."""
    return voucher_id.int % 100 < sampled_percent
