"""Acts on mergers: one officer proposes, another decides; so it is undone, until a money step has used it (R16)."""

from uuid import UUID

from services.voucher.mergers import domain, queries
from services.voucher.mergers.domain import MERGER, MergerAction
from services.voucher.mergers.models import Merger
from services.voucher.workers.domain import check_supersede
from services.voucher.workers.queries import natural_persons, owners_of
from services.voucher.workers.service import see_somebody_else, separate, supersede
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork
from shared.security import Principal


async def propose_merger(
    uow: UnitOfWork, caller: Principal, person_id: UUID, survivor_id: UUID, reason_code: str, evidence: str
) -> Merger:
    """State that two records are of one person, and which of them is to stand (§二(二)6). Nothing is merged yet.

    Neither record is the officer's own, here and wherever somebody decides.
    """
    person = await see_somebody_else(uow, caller, person_id)
    survivor = await see_somebody_else(uow, caller, survivor_id)
    check_supersede(person.record_facts(), survivor.record_facts())
    merger_id = uuid7()
    merger = Merger(
        id=merger_id,
        person_id=person_id,
        survivor_id=survivor_id,
        reason_code=reason_code,
        evidence_encrypted=_encrypted(uow, merger_id, "evidence_encrypted", evidence),
        proposed_by=caller.person,
    )
    uow.create(merger, MergerAction.PROPOSE)
    await uow.session.flush()
    return merger


async def approve_merger(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """A second officer merges the records: the survivor stands for the person from now on, and acts for both."""
    merger = await _lock_to_decide(uow, caller, merger_id, MergerAction.APPROVE, against="a merger the other way round")
    await _check_another(uow, merger.proposed_by, caller.person)
    merger.decided_by, merger.merged_at = caller.person, uow.now
    uow.move(merger, MergerAction.APPROVE)
    await supersede(uow, merger.person_id, merger.survivor_id)
    return merger


async def refuse_merger(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """A second officer does not agree: both records stand as they did."""
    merger = await _lock_to_decide(uow, caller, merger_id, MergerAction.REFUSE, against="its approval")
    await _check_another(uow, merger.proposed_by, caller.person)
    merger.decided_by = caller.person
    uow.move(merger, MergerAction.REFUSE)
    return merger


async def withdraw_merger(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """Whoever proposed a merger takes it back."""
    merger = await _lock_to_decide(uow, caller, merger_id, MergerAction.WITHDRAW, against="its approval")
    domain.check_withdrawal(merger.proposed_by, caller.person, await _natural(uow, merger.proposed_by, caller.person))
    uow.move(merger, MergerAction.WITHDRAW)
    return merger


async def propose_separation(
    uow: UnitOfWork, caller: Principal, merger_id: UUID, reason_code: str, evidence: str
) -> Merger:
    """State that merged records are of two persons after all; the merger stands until another officer agrees."""
    action = MergerAction.PROPOSE_SEPARATION
    merger = await _lock_to_decide(uow, caller, merger_id, action, against="two proposals at once")
    await _check_unused(uow, merger)
    merger.separation_proposed_by, merger.separation_reason_code = caller.person, reason_code
    merger.separation_evidence_encrypted = _encrypted(uow, merger.id, "separation_evidence_encrypted", evidence)
    uow.move(merger, action, reason_code=reason_code)
    return merger


async def separate_records(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """A second officer undoes the merger: each record stands for a person of its own, with what is under it.

    `MergerUsed` if a payout of either was opened or paid since. One of which payout has not said so yet is held there.
    """
    merger = await _lock_to_decide(uow, caller, merger_id, MergerAction.SEPARATE, against="a claim of either record")
    await _check_another(uow, merger.separation_proposed_by, caller.person)
    await _check_unused(uow, merger)
    merger.separated_by = caller.person
    uow.move(merger, MergerAction.SEPARATE)
    await separate(uow, merger.person_id)
    return merger


async def refuse_separation(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """A second officer does not agree: the merger stands."""
    action = MergerAction.REFUSE_SEPARATION
    merger = await _lock_to_decide(uow, caller, merger_id, action, against="its approval")
    await _check_another(uow, merger.separation_proposed_by, caller.person)
    return _drop_separation(uow, merger, action)


async def withdraw_separation(uow: UnitOfWork, caller: Principal, merger_id: UUID) -> Merger:
    """Whoever proposed to undo a merger takes that back."""
    action = MergerAction.WITHDRAW_SEPARATION
    merger = await _lock_to_decide(uow, caller, merger_id, action, against="its approval")
    proposer = merger.separation_proposed_by
    domain.check_withdrawal(proposer, caller.person, await _natural(uow, proposer, caller.person))
    return _drop_separation(uow, merger, action)


def _drop_separation(uow: UnitOfWork, merger: Merger, action: MergerAction) -> Merger:
    merger.separation_proposed_by = merger.separation_reason_code = merger.separation_evidence_encrypted = None
    uow.move(merger, action)
    return merger


async def _lock_to_decide(
    uow: UnitOfWork, caller: Principal, merger_id: UUID, action: MergerAction, *, against: str
) -> Merger:
    """The merger, locked with its records, in the hands of an officer who is neither of the two, and in its state."""
    seen = await queries.see_merger(uow, caller, merger_id)
    for record in (seen.person_id, seen.survivor_id):
        await see_somebody_else(uow, caller, record)
    merger = await queries.lock_merger(uow, seen, against=against)
    MERGER.decide(merger.status, action)
    return merger


async def _natural(uow: UnitOfWork, *officers: UUID | None) -> dict[UUID, UUID]:
    return await natural_persons(uow, {officer for officer in officers if officer is not None})


async def _check_another(uow: UnitOfWork, proposed_by: UUID | None, officer: UUID) -> None:
    natural = {officer: officer} | await _natural(uow, proposed_by, officer)
    domain.check_decider(proposed_by, officer, natural)


async def _check_unused(uow: UnitOfWork, merger: Merger) -> None:
    records = await owners_of(uow, [merger.person_id])
    domain.check_unused(await queries.payouts_since(uow, records, merger.merged_at))


def _encrypted(uow: UnitOfWork, merger_id: UUID, column: str, plain: str) -> bytes:
    return uow.keys.fields.encrypt(plain, table="mergers", column=column, row=merger_id)
