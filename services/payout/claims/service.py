"""以证换券: from a certified voucher to an opened payout, and from there to a reservation."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.payout.accounts.service import retire_of_parted
from services.payout.certificate_facts.domain import Certificate, CertificateMissing
from services.payout.certificate_facts.queries import lock_certificates
from services.payout.claims.domain import (
    Opening,
    OpeningHold,
    OpeningRules,
    PayoutNotReopenable,
    Standing,
    VoucherLapsed,
    check_certificate,
    decide_opening,
)
from services.payout.funds.domain import FundKey, Reservation, choose_fund, covered_in_order
from services.payout.funds.queries import fund_rules, funds_of
from services.payout.funds.service import reserve_in_order
from services.payout.holds.domain import HoldSource, Placement
from services.payout.institution_facts.queries import lock_standings
from services.payout.merger_facts.queries import merged_at
from services.payout.payouts.domain import ENDED, UNSENT, PayoutAction, PayoutAlreadyLive, PayoutFacts, PayoutState
from services.payout.payouts.queries import (
    keyed_under,
    live_of_vouchers,
    lock_payouts,
    refused_as_live,
    rejected_finally,
    vouchers_to_judge_again,
    waiting_for_fund,
    waiting_keys,
)
from services.payout.payouts.service import count_under, create_payouts, move_payouts, place_holds
from services.payout.rates.queries import rate_table
from services.payout.voucher_facts.domain import CertifiedVoucher
from services.payout.voucher_facts.queries import (
    certificates_named,
    is_claimable_by,
    lock_certified,
    standing_holds,
)
from shared.kernel.errors import DomainError, VoucherNotFound
from shared.kernel.ids import uuid7
from shared.observability.metrics import count_business
from shared.persistence import UnitOfWork, rules_on
from shared.persons import keep_merges_out, merge_alone, natural_persons, records_of
from shared.security import Principal

BenefitOfPerson: TypeAlias = tuple[UUID, tuple[str, int, str, str]]
"""A person, and the skill, level, benefit and occasion that they have once."""


async def claim_payout(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> PayoutFacts:
    """The institution's claim (兑现), or an officer's for who cannot: the same act as the system's.

    Already open answers the same payout.
    """
    if not await is_claimable_by(uow, caller, voucher_id):
        raise VoucherNotFound
    (outcome,) = await open_payouts(uow, [voucher_id])
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def open_payouts(uow: UnitOfWork, voucher_ids: Sequence[UUID]) -> list[PayoutFacts | DomainError]:
    """Open a payout for each certified voucher, in the order given (§二(二)7).

    Without a verified certificate equal in person, skill, level and occasion there is none: `CertificateMissing`. When
    something else is wrong a payout is created rejected, with its code. A voucher that has a live payout answers that
    one; for a lapsed one there is none: `VoucherLapsed`.
    """
    if not voucher_ids:
        return []
    certificates, vouchers = await _lock(uow, voucher_ids)
    live = await live_of_vouchers(uow, voucher_ids)
    lapsed = await rejected_finally(uow, voucher_ids) | {voucher.id for voucher in vouchers.values() if voucher.lapsed}
    outcomes: dict[UUID, PayoutFacts | DomainError] = {**dict.fromkeys(lapsed, VoucherLapsed()), **live}
    payable: list[tuple[CertifiedVoucher, Certificate]] = []
    for voucher_id in dict.fromkeys(voucher_ids):
        if voucher_id in outcomes:
            continue
        try:
            payable.append(check_certificate(vouchers.get(voucher_id), certificates))
        except CertificateMissing as missing:
            outcomes[voucher_id] = missing
    outcomes |= await _create(uow, await _decide(uow, payable, fresh_on=uow.today))
    return [outcomes[voucher_id] for voucher_id in voucher_ids]


async def reopen_payout(uow: UnitOfWork, rejected: PayoutFacts) -> PayoutFacts:
    """Open a payout in the place of one that was rejected for good, which an upheld objection demands (R2).

    Everything is judged as it is now, but for the age of the verdict on eligibility: that the office was wrong is no
    fault of the holder. `PayoutAlreadyLive` if the benefit was taken meanwhile; `CertificateMissing` or
    `PayoutNotReopenable` if anything else speaks against it.
    """
    certificates, vouchers = await _lock(uow, [rejected.voucher_id])
    payable = check_certificate(vouchers.get(rejected.voucher_id), certificates)
    (decided,) = await _decide(uow, [payable], fresh_on=rejected.opened_on)
    if decided.refusal is not None:
        raise PayoutNotReopenable(reason=decided.refusal)
    return (await _create(uow, [decided], reopens=rejected.id))[rejected.voucher_id]


async def _lock(
    uow: UnitOfWork, voucher_ids: Collection[UUID]
) -> tuple[Mapping[UUID, Certificate], Mapping[UUID, CertifiedVoucher]]:
    """What openings rest on, in the order of locks: no merger of persons, certificates, vouchers."""
    await keep_merges_out(uow)
    named = await certificates_named(uow, voucher_ids)
    certificates = await lock_certificates(uow, set(named.values()), against="a certificate revoked while it opens")
    return certificates, await lock_certified(uow, voucher_ids, against="two openings for one voucher")


async def _decide(
    uow: UnitOfWork, payable: Sequence[tuple[CertifiedVoucher, Certificate]], *, fresh_on: date
) -> list[Opening]:
    """Decide on locked vouchers with their certificates; the verdict on eligibility was to be fresh on `fresh_on`."""
    if not payable:
        return []
    standings = await _standings(uow, [voucher for voucher, _ in payable], fresh_on)
    rates = await rate_table(uow)
    decided: list[Opening] = []
    for voucher, certificate in payable:
        rate = rates.find(
            voucher.programme,
            kind=certificate.kind,
            level=certificate.level,
            act=certificate.act,
            on=certificate.priced_on,
        )
        decided.append(decide_opening(voucher, certificate, rate, standings[voucher.id]))
    return decided


async def judge_again(uow: UnitOfWork, limit: int) -> int:
    """Open what was refused for a cause that is gone: the rate is there, a certificate, the key is free (R2, R3)."""
    return len(await open_payouts(uow, await vouchers_to_judge_again(uow, limit)))


async def check_payouts(uow: UnitOfWork, limit: int) -> int:
    """Reserve money for opened payouts, in order of opening; those that no fund covers, or is for, stay `opened`.

    A payout waits for its class to be verified before that (验收, R20).

    应保尽保 (§三(三)): a shortage queues, is counted at every turn for the alarm, and the timer tries again. What the
    money does not reach is not locked for it.
    """
    keys = await waiting_keys(uow)
    funds = await funds_of(uow, {source for source, _ in keys}, uow.today.year)
    available_fen = {fund.id: fund.available_fen for fund in funds}
    served: dict[UUID, list[tuple[str, str]]] = {}
    for source, area in keys:
        fund = choose_fund(funds, FundKey(source, area, uow.today.year))
        if fund is None:
            count_business("payout_shortage")
        else:
            served.setdefault(fund.id, []).append((source, area))
    waiting: dict[UUID, list[UUID]] = {}
    for fund_id, own_keys in served.items():
        amounts = await waiting_for_fund(uow, own_keys, limit)
        waiting[fund_id] = list(amounts)[: covered_in_order(available_fen[fund_id], list(amounts.values()))]
        if len(waiting[fund_id]) < len(amounts):
            count_business("payout_shortage")
    locked = await lock_payouts(
        uow,
        {payout_id for ids in waiting.values() for payout_id in ids},
        against="a reservation for a payout that just ended",
    )
    checked = 0
    for fund_id in sorted(waiting):
        due = [locked[payout_id] for payout_id in waiting[fund_id]]
        wanted = [
            Reservation(fund_id, payout.id, payout.amount_fen)
            for payout in due
            if payout.status is PayoutState.OPENED and not payout.open_holds
        ]
        reserved = await reserve_in_order(uow, fund_id, wanted)
        if len(reserved) < len(wanted):
            count_business("payout_shortage")
        each = {payout_id: {"fund_id": fund_id} for payout_id in reserved}
        checked += len(await move_payouts(uow, PayoutAction.CHECK, reserved, each=each))
    return checked


async def merge_persons(uow: UnitOfWork, superseded: Collection[UUID]) -> None:
    """Two records turned out to be one person: count the benefits of both under the survivor.

    Where both have the same benefit live, the one whose money may have gone stands, else the earlier; every other is
    held, and a person decides.
    """
    await merge_alone(uow)
    survivors = await natural_persons(uow, superseded)
    records = await records_of(uow, set(survivors.values()))
    keyed = await keyed_under(uow, records)
    locked = await lock_payouts(
        uow, [payout.id for payout in keyed], against="a benefit counted under two records of one person"
    )
    by_benefit: dict[BenefitOfPerson, list[PayoutFacts]] = {}
    for payout in locked.values():
        if payout.status not in ENDED:
            by_benefit.setdefault((records[payout.key_person_id], payout.benefit_key), []).append(payout)
    twice: list[Placement] = []
    for (survivor, _), claims in by_benefit.items():
        standing, *others = sorted(claims, key=lambda claim: (claim.status in UNSENT, claim.id))
        if all(claim.key_person_id != survivor for claim in claims):
            await count_under(uow, standing.id, survivor)
        twice += [
            Placement(other.id, HoldSource.DUPLICATE_PERSON, str(standing.id), "duplicate_person") for other in others
        ]
    await place_holds(uow, twice)


async def separate_persons(uow: UnitOfWork, record: UUID, survivor: UUID) -> None:
    """A merger was undone (R16): count each benefit under a record of its own person, and hold what is not paid.

    What was opened, or got an account, while both were one person may rest on that, though voucher had not received
    it: an officer looks at it and lifts the hold. Accounts named meanwhile, for whichever record, are retired: the
    other person may have named them, and each is paid to one that they name now.
    """
    await merge_alone(uow)
    records = await records_of(uow, {record, survivor})
    keyed = await keyed_under(uow, records)
    locked = await lock_payouts(
        uow, [payout.id for payout in keyed], against="a step while a benefit changes its person"
    )
    for payout in (*locked.values(), *await refused_as_live(uow, records)):
        if records[payout.key_person_id] != records[payout.person_id]:
            await count_under(uow, payout.id, payout.person_id)
    held = [
        Placement(payout.id, HoldSource.DUPLICATE_PERSON, str(record), "person_separated")
        for payout in locked.values()
        if payout.status not in (PayoutState.PAID, PayoutState.REVERSED)
    ]
    await place_holds(uow, held)
    await retire_of_parted(uow, records.keys(), await merged_at(uow, record))


async def _standings(uow: UnitOfWork, vouchers: Sequence[CertifiedVoucher], fresh_on: date) -> dict[UUID, Standing]:
    institutions = await lock_standings(
        uow,
        {code for voucher in vouchers for code in (voucher.institution, voucher.payee()[1])},
        against="an institution suspended while a payout opens",
    )
    rules, allowed = await rules_on(uow, OpeningRules, uow.today), await fund_rules(uow)
    holds: dict[UUID, list[OpeningHold]] = {voucher.id: [] for voucher in vouchers}
    for hold in await standing_holds(uow, list(holds)):
        holds[hold.voucher_id].append(OpeningHold(HoldSource.VOUCHER, str(hold.hold_id), hold.reason_code))
    return {
        voucher.id: Standing(
            fresh_on=fresh_on,
            fresh_days=rules.eligibility_fresh_days,
            fund_source_allowed=allowed.allow(voucher.fund_source, voucher.programme, uow.today),
            institutions=institutions,
            voucher_holds=holds[voucher.id],
        )
        for voucher in vouchers
    }


async def _create(
    uow: UnitOfWork, decided: Sequence[Opening], *, reopens: UUID | None = None
) -> dict[UUID, PayoutFacts]:
    """Create what was decided; one whose benefit is live already is created rejected instead (§二(二)5).

    One that `reopens` another is opened, or not at all: `PayoutAlreadyLive`.
    """
    if not decided:
        return {}
    rules = await rules_on(uow, OpeningRules, uow.today)
    persons = await natural_persons(uow, {decision.voucher.person_id for decision in decided})
    taken = await _taken_under_old_records(uow, set(persons.values()))
    rows = {
        decision.voucher.id: {
            "id": uuid7(),
            "key_person_id": persons[decision.voucher.person_id],
            "opened_on": uow.today,
            "reopens": reopens,
            "second_approval_above_fen": rules.second_approval_above_fen,
            **decision.columns(),
        }
        for decision in decided
    }
    opening = [decision for decision in decided if decision.refusal is None]
    free = [
        decision for decision in opening if (persons[decision.voucher.person_id], decision.benefit_key) not in taken
    ]
    opened = await create_payouts(uow, PayoutAction.OPEN, [rows[decision.voucher.id] for decision in free])
    if reopens is not None and not opened:
        raise PayoutAlreadyLive
    codes = {
        decision.voucher.id: decision.refusal or PayoutAlreadyLive.code
        for decision in decided
        if decision.voucher.id not in opened
    }
    rejected = await create_payouts(
        uow, PayoutAction.REFUSE, [{**rows[voucher_id], "code": code} for voucher_id, code in codes.items()]
    )
    placements = [
        Placement(opened[decision.voucher.id].id, hold.source, hold.source_id, hold.reason_code)
        for decision in opening
        if decision.voucher.id in opened
        for hold in decision.holds
    ]
    held = await place_holds(uow, placements)
    return {voucher_id: held.get(payout.id, payout) for voucher_id, payout in (opened | rejected).items()}


async def _taken_under_old_records(uow: UnitOfWork, persons: set[UUID]) -> set[BenefitOfPerson]:
    """Benefits live under superseded records of these persons; what is counted under themselves the unique key sees."""
    old = {record: person for record, person in (await records_of(uow, persons)).items() if record != person}
    if not old:
        return set()
    return {(old[payout.key_person_id], payout.benefit_key) for payout in await keyed_under(uow, old)}
