"""Acts on vouchers: created by offer or claim, held, cancelled, expired, lapsed. Lock, decide, write.

What is decided elsewhere (claims, enrolments, certificates, payouts) is written here or moved by `move_vouchers`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.voucher.evidence.queries import deceased_among, lock_vital_changes
from services.voucher.vouchers import domain, queries
from services.voucher.vouchers.domain import (
    VOUCHER,
    Claim,
    EndRules,
    HoldFollowsRegister,
    VoucherAction,
    VoucherFacts,
    VoucherState,
    VoucherTerms,
)
from services.voucher.vouchers.models import Voucher, VoucherHold
from services.voucher.vouchers.queries import VoucherFilter
from services.voucher.workers.queries import is_record_of, natural_persons, owners_of
from shared.kernel.deaths import HOLDER_DECEASED
from shared.kernel.errors import HoldNotFound, VoucherNotFound
from shared.kernel.ids import public_number, uuid7
from shared.persistence import Details, Moves, UnitOfWork, rules_on
from shared.reference.calendar import end_of_working_days
from shared.security import Principal, Role

NUMBER_PREFIX = "PDS"


async def offer_vouchers(
    uow: UnitOfWork, terms: VoucherTerms, claim_until: datetime, areas: Mapping[UUID, str]
) -> list[Voucher]:
    """Create a targeted batch's vouchers, one for each listed person (`areas` by person), all at once.

    Whoever has a live voucher of the programme gets none: one at a time, and this one may be offered again later.
    """
    numbers = await _new_numbers(uow, len(areas))
    rows = [
        {**_terms(terms), "number": number, "person_id": person_id, "area": area, "valid_until": claim_until}
        for (person_id, area), number in zip(sorted(areas.items()), numbers, strict=True)
    ]
    return await uow.create_all(Voucher, VoucherAction.OFFER, rows, skip_conflicts=True)


async def write_claims(uow: UnitOfWork, claims: Sequence[Claim]) -> dict[UUID, Voucher]:
    """Write claims of different people by one INSERT for new and one UPDATE for offered vouchers; by person.

    Whoever is missing in the answer got another live voucher of the programme meanwhile.
    """
    new = [claim for claim in claims if claim.offer_id is None]
    numbers = await _new_numbers(uow, len(new))
    rows = [
        {**_terms(claim.terms), **_choice(uow, claim), "number": number, "person_id": claim.person_id,
         "area": claim.area}
        for claim, number in zip(new, numbers, strict=True)
    ]  # fmt: skip
    offered = {claim.offer_id: _choice(uow, claim) for claim in claims if claim.offer_id is not None}
    actors = {claim.person_id: claim.actor for claim in claims}

    def details(voucher: Voucher) -> dict[str, Any]:
        return {"actor": actors[voucher.person_id]}

    created = await uow.create_all(Voucher, VoucherAction.CLAIM, rows, skip_conflicts=True, details=details)
    taken_up = await uow.move_all(Voucher, VoucherAction.CLAIM, offered, each=offered, details=details)
    return {voucher.person_id: voucher for voucher in (*created, *taken_up)}


async def move_vouchers(
    uow: UnitOfWork,
    action: VoucherAction,
    ids: Iterable[UUID],
    *,
    values: Mapping[str, Any] | None = None,
    each: Mapping[UUID, Mapping[str, Any]] | None = None,
    details: Details[Voucher] | None = None,
) -> Moves[Voucher]:
    """Take `action`'s edge for another room, which has locked and decided."""
    return await uow.move_all(Voucher, action, ids, values=values, each=each, details=details)


async def see_voucher(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> Voucher:
    """One voucher, for its holder under any record, its institution, an officer or auditor of its area or its class's.

    For anybody else there is none (invariant 15).
    """
    voucher = await queries.get_voucher(uow, voucher_id)
    in_areas = any(area is not None and caller.covers(area) for area in (voucher.area, voucher.class_area))
    allowed = {
        Role.WORKER: await is_record_of(uow, voucher.person_id, caller),
        Role.OFFICER: in_areas,
        Role.INSTITUTION: voucher.institution is not None and caller.institution == voucher.institution,
        Role.AUDITOR: in_areas,
    }
    if not allowed.get(caller.role, False):
        raise VoucherNotFound
    return voucher


async def visible_vouchers(
    uow: UnitOfWork, caller: Principal, status: VoucherState | None, batch_id: UUID | None
) -> VoucherFilter:
    """Which vouchers the caller may list; workers those of every record of theirs (R16)."""
    by_area = caller.role in (Role.OFFICER, Role.AUDITOR)
    return VoucherFilter(
        records=frozenset(await owners_of(uow, [caller.person])) if caller.role is Role.WORKER else None,
        areas=caller.areas if by_area and not caller.covers_city else None,
        institution=caller.organisation if caller.role is Role.INSTITUTION else None,
        batch_id=batch_id,
        status=status,
    )


async def place_hold(uow: UnitOfWork, voucher_id: UUID, reason_code: str, officer_id: UUID) -> VoucherHold:
    """Hold a live voucher: no claim, no bind, and no payout step up to `sent` until the hold is lifted (§二(二)7).

    A hold is no state: it is placed and lifted by edges to the same state, and lies beside the voucher. The register's
    reason is its own: `HoldFollowsRegister`.
    """
    if reason_code == HOLDER_DECEASED:
        raise HoldFollowsRegister
    voucher = await queries.lock_voucher(uow, voucher_id, against="a decision that does not see the hold")
    return _hold(uow, voucher, reason_code, officer_id)


def _hold(uow: UnitOfWork, voucher: Voucher, reason_code: str, placed_by: UUID | None) -> VoucherHold:
    hold = VoucherHold(
        id=uuid7(), voucher_id=voucher.id, reason_code=reason_code, placed_by=placed_by, placed_at=uow.now
    )
    uow.session.add(hold)
    voucher.open_holds += 1
    voucher.held_since = voucher.held_since or uow.now
    uow.move(voucher, VoucherAction.HOLD, hold_id=hold.id, reason_code=reason_code)
    return hold


async def lift_hold(uow: UnitOfWork, voucher_id: UUID, hold_id: UUID, officer_id: UUID) -> VoucherHold:
    """Lift one hold; the voucher is free when its last one is lifted, and keeps the time that it had left (R6).

    `HoldNotFound` if it is not open, `HoldFollowsRegister` if the register of deaths placed it.
    """
    voucher = await queries.lock_voucher(uow, voucher_id, against="the hold being lifted twice")
    hold = await queries.hold_of(uow, voucher_id, hold_id)
    if hold.lifted_at is not None:
        raise HoldNotFound
    if hold.placed_by is None:
        raise HoldFollowsRegister
    hold.lifted_by = officer_id
    _lift(uow, voucher, hold)
    return hold


def _lift(uow: UnitOfWork, voucher: Voucher, hold: VoucherHold) -> None:
    hold.lifted_at = uow.now
    voucher.open_holds -= 1
    if voucher.open_holds == 0 and voucher.held_since is not None:
        if voucher.status in (VoucherState.OFFERED, VoucherState.CLAIMED):
            voucher.valid_until = domain.extended_by_hold(voucher.valid_until, voucher.held_since, uow.now)
            voucher.warned_days = None
        voucher.held_since = None
    uow.move(voucher, VoucherAction.LIFT_HOLD, hold_id=hold.id, reason_code=hold.reason_code)


async def follow_deaths(uow: UnitOfWork, limit: int) -> int:
    """Hold what may be paid to people whom the register of deaths names, and lift that where it took a name back (R10).

    Looked at are the people of whom it spoke, or whose records were merged or parted, since the last turn; at most
    `limit` of them. Answers how many.
    """
    people = await lock_vital_changes(uow, limit)
    if not people:
        return 0
    owners = await owners_of(uow, people)
    deceased = await deceased_among(uow, owners)
    dead_records = [record for record, own in owners.items() if not deceased.isdisjoint(own)]
    for voucher in await queries.lock_unheld_of(uow, dead_records):
        _hold(uow, voucher, HOLDER_DECEASED, None)
    alive = await queries.register_holds_of(uow, owners.keys() - set(dead_records))
    locked = await queries.lock_vouchers(
        uow, [hold.voucher_id for hold in alive], against="the hold being lifted twice"
    )
    for hold in alive:
        _lift(uow, locked[hold.voucher_id], hold)
    return len(people)


async def propose_cancellation(uow: UnitOfWork, voucher_id: UUID, reason_code: str, officer_id: UUID) -> Voucher:
    """Ask that a voucher be cancelled; nothing changes for its holder until a second officer agrees.

    Undecided, the proposal lapses (R6).
    """
    voucher = await queries.lock_voucher(uow, voucher_id, against="two proposals at once")
    domain.check_cancel_proposal(voucher.cancel_proposed_by)
    rules = await rules_on(uow, EndRules, uow.today)
    voucher.cancel_proposed_by, voucher.cancel_reason_code = officer_id, reason_code
    voucher.cancellation_lapses_at = end_of_working_days(uow.today, rules.cancellation_lapses_working_days)
    uow.move(voucher, VoucherAction.PROPOSE_CANCEL, reason_code=reason_code)
    return voucher


async def approve_cancellation(uow: UnitOfWork, voucher_id: UUID, officer_id: UUID) -> Voucher:
    """Cancel a voucher that another officer proposed to cancel, if it is not certified meanwhile (DOMAIN §3)."""
    voucher = await queries.lock_voucher(uow, voucher_id, against="a certificate arriving meanwhile")
    proposed_by = voucher.cancel_proposed_by
    natural = await natural_persons(uow, {officer_id} if proposed_by is None else {proposed_by, officer_id})
    domain.check_cancel_approval(natural[proposed_by] if proposed_by else None, natural[officer_id])
    voucher.cancelled_by = officer_id
    uow.move(voucher, VoucherAction.CANCEL, reason_code=voucher.cancel_reason_code)
    return voucher


async def refuse_cancellation(uow: UnitOfWork, voucher_id: UUID, officer_id: UUID) -> Voucher:
    """Another officer does not agree: the voucher stays as it is (R6)."""
    voucher = await queries.lock_voucher(uow, voucher_id, against="the approval of the same proposal")
    proposed_by = voucher.cancel_proposed_by
    natural = await natural_persons(uow, {officer_id} if proposed_by is None else {proposed_by, officer_id})
    domain.check_cancel_approval(natural[proposed_by] if proposed_by else None, natural[officer_id])
    return _drop_proposal(uow, voucher, VoucherAction.REFUSE_CANCEL)


async def withdraw_cancellation(uow: UnitOfWork, voucher_id: UUID, officer_id: UUID) -> Voucher:
    """Whoever proposed a cancellation takes it back (R6)."""
    voucher = await queries.lock_voucher(uow, voucher_id, against="the approval of the same proposal")
    proposed_by = voucher.cancel_proposed_by
    natural = await natural_persons(uow, {officer_id} if proposed_by is None else {proposed_by, officer_id})
    domain.check_cancel_withdrawal(natural[proposed_by] if proposed_by else None, natural[officer_id])
    return _drop_proposal(uow, voucher, VoucherAction.WITHDRAW_CANCEL)


def _drop_proposal(uow: UnitOfWork, voucher: Voucher, action: VoucherAction) -> Voucher:
    reason_code = voucher.cancel_reason_code
    voucher.cancel_proposed_by = voucher.cancel_reason_code = voucher.cancellation_lapses_at = None
    uow.move(voucher, action, reason_code=reason_code)
    return voucher


async def lapse_cancellations(uow: UnitOfWork, limit: int) -> int:
    """Drop proposals to cancel that nobody decided on in time (R6); answers how many, at most `limit`."""
    due = await queries.lock_lapsed_proposals(uow, limit)
    for voucher in due:
        _drop_proposal(uow, voucher, VoucherAction.LAPSE_CANCEL)
    return len(due)


async def give_back(uow: UnitOfWork, caller: Principal, voucher_id: UUID) -> Voucher:
    """放弃: the holder does not want a claimed voucher any more; it returns to the batch's quota (R6)."""
    await see_voucher(uow, caller, voucher_id)
    voucher = await queries.lock_voucher(uow, voucher_id, against="an enrolment that takes it meanwhile")
    VOUCHER.decide(voucher.status, VoucherAction.GIVE_BACK, voucher.open_holds)
    uow.move(voucher, VoucherAction.GIVE_BACK)
    return voucher


async def warn_holders(uow: UnitOfWork, limit: int) -> int:
    """Say that vouchers will expire, twice before their end (R6); answers how many, at most `limit`."""
    rules = await rules_on(uow, EndRules, uow.today)
    warned = 0
    for days in (rules.expiring_last_days, rules.expiring_first_days):
        due = await queries.lock_due_to_warn(uow, days, limit)
        moved = await move_vouchers(
            uow,
            VoucherAction.WARN,
            due,
            values={"warned_days": days},
            details=lambda voucher: {"days_left": (voucher.facts().last_day - uow.today).days},
        )
        warned += len(moved)
    return warned


async def expire_vouchers(uow: UnitOfWork, limit: int) -> int:
    """End what was not used in time (D3); never while in use. Answers how many, at most `limit`."""
    due = await queries.lock_due_to_expire(uow, limit)
    return len(await uow.move_all(Voucher, VoucherAction.EXPIRE, due))


async def lapse_vouchers(uow: UnitOfWork, limit: int) -> int:
    """End what was certified D26's days ago and is not being paid; answers how many, at most `limit`."""
    rules = await rules_on(uow, EndRules, uow.today)
    due = await queries.lock_due_to_lapse(uow, uow.today - timedelta(days=rules.lapse_after_days), limit)
    return len(await move_vouchers(uow, VoucherAction.LAPSE, due, details=lambda _: {"code": "unpaid_in_time"}))


async def uncertify_vouchers(uow: UnitOfWork, vouchers: Collection[VoucherFacts]) -> Moves[Voucher]:
    """Give locked vouchers their place in the loop back: their certificate is revoked, and nothing was paid (R3)."""
    if not vouchers:
        return Moves([])
    rules = await rules_on(uow, EndRules, uow.today)
    revoked = {voucher.voucher_id: voucher.certificate_id for voucher in vouchers}
    return await move_vouchers(
        uow,
        VoucherAction.UNCERTIFY,
        revoked,
        values={"certificate_id": None, "certified_on": None, "payout_id": None,
                "certify_by": rules.certify_by(uow.today)},
        details=lambda voucher: {"certificate_id": revoked[voucher.id], "code": "certificate_revoked"},
    )  # fmt: skip


async def _new_numbers(uow: UnitOfWork, count: int) -> list[str]:
    serials = await queries.take_serials(uow, count)
    return [public_number(NUMBER_PREFIX, uow.today.year, serial) for serial in serials]


def _terms(terms: VoucherTerms) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "batch_id": terms.batch_id,
        "programme": terms.programme,
        "fund_source": terms.fund_source,
        "rules_version": terms.rules_version,
    }


def _choice(uow: UnitOfWork, claim: Claim) -> dict[str, Any]:
    return {
        "skill_code": claim.skill_code,
        "level": claim.level,
        "occasion": claim.occasion,
        "claimed_at": uow.now,
        "valid_until": claim.valid_until,
        "eligibility_decided_on": claim.eligibility_decided_on,
    }
