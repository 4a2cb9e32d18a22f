"""拨付: building, releasing, sending and settling payment batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from services.payout.bank.domain import BankChannel
from services.payout.certificate_facts.domain import CertificateMissing, CertificateNotValid
from services.payout.decisions.service import carry_out, lock_to_decide
from services.payout.funds.queries import see_fund
from services.payout.holds.domain import HoldSource, Placement
from services.payout.instructions.queries import pinned
from services.payout.instructions.service import begin_deliveries
from services.payout.payment_batches import queries
from services.payout.payment_batches.domain import (
    PAYOUTS_MOST,
    InstructionNotPinned,
    NothingToPay,
    PaymentBatchAction,
    PaymentBatchFacts,
    PayoutOfAnotherFund,
    ReleaseRules,
    check_channel,
    check_released,
)
from services.payout.payment_batches.models import PaymentBatch, PaymentBatchItem
from services.payout.payouts.domain import PayoutAction, PayoutFacts, PayoutState, SamePerson
from services.payout.payouts.queries import lock_payouts, payable_from, waiting_for_sending
from services.payout.payouts.service import Officer, acting_officer, name_releaser, place_holds
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork, rules_on
from shared.persons import natural_persons
from shared.security import Principal

UNSENDABLE = (CertificateNotValid, CertificateMissing, InstructionNotPinned, SamePerson)
"""What may not be sent for one of these is held, so that an officer sees it and the timer lets it be."""


@dataclass(frozen=True, slots=True)
class Built:
    """A batch that was built, and why the payouts that are not on it were left out."""

    batch: PaymentBatchFacts
    refused: Mapping[UUID, DomainError]


async def build_payment_batch(
    uow: UnitOfWork,
    caller: Principal,
    fund_id: UUID,
    payout_ids: Sequence[UUID] | None,
    channel: BankChannel = BankChannel.HTTP,
) -> Built:
    """A finance officer puts cleared payouts of one fund on a batch: the named ones, or all that may be paid.

    All of it goes to the bank by one channel, which the officer who releases it sees.

    Each certificate is valid at this moment and its stored signature verified again; whoever reviewed or approved a
    payout does not pay it out.
    """
    officer = await acting_officer(uow, caller)
    fund = await see_fund(uow, caller, fund_id)
    fund.check_pays(uow.today)
    rules = await rules_on(uow, ReleaseRules, uow.today)
    check_channel(channel, rules)
    if payout_ids is None:
        payout_ids = await payable_from(uow, fund_id, officer.records, PAYOUTS_MOST)
    ids = list(dict.fromkeys(payout_ids))
    decisions = await lock_to_decide(
        uow, ids, caller=caller, against="one payout on two batches, or a certificate just revoked"
    )
    for payout in decisions.payouts:
        with decisions.on(payout):
            payout.decide(PayoutAction.BATCH)
            if payout.fund_id != fund_id:
                raise PayoutOfAnotherFund
            payout.check_new_officer(officer.records)
            decisions.accept(payout, batched_by=officer.person_id)
    batched = await carry_out(uow, PayoutAction.BATCH, decisions, by=officer)
    if not batched:
        raise next(iter(decisions.refused.values()), NothingToPay()) if len(ids) == 1 else NothingToPay()
    row = PaymentBatch(
        second_release_above_fen=rules.second_release_above_fen,
        fund_id=fund.id,
        area=fund.area,
        count=len(batched),
        amount_fen=sum(payout.amount_fen for payout in batched.values()),
        built_by=officer.person_id,
        channel=channel,
    )
    uow.create(row, PaymentBatchAction.BUILD)
    await uow.session.flush()
    items = [
        {"batch_id": row.id, "payout_id": payout.id, "attempt": payout.attempt, "fund_id": fund.id}
        for payout in batched.values()
    ]
    await uow.session.execute(insert(PaymentBatchItem), items)
    return Built(row.facts(), decisions.refused)


async def endorse_payment_batch(uow: UnitOfWork, caller: Principal, batch_id: UUID) -> PaymentBatchFacts:
    """The first of the two finance officers who release a batch above the limit (R18)."""
    officer = await acting_officer(uow, caller)
    row, going = await _lock_to_release(uow, caller, officer, batch_id)
    row.facts().check_endorsable()
    _check_new_to(going, officer)
    row.endorsed_by = officer.person_id
    uow.move(row, PaymentBatchAction.ENDORSE)
    await uow.session.flush()
    return row.facts()


async def release_payment_batch(uow: UnitOfWork, caller: Principal, batch_id: UUID) -> PaymentBatchFacts:
    """Another finance officer releases the batch: a natural person who took no earlier step on any payout of it.

    Above the limit it is endorsed by one more before (R18).
    """
    officer = await acting_officer(uow, caller)
    row, going = await _lock_to_release(uow, caller, officer, batch_id)
    row.facts().check_releasable()
    _check_new_to(going, officer)
    row.released_by = officer.person_id
    uow.move(row, PaymentBatchAction.RELEASE)
    await uow.session.flush()
    await name_releaser(uow, [payout.id for payout in going], officer)
    return row.facts()


def _check_new_to(payouts: Sequence[PayoutFacts], officer: Officer) -> None:
    for payout in payouts:
        payout.check_new_officer(officer.records)


async def _lock_to_release(
    uow: UnitOfWork, caller: Principal, officer: Officer, batch_id: UUID
) -> tuple[PaymentBatch, list[PayoutFacts]]:
    """The batch and what of it will go, locked; `SamePerson` if the officer endorsed the batch before."""
    batch = await queries.see_payment_batch(uow, caller, batch_id)
    (await see_fund(uow, caller, batch.fund_id)).check_pays(uow.today)
    items = {item.payout_id: item.attempt for item in await queries.items_of(uow, batch_id)}
    payouts = await lock_payouts(uow, list(items), against="a payout rejected while its batch is released")
    row = (await uow.lock_rows(PaymentBatch, [batch_id], against="a batch released twice"))[batch_id]
    if row.endorsed_by in officer.records:
        raise SamePerson
    going = [
        payout
        for payout in payouts.values()
        if payout.status is PayoutState.BATCHED and payout.attempt == items[payout.id]
    ]
    return row, going


async def send_released(uow: UnitOfWork, limit: int) -> int:
    """Commit the intent: payouts of released batches become `sent`, and what carries them to the bank finds them.

    The last look at everything, under lock: the certificate valid, its stored signature verified, the instruction
    pinned by an approval, the batch answered for by the two officers named on the payout, and all who acted still
    different natural persons. What fails is held, not sent.
    """
    ids = await waiting_for_sending(uow, limit)
    if not ids:
        return 0
    decisions = await lock_to_decide(uow, ids, against="a certificate revoked while the money is sent")
    attempts = [(payout.id, payout.attempt) for payout in decisions.payouts]
    instructions = await pinned(uow, attempts)
    batches = await queries.released_batches(uow, attempts)
    natural = await natural_persons(uow, {who for payout in decisions.payouts for who in payout.involved()})
    for payout in decisions.payouts:
        with decisions.on(payout):
            payout.decide(PayoutAction.SEND)
            check_released(payout, instructions.get(payout.id), batches.get(payout.id))
            payout.check_distinct_persons(natural)
            decisions.accept(payout, code=None)
    sent = await carry_out(uow, PayoutAction.SEND, decisions)
    channels = {payout_id: batches[payout_id].channel for payout_id in sent}
    await begin_deliveries(uow, [instructions[payout_id] for payout_id in sent], sent, channels)
    unsendable = {
        payout_id: refusal.code for payout_id, refusal in decisions.refused.items() if isinstance(refusal, UNSENDABLE)
    }
    await place_holds(
        uow, [Placement(payout_id, HoldSource.SENDING, str(payout_id), code) for payout_id, code in unsendable.items()]
    )
    return len(ids)


async def settle_payment_batches(uow: UnitOfWork, limit: int) -> int:
    """Settle released batches of which nothing is batched or with the bank any more."""
    answered = await queries.answered_batches(uow, limit)
    await uow.lock_rows(PaymentBatch, answered, against="a batch settled twice")
    return len(await uow.move_all(PaymentBatch, PaymentBatchAction.SETTLE, answered))
