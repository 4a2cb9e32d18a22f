"""Reading and locking payouts and their holds, each reading for a person inside that person's scope (DOMAIN §4, 15)."""

import operator
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, exists, false, func, or_, select, table, text, true, tuple_
from sqlalchemy.orm import aliased

from services.payout.funds.domain import FundExhausted, FundKey, FundNotFound, choose_fund
from services.payout.funds.queries import funds_of
from services.payout.payouts.domain import (
    ENDED,
    IN_DISBURSEMENT,
    IN_REVIEW,
    JUDGED_AGAIN,
    PayoutAction,
    PayoutAlreadyLive,
    PayoutFacts,
    PayoutState,
    Shortage,
    WorkRules,
)
from services.payout.payouts.models import LIVE, Payout, PayoutDecision
from shared.kernel.clock import start_of_day
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.reference.calendar import first_in_time
from shared.security import Principal, Role

_CERTIFICATE = table("certificate_statuses", column("certificate_id"), column("status"))
_VOUCHER = table("voucher_facts", column("voucher_id"), column("class_id"))
_OBJECTION = table("objections", column("payout_id"), column("about"))
_INCOMPLETE = text("has_incomplete_facts(payouts)")
_COMPLETE = text(
    "(NOT (SELECT EXISTS (SELECT FROM parked_events WHERE consumer = 'payout')) OR NOT has_incomplete_facts(payouts))"
)
"""No event about the payout is parked (R26). Payouts are asked one by one only while any event at all is parked."""
_AWAITS_CLASS = text("awaits_class(payouts)")
_CLASS_VERIFIED = text(
    "(NOT (SELECT is_on('class_verification_awaited')) OR payouts.voucher_id IN ("
    "SELECT voucher_id FROM voucher_facts JOIN class_facts USING (class_id)))"
)
"""The class is verified, or nobody waits for that on this day (R20): `NOT awaits_class`, for all payouts at once."""
_WAITING = (Payout.status == PayoutState.OPENED, Payout.open_holds == 0, _COMPLETE, _CLASS_VERIFIED)


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """What lists of payouts and their totals are narrowed to; None leaves a field open."""

    status: PayoutState | None = None
    voucher_id: UUID | None = None
    held: bool | None = None
    notice_id: UUID | None = None
    area: str | None = None
    institution: str | None = None
    class_id: UUID | None = None
    fund_id: UUID | None = None
    skill_code: str | None = None
    level: int | None = None
    person_id: UUID | None = None
    opened_from: date | None = None
    opened_until: date | None = None
    amount_from_fen: int | None = None
    amount_until_fen: int | None = None
    overdue: bool | None = None


@dataclass(frozen=True, slots=True)
class PayoutTotal:
    """The payouts of one state: how many, their sum, and how many of them are late."""

    status: PayoutState
    count: int
    amount_fen: int
    overdue: int


def in_scope(caller: Principal) -> ColumnElement[bool]:
    """The payouts that the caller may know of: their own, their institution's, or those of their areas."""
    if caller.role is Role.WORKER:
        return Payout.person_id.in_(records_of_person(caller.person))
    if caller.role is Role.INSTITUTION:
        organisation = caller.organisation
        return or_(Payout.institution == organisation, Payout.payee_id == organisation)
    if caller.role in (Role.OFFICER, Role.FINANCE, Role.AUDITOR):
        return true() if caller.covers_city else Payout.area.in_(caller.areas)
    return false()


async def list_payouts(
    uow: UnitOfWork, caller: Principal, wanted: PayoutFilter, rules: WorkRules, *, after: UUID | None, limit: int
) -> list[PayoutFacts]:
    """A page of payouts in the caller's scope, ascending by id, that is in order of opening."""
    query = select(Payout).where(in_scope(caller), *_conditions(wanted, late(uow.today, rules)))
    if after is not None:
        query = query.where(Payout.id > after)
    return await _facts(uow, query.order_by(Payout.id).limit(limit))


async def total_payouts(
    uow: UnitOfWork, caller: Principal, wanted: PayoutFilter, rules: WorkRules
) -> list[PayoutTotal]:
    """Number and sum of the payouts that the same filter lists, by state."""
    is_late = late(uow.today, rules)
    query = (
        select(Payout.status, func.count(), func.sum(Payout.amount_fen), func.count().filter(is_late))
        .where(in_scope(caller), *_conditions(wanted, is_late))
        .group_by(Payout.status)
        .order_by(Payout.status)
    )
    return [PayoutTotal(PayoutState(row[0]), row[1], int(row[2]), row[3]) for row in await uow.session.execute(query)]


async def count_late(uow: UnitOfWork, rules: WorkRules) -> dict[str, int]:
    """How many payouts wait beyond their day, for review and for disbursement."""
    in_review = func.count().filter(Payout.status.in_(IN_REVIEW))
    query = select(in_review, func.count()).where(late(uow.today, rules))
    review, both = (await uow.session.execute(query)).one()
    return {"review": review, "disbursement": both - review}


def late(today: date, rules: WorkRules) -> ColumnElement[bool]:
    """Those whose `due_on` is over."""
    reviewed_in_time = first_in_time(today, rules.review_working_days)
    paid_in_time = start_of_day(first_in_time(today, rules.disbursement_working_days))
    return or_(
        and_(Payout.status.in_(IN_REVIEW), Payout.opened_on < reviewed_in_time),
        and_(Payout.status.in_(IN_DISBURSEMENT), Payout.notice_ends_at <= paid_in_time),
    )


def _conditions(wanted: PayoutFilter, is_late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    is_held = and_(Payout.open_holds > 0, Payout.status.not_in(ENDED))
    of_class = exists().where(_VOUCHER.c.voucher_id == Payout.voucher_id, _VOUCHER.c.class_id == wanted.class_id)
    equal = ("status", "voucher_id", "notice_id", "area", "institution", "fund_id", "skill_code", "level", "person_id")
    bounds = (
        (Payout.opened_on, operator.ge, wanted.opened_from),
        (Payout.opened_on, operator.le, wanted.opened_until),
        (Payout.amount_fen, operator.ge, wanted.amount_from_fen),
        (Payout.amount_fen, operator.le, wanted.amount_until_fen),
        *((getattr(Payout, name), operator.eq, getattr(wanted, name)) for name in equal),
    )
    found = [compare(named, value) for named, compare, value in bounds if value is not None]
    for asked, condition in ((wanted.held, is_held), (wanted.overdue, is_late)):
        if asked is not None:
            found.append(condition if asked else ~condition)
    return found if wanted.class_id is None else [*found, of_class]


async def find_payouts(uow: UnitOfWork, caller: Principal, ids: Iterable[UUID]) -> dict[UUID, PayoutFacts]:
    """Those of `ids` that the caller may know of, unlocked."""
    found = await _facts(uow, select(Payout).where(Payout.id.in_(set(ids)), in_scope(caller)))
    return {payout.id: payout for payout in found}


async def lock_payouts(uow: UnitOfWork, ids: Collection[UUID], *, against: str) -> dict[UUID, PayoutFacts]:
    """Lock payouts in ascending order of their ids; certificates were locked before, accounts and funds come after."""
    rows = await uow.lock_rows(Payout, ids, against=against) if ids else {}
    return {payout_id: row.facts() for payout_id, row in rows.items()}


async def certificates_of(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The certificate of each payout: it never changes, so it may be read before anything is locked."""
    rows = await uow.session.execute(select(Payout.id, Payout.certificate_id).where(Payout.id.in_(ids)))
    return {row.id: row.certificate_id for row in rows}


async def with_incomplete_facts(uow: UnitOfWork, ids: Collection[UUID]) -> set[UUID]:
    """Those of the payouts about which an event is parked: no step is taken with them (R26)."""
    return set(await uow.session.scalars(select(Payout.id).where(Payout.id.in_(ids), _INCOMPLETE)))


async def live_of_vouchers(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> dict[UUID, PayoutFacts]:
    """The live payout of each voucher that has one; the voucher is locked."""
    live = await _facts(uow, select(Payout).where(Payout.voucher_id.in_(voucher_ids), text(LIVE)))
    return {payout.voucher_id: payout for payout in live}


async def rejected_finally(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> set[UUID]:
    """Those of these vouchers for which two officers decided that nothing will be paid (R2)."""
    return set(
        await uow.session.scalars(select(Payout.voucher_id).where(Payout.voucher_id.in_(voucher_ids), Payout.final))
    )


async def returns_of(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often an officer has returned a payout of each voucher for correction (退回补正)."""
    rejected = (PayoutDecision.action == PayoutAction.REJECT, Payout.final.is_(False))
    query = (
        select(Payout.voucher_id, func.count())
        .join(PayoutDecision, PayoutDecision.payout_id == Payout.id)
        .where(Payout.voucher_id.in_(voucher_ids), *rejected)
        .group_by(Payout.voucher_id)
    )
    return {row[0]: row[1] for row in await uow.session.execute(query)}


async def vouchers_to_judge_again(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Vouchers whose last payout was rejected, not finally, for a cause that is gone (R2, R3), in order of opening."""
    later = aliased(Payout)
    query = select(Payout.voucher_id).where(
        Payout.status == PayoutState.REJECTED,
        Payout.final.is_(False),
        Payout.code.in_(JUDGED_AGAIN),
        ~exists().where(later.voucher_id == Payout.voucher_id, later.id > Payout.id),
        text("is_cause_gone(payouts, :today)").bindparams(today=uow.today),
    )
    return list(await uow.session.scalars(query.order_by(Payout.id).limit(limit)))


async def ids_of_vouchers(uow: UnitOfWork, voucher_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The live payout's id by voucher."""
    query = select(Payout.voucher_id, Payout.id).where(Payout.voucher_id.in_(voucher_ids), text(LIVE))
    return {row.voucher_id: row.id for row in await uow.session.execute(query)}


async def live_of_certificates(uow: UnitOfWork, certificate_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """(certificate, payout) of every live payout of these certificates."""
    query = select(Payout.certificate_id, Payout.id).where(Payout.certificate_id.in_(certificate_ids), text(LIVE))
    return [(row.certificate_id, row.id) for row in await uow.session.execute(query)]


async def unpaid_to(uow: UnitOfWork, payee_ids: Collection[str]) -> list[tuple[str, UUID]]:
    """(payee, payout) of every payout to them that was not paid, with the bank or not: it may still refuse."""
    unpaid = Payout.status.not_in((*ENDED, PayoutState.PAID, PayoutState.REVERSED))
    query = select(Payout.payee_id, Payout.id).where(Payout.payee_id.in_(payee_ids), unpaid)
    return [(row.payee_id, row.id) for row in await uow.session.execute(query.order_by(Payout.id))]


async def waiting_keys(uow: UnitOfWork) -> list[tuple[str, str]]:
    """(fund source, area) of all opened payouts that wait for nothing but money."""
    query = select(Payout.fund_source, Payout.area).where(*_WAITING).distinct()
    return [(row.fund_source, row.area) for row in await uow.session.execute(query)]


async def waiting_for_fund(uow: UnitOfWork, keys: Collection[tuple[str, str]], limit: int) -> dict[UUID, int]:
    """Opened payouts of these (fund source, area) that wait for nothing but money, in order of opening; fen by id."""
    query = select(Payout.id, Payout.amount_fen).where(
        *_WAITING, tuple_(Payout.fund_source, Payout.area).in_(list(keys))
    )
    return {row.id: row.amount_fen for row in await uow.session.execute(query.order_by(Payout.id).limit(limit))}


async def awaits_class(uow: UnitOfWork, payout: PayoutFacts) -> bool:
    """Whether an opened payout waits for its class to be verified (验收, R20)."""
    waiting = (Payout.id == payout.id, Payout.status == PayoutState.OPENED, _AWAITS_CLASS)
    return await uow.session.scalar(select(Payout.id).where(*waiting)) is not None


async def is_objected_to(uow: UnitOfWork, payout: PayoutFacts) -> bool:
    """Whether somebody has objected to its final rejection, which is done once (D27)."""
    query = select(exists().where(_OBJECTION.c.payout_id == payout.id, _OBJECTION.c.about == "rejection"))
    return bool(await uow.session.scalar(query))


async def shortage_of(uow: UnitOfWork, payout: PayoutFacts) -> Shortage | None:
    """What money an opened payout waits for, and how many wait before it; None if it waits for none (§三(三))."""
    if payout.status is not PayoutState.OPENED or payout.open_holds:
        return None
    funds = await funds_of(uow, {payout.fund_source}, uow.today.year)
    fund = choose_fund(funds, FundKey(payout.fund_source, payout.area, uow.today.year))
    own_areas = {other.area for other in funds}
    from_the_same = (
        Payout.area == payout.area if fund is None or fund.area == payout.area else Payout.area.not_in(own_areas)
    )
    before = select(func.count(), func.coalesce(func.sum(Payout.amount_fen), 0)).where(
        *_WAITING, Payout.fund_source == payout.fund_source, from_the_same, Payout.id < payout.id
    )
    count, amount_fen = (await uow.session.execute(before)).one()
    if fund is not None and fund.available_fen >= amount_fen + payout.amount_fen:
        return None
    return Shortage(FundNotFound.code if fund is None else FundExhausted.code, payout.created_at, count + 1)


async def waiting_for_sending(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Payouts of released batches that no hold stops, in order of opening."""
    query = _free(PayoutState.BATCHED, limit).where(Payout.released_by.is_not(None))
    return list(await uow.session.scalars(query))


async def with_ended_notice(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Payouts whose public notice is over: published ones, and corrected ones that were on notice before."""
    fully_approved = or_(Payout.amount_fen <= Payout.second_approval_above_fen, Payout.second_approved_by.is_not(None))
    due = or_(Payout.status == PayoutState.PUBLISHED, and_(Payout.status == PayoutState.APPROVED, fully_approved))
    query = select(Payout.id).where(due, Payout.open_holds == 0, Payout.notice_ends_at <= uow.now, _COMPLETE)
    return list(await uow.session.scalars(query.order_by(Payout.id).limit(limit)))


async def payable_from(uow: UnitOfWork, fund_id: UUID, records: Set[UUID], limit: int) -> list[UUID]:
    """What the person of `records` may pay from a fund now, in order of opening.

    What they had a hand in, or whose certificate is not valid, is left out here: however much of it there is, the
    payable behind it is found.
    """
    payable = exists().where(_CERTIFICATE.c.certificate_id == Payout.certificate_id, _CERTIFICATE.c.status == "valid")
    hands = (Payout.person_id, Payout.key_person_id, Payout.reviewed_by, Payout.approved_by, Payout.second_approved_by)
    query = _free(PayoutState.CLEARED, limit).where(Payout.fund_id == fund_id, payable)
    strangers = and_(*(hand.is_(None) | hand.not_in(records) for hand in hands))
    return list(await uow.session.scalars(query.where(strangers)))


async def keyed_under(uow: UnitOfWork, person_ids: Collection[UUID]) -> list[PayoutFacts]:
    """Live payouts that are counted under these persons."""
    return await _facts(uow, select(Payout).where(Payout.key_person_id.in_(person_ids), text(LIVE)).order_by(Payout.id))


async def refused_as_live(uow: UnitOfWork, person_ids: Collection[UUID]) -> list[PayoutFacts]:
    """Payouts refused, under these persons, because the benefit was live already: judged again once it is not."""
    refused = (Payout.status == PayoutState.REJECTED, Payout.code == PayoutAlreadyLive.code)
    return await _facts(uow, select(Payout).where(Payout.key_person_id.in_(person_ids), *refused))


async def rejected_by(uow: UnitOfWork, payout_id: UUID) -> set[UUID]:
    """Who held a payout and who rejected it: the two of a final rejection are among them (R2)."""
    hands = PayoutDecision.action.in_((PayoutAction.REJECT, PayoutAction.HOLD))
    query = select(PayoutDecision.person_id).where(PayoutDecision.payout_id == payout_id, hands)
    return set(await uow.session.scalars(query))


async def decisions_of(uow: UnitOfWork, payout_id: UUID) -> Sequence[PayoutDecision]:
    """Who took which step, oldest first."""
    query = select(PayoutDecision).where(PayoutDecision.payout_id == payout_id).order_by(PayoutDecision.version)
    return (await uow.session.scalars(query)).all()


def _free(state: PayoutState, limit: int) -> Select[UUID]:
    query = select(Payout.id).where(Payout.status == state, Payout.open_holds == 0, _COMPLETE)
    return query.order_by(Payout.id).limit(limit)


async def _facts(uow: UnitOfWork, query: Select[Payout]) -> list[PayoutFacts]:
    return [row.facts() for row in await uow.session.scalars(query, execution_options={"populate_existing": True})]
