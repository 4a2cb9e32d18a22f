"""Opening cases, setting off what is paid later, and counting what comes back (R4).

Locks: the payouts that are owed back, then the cases, then funds.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import insert

from services.payout.clawbacks import queries
from services.payout.clawbacks.domain import (
    CLAWBACK,
    OWING,
    TAKES,
    CityOfficerForWriteOff,
    ClawbackAction,
    ClawbackExists,
    ClawbackFacts,
    ClawbackRules,
    ClawbackSamePerson,
    Measure,
    MeasureInvalid,
    MeasurePending,
    MovementKind,
    Offset,
    OffsetPending,
    PayoutNotPaid,
    plan_ends_on,
    plan_offsets,
)
from services.payout.clawbacks.models import Clawback, ClawbackMovement, ClawbackOffset
from services.payout.funds.domain import LedgerKind, Reservation
from services.payout.funds.service import move_debts
from services.payout.incoming_payments.domain import IncomingFacts, IncomingPaymentUsed
from services.payout.incoming_payments.queries import get_incoming, incoming_with
from services.payout.incoming_payments.service import keep_incoming
from services.payout.payouts.domain import PayoutAction, PayoutFacts, PayoutNotFound, PayoutState
from services.payout.payouts.queries import find_payouts, lock_payouts
from services.payout.payouts.service import acting_officer, move_payouts
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.security import Principal

_POSTS = {
    MovementKind.DEBT: LedgerKind.RECALL,
    MovementKind.OFFSET: LedgerKind.RECOVER,
    MovementKind.INCOMING: LedgerKind.RECOVER,
    MovementKind.WRITE_OFF: LedgerKind.WRITE_OFF,
}


async def open_clawbacks(
    uow: UnitOfWork, payouts: Sequence[PayoutFacts], code: str, *, decided_by: UUID | None = None
) -> list[UUID]:
    """Paid payouts, locked, are owed back: `paid → reversed`, one case each; answers the cases.

    The spending becomes a claim on the payee that was paid. A case that was only proposed opens.
    """
    reversed_ = await move_payouts(
        uow,
        PayoutAction.REVERSE,
        [payout.id for payout in payouts],
        each={payout.id: {"code": code} for payout in payouts},
    )
    if not reversed_:
        return []
    rules = await rules_on(uow, ClawbackRules, uow.today)
    due_on = uow.today + timedelta(days=rules.clawback_days)
    proposed = await queries.cases_of_payouts(uow, reversed_)
    rows = await uow.lock_rows(Clawback, proposed.values(), against="a case that two causes open at once")
    for row in rows.values():
        row.reason_code, row.due_on, row.measure, row.decided_by = code, due_on, None, decided_by
        uow.move(row, ClawbackAction.OPEN)
    await uow.session.flush()
    created = await uow.create_all(
        Clawback,
        ClawbackAction.OPEN,
        [
            {"id": uuid7(), "reason_code": code, "due_on": due_on, **_debt_of(payout)}
            for payout in reversed_.values()
            if payout.id not in proposed
        ],
    )
    opened = [*rows.values(), *created]
    await _move(uow, MovementKind.DEBT, [(row, row.amount_fen, {}) for row in opened])
    return [row.id for row in opened]


async def reverse_revoked(uow: UnitOfWork, payouts: Collection[PayoutFacts]) -> None:
    """Of payouts that have just been paid, locked: those whose certificate was revoked meanwhile are owed back."""
    revoked = await queries.revoked_among(uow, {payout.certificate_id for payout in payouts})
    await open_clawbacks(uow, [payout for payout in payouts if payout.certificate_id in revoked], "certificate_revoked")


async def set_off(
    uow: UnitOfWork, payouts: Mapping[UUID, PayoutFacts], instructions: Mapping[UUID, UUID]
) -> dict[UUID, int]:
    """Write down what of payments that are sent now goes to their payees' open debts; answers the sums by payout, fen.

    `instructions` are by payout. Only debts of the same payee to the same fund (R4); in force once the bank has paid.
    """
    debts = {(payout.payee_kind, payout.payee_id, payout.fund_id) for payout in payouts.values() if payout.fund_id}
    owing = await queries.owing_of(uow, debts)
    if not owing:
        return {}
    rows = await uow.lock_rows(Clawback, owing, against="two payments set off against one debt beyond its amount")
    facts = [row.facts() for row in rows.values() if row.status in OWING]
    pending = await queries.pending_fen(uow, list(rows))
    free = {debt.id: debt.outstanding_fen - pending[debt.id] for debt in facts}
    offsets: list[Offset] = []
    for payout_id in sorted(payouts):
        payout = payouts[payout_id]
        own = [debt for debt in facts if debt.debt == (payout.payee_kind, payout.payee_id, payout.fund_id)]
        planned = plan_offsets(instructions[payout_id], payout.amount_fen - payout.offset_fen, own, free)
        for offset in planned:
            free[offset.clawback_id] -= offset.amount_fen
        offsets += planned
    if offsets:
        await uow.session.execute(
            insert(ClawbackOffset),
            [
                {
                    "instruction_id": offset.instruction_id,
                    "clawback_id": offset.clawback_id,
                    "amount_fen": offset.amount_fen,
                }
                for offset in offsets
            ],
        )
    sums: dict[UUID, int] = {}
    payout_of = {instruction: payout_id for payout_id, instruction in instructions.items()}
    for offset in offsets:
        payout_id = payout_of[offset.instruction_id]
        sums[payout_id] = sums.get(payout_id, 0) + offset.amount_fen
    return sums


async def lock_offsets(uow: UnitOfWork, instruction_ids: Collection[UUID]) -> list[Offset]:
    """What instructions that the bank has paid are set off against, the cases locked before any fund is."""
    offsets = await queries.offsets_of(uow, instruction_ids)
    if offsets:
        cases = {offset.clawback_id for offset in offsets}
        await uow.lock_rows(Clawback, cases, against="a debt settled twice, by an offset and by money that came in")
    return offsets


async def apply_offsets(uow: UnitOfWork, offsets: Sequence[Offset]) -> None:
    """The bank has paid what was left: the debts shrink by what was set off. `lock_offsets` came before."""
    if offsets:
        rows = await uow.lock_rows(
            Clawback, {offset.clawback_id for offset in offsets}, against="nothing: they are locked"
        )
        await _recover(
            uow,
            MovementKind.OFFSET,
            [
                (rows[offset.clawback_id], offset.amount_fen, {"instruction_id": offset.instruction_id})
                for offset in offsets
            ],
        )


async def record_incoming(
    uow: UnitOfWork, *, reference: str, amount_fen: int, received_on: date, about: UUID | None
) -> IncomingFacts:
    """The bank's own list shows money that came in; a reference that is kept already changes nothing.

    `about`, a case or its payout, is what the remittance names: as much as is owed there is counted at once. What is
    left, or names nothing, waits for an officer (`match_incoming`). Locks payouts before anything else.
    """
    known = await incoming_with(uow, [reference])
    if reference in known:
        return known[reference]
    case = None if about is None else await queries.case_of(uow, about)
    await lock_payouts(uow, [case.payout_id] if case else [], against="a debt settled twice")
    rows = await uow.lock_rows(Clawback, [case.id] if case else [], against="a debt settled twice")
    incoming_id = await keep_incoming(uow, reference, amount_fen, received_on, recorded_by=None)
    for row in rows.values():
        owed_fen = await _owed_fen(uow, row)
        if owed_fen > 0:
            line = (row, min(owed_fen, amount_fen), {"incoming_id": incoming_id})
            await _recover(uow, MovementKind.INCOMING, [line])
    return await get_incoming(uow, incoming_id)


async def match_incoming(uow: UnitOfWork, caller: Principal, incoming_id: UUID, clawback_id: UUID) -> ClawbackFacts:
    """Count an incoming payment for a case, as far as either goes; by another person than who typed it."""
    officer = await acting_officer(uow, caller)
    row = await _lock_case(uow, caller, clawback_id)
    incoming = await get_incoming(uow, incoming_id)
    if incoming.recorded_by in officer.records or row.debtor_id in map(str, officer.records):
        raise ClawbackSamePerson
    if incoming.free_fen == 0:
        raise IncomingPaymentUsed
    CLAWBACK.decide(row.status, ClawbackAction.RECOVER)
    owed_fen = await _owed_fen(uow, row)
    if owed_fen == 0:
        raise OffsetPending
    line = (row, min(owed_fen, incoming.free_fen), {"incoming_id": incoming_id, "matched_by": officer.person_id})
    await _recover(uow, MovementKind.INCOMING, [line])
    return row.facts()


async def propose_clawback(uow: UnitOfWork, caller: Principal, payout_id: UUID, reason_code: str) -> ClawbackFacts:
    """An officer finds that a paid payout rests on fraud; another officer decides, and until then nothing is owed."""
    officer = await acting_officer(uow, caller)
    visible = await find_payouts(uow, caller, [payout_id])
    payout = (await lock_payouts(uow, visible, against="two cases for one payout")).get(payout_id)
    if payout is None:
        raise PayoutNotFound
    payout.check_not_beneficiary(officer.records)
    if payout_id in await queries.cases_of_payouts(uow, [payout_id]):
        raise ClawbackExists
    if payout.status is not PayoutState.PAID:
        raise PayoutNotPaid
    row = Clawback(
        reason_code=reason_code, measure=str(Measure.FRAUD), measure_by=officer.person_id, **_debt_of(payout)
    )
    uow.create(row, ClawbackAction.PROPOSE)
    await uow.session.flush()
    return row.facts()


async def propose_measure(
    uow: UnitOfWork,
    caller: Principal,
    clawback_id: UUID,
    measure: Measure,
    parts: int | None,
    first_due_on: date | None,
) -> ClawbackFacts:
    """An officer proposes what is to be done about a debt; one proposal waits at a time."""
    officer = await acting_officer(uow, caller)
    row = await _lock_case(uow, caller, clawback_id)
    if row.measure is not None:
        raise MeasurePending
    if (measure is Measure.INSTALMENTS) != (parts is not None) or (parts is None) != (first_due_on is None):
        raise MeasureInvalid
    if first_due_on is not None and first_due_on < uow.today:
        raise MeasureInvalid
    if row.debtor_id in map(str, officer.records):
        raise ClawbackSamePerson
    CLAWBACK.decide(row.status, TAKES[measure])
    row.measure, row.measure_by, row.endorsed_by, row.decided_by = str(measure), officer.person_id, None, None
    row.measure_parts, row.measure_due_on = parts, first_due_on
    uow.move(row, ClawbackAction.PROPOSE_MEASURE, measure=str(measure))
    await uow.session.flush()
    return row.facts()


async def approve_measure(uow: UnitOfWork, caller: Principal, clawback_id: UUID) -> ClawbackFacts:
    """Another officer approves what is proposed, and it is carried out; above the limit the second only endorses."""
    officer = await acting_officer(uow, caller)
    row = await _lock_case(uow, caller, clawback_id)
    facts = row.facts()
    measure = facts.pending_measure()
    facts.check_new_officer(officer.records)
    if measure is Measure.FRAUD:
        (payout,) = (await lock_payouts(uow, [row.payout_id], against="nothing: it is locked")).values()
        if payout.status is not PayoutState.PAID:
            raise PayoutNotPaid
        payout.check_not_beneficiary(officer.records)
        await open_clawbacks(uow, [payout], row.reason_code, decided_by=officer.person_id)
        return row.facts()
    rules = await rules_on(uow, ClawbackRules, uow.today)
    if facts.needs_third(rules):
        row.endorsed_by = officer.person_id
        uow.move(row, ClawbackAction.ENDORSE_MEASURE, measure=str(measure))
        await uow.session.flush()
        return row.facts()
    if facts.needs_city(rules) and not caller.covers_city:
        raise CityOfficerForWriteOff
    if measure is Measure.WRITE_OFF:
        if await _owed_fen(uow, row) < row.outstanding_fen:
            raise OffsetPending
        await _move(uow, MovementKind.WRITE_OFF, [(row, row.outstanding_fen, {})])
    row.measure, row.decided_by = None, officer.person_id
    if measure is Measure.INSTALMENTS:
        _agree(row, facts)
    uow.move(row, TAKES[measure])
    await uow.session.flush()
    if measure is Measure.WRITE_OFF:
        await _free_keys(uow, [row])
    return row.facts()


async def reject_measure(uow: UnitOfWork, caller: Principal, clawback_id: UUID) -> ClawbackFacts:
    """An officer, the proposer too, gives up what is proposed: no money has moved."""
    row = await _lock_case(uow, caller, clawback_id)
    measure = row.facts().pending_measure()
    row.measure = None
    if measure is Measure.FRAUD:
        uow.move(row, ClawbackAction.REJECT)
    else:
        uow.move(row, ClawbackAction.REJECT_MEASURE, measure=str(measure))
    await uow.session.flush()
    return row.facts()


async def lapse_clawbacks(uow: UnitOfWork, limit: int) -> int:
    """The last day to pay is over: the case is overdue, and officers see it."""
    due = await queries.past_due(uow, uow.today, limit)
    await uow.lock_rows(Clawback, due, against="a payment counted while its case falls due")
    return len(await uow.move_all(Clawback, ClawbackAction.LAPSE, due))


Line = tuple[Clawback, int, Mapping[str, object]]
"""A locked case, an amount in fen, and what else the movement names."""


async def _recover(uow: UnitOfWork, kind: MovementKind, lines: Sequence[Line]) -> None:
    """Count what came back; a case of which nothing is owed any more is settled, and its payout frees its key (D22)."""
    settled = []
    for row, amount_fen, more in lines:
        await _move(uow, kind, [(row, amount_fen, more)])
        uow.move(row, ClawbackAction.RECOVER, recovered_fen=amount_fen, cause=str(kind))
        await uow.session.flush()
        if row.outstanding_fen == 0:
            row.measure = None
            uow.move(row, ClawbackAction.SETTLE)
            await uow.session.flush()
            settled.append(row)
    await _free_keys(uow, settled)


def _agree(row: Clawback, facts: ClawbackFacts) -> None:
    row.plan_parts, row.plan_due_on, row.plan_fen = facts.measure_parts, facts.measure_due_on, facts.outstanding_fen
    if facts.measure_parts is not None and facts.measure_due_on is not None:
        row.due_on = plan_ends_on(facts.measure_parts, facts.measure_due_on)


async def _lock_case(uow: UnitOfWork, caller: Principal, clawback_id: UUID) -> Clawback:
    """The payout that is owed back and its case, both locked, if the caller may know of it."""
    case = await queries.see_clawback(uow, caller, clawback_id)
    await lock_payouts(uow, [case.payout_id], against="a debt settled twice")
    return (await uow.lock_rows(Clawback, [clawback_id], against="two decisions on one case"))[clawback_id]


async def _owed_fen(uow: UnitOfWork, row: Clawback) -> int:
    """What of a locked case no payment under way is set off against, fen; 0 if nothing is owed."""
    if row.status not in OWING:
        return 0
    return row.outstanding_fen - (await queries.pending_fen(uow, [row.id]))[row.id]


async def _free_keys(uow: UnitOfWork, rows: Sequence[Clawback]) -> None:
    each = {row.payout_id: {"debt_settled_at": uow.now} for row in rows}
    await move_payouts(uow, PayoutAction.SETTLE_DEBT, list(each), each=each)


async def _move(uow: UnitOfWork, kind: MovementKind, lines: Sequence[Line]) -> None:
    """Write movements with their postings; what is owed follows by trigger."""
    if not lines:
        return
    clock = {"business_at": uow.now, "recorded_at": uow.recorded_at}
    nothing = {"instruction_id": None, "incoming_id": None, "matched_by": None}
    await uow.session.execute(
        insert(ClawbackMovement),
        [
            {
                "id": uuid7(),
                "clawback_id": row.id,
                "payout_id": row.payout_id,
                "kind": str(kind),
                "amount_fen": amount_fen,
                **nothing,
                **more,
                **clock,
            }
            for row, amount_fen, more in lines
        ],
    )
    await move_debts(
        uow, _POSTS[kind], [Reservation(row.fund_id, row.payout_id, amount_fen) for row, amount_fen, _ in lines]
    )
    for row, _, _ in lines:
        await uow.session.refresh(row)


def _debt_of(payout: PayoutFacts) -> dict[str, object]:
    return {
        "payout_id": payout.id,
        "fund_id": payout.fund_id,
        "area": payout.area,
        "debtor_kind": payout.payee_kind,
        "debtor_id": payout.payee_id,
        "amount_fen": payout.amount_fen,
        "outstanding_fen": 0,
    }
