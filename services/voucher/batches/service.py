"""Acts on voucher batches: one officer proposes, another decides, and it is closed in the end."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.voucher.batches import domain, queries
from services.voucher.batches.domain import (
    BatchAction,
    BatchKind,
    BatchNotFound,
    BatchRules,
    BatchState,
    FundSourceUnknown,
    HoldersNotOfferable,
    ProgrammeUnknown,
    Proposal,
)
from services.voucher.batches.models import Batch, BatchHolder, BatchSkill
from services.voucher.batches.queries import BatchFilter
from services.voucher.vouchers.service import offer_vouchers
from services.voucher.workers.queries import lock_people, natural_persons, standing_people
from shared.kernel.ids import uuid7
from shared.persistence import UnitOfWork, rules_on
from shared.reference.skills import check_skill_level
from shared.security.principals import WHOLE_CITY, AreaOutsideScope, Principal, Role

APPROVED = frozenset({BatchState.ACTIVE, BatchState.CLOSED})
"""What the public may know of."""


async def propose_batch(uow: UnitOfWork, proposal: Proposal, proposed_by: UUID) -> Batch:
    """Propose what is given out, to whom, where, until when and from which money (§二(二)7, §三(三))."""
    skills = [(check_skill_level(code, level).code, level) for code, level in proposal.skills]
    domain.check_proposal(proposal, uow.now)
    await _check_money(uow, proposal)
    await _offerable(uow, proposal.holders, frozenset(proposal.areas))
    batch = Batch(
        id=uuid7(),
        kind=proposal.kind,
        programme=proposal.programme,
        title=proposal.title,
        fund_source=proposal.fund_source,
        rules_version=proposal.rules_version,
        quantity=proposal.quantity,
        claimed=0,
        areas=sorted(proposal.areas),
        audience_groups=sorted(set(proposal.audience_groups)),
        claim_from=proposal.claim_from,
        claim_until=proposal.claim_until,
        validity_days=proposal.validity_days or (await rules_on(uow, BatchRules, uow.today)).validity_days,
        proposed_by=proposed_by,
    )
    batch.skills = [BatchSkill(skill_code=code, level=level) for code, level in sorted(skills)]
    uow.create(batch, BatchAction.PROPOSE)
    await uow.session.flush()
    uow.session.add_all(BatchHolder(batch_id=batch.id, person_id=holder) for holder in proposal.holders)
    return batch


async def approve_batch(uow: UnitOfWork, batch_id: UUID, officer_id: UUID) -> Batch:
    """A second officer approves the whole batch: it is open for claims, and a targeted one's vouchers are offered.

    Locked in the order of claims, people before the batch.
    """
    holders = await queries.holders_of(uow, batch_id)
    await lock_people(uow, holders, against="a claim of a listed person while vouchers are offered")
    batch = await _lock(uow, batch_id)
    await _check_other_officer(uow, batch, officer_id)
    batch.decided_by = officer_id
    uow.move(batch, BatchAction.APPROVE)
    if batch.kind == BatchKind.TARGETED:
        areas = await _offerable(uow, holders, frozenset(batch.areas))
        await offer_vouchers(uow, batch.facts().terms, batch.claim_until, areas)
    return batch


async def reject_batch(uow: UnitOfWork, batch_id: UUID, officer_id: UUID, reason: str) -> Batch:
    """A second officer refuses the batch, with a reason."""
    batch = await _lock(uow, batch_id)
    await _check_other_officer(uow, batch, officer_id)
    batch.decided_by, batch.reject_reason = officer_id, reason
    uow.move(batch, BatchAction.REJECT)
    return batch


async def close_batch(uow: UnitOfWork, batch_id: UUID) -> Batch:
    """Take no more claims. Vouchers that were claimed stay what they are."""
    batch = await _lock(uow, batch_id)
    uow.move(batch, BatchAction.CLOSE)
    return batch


def check_areas(caller: Principal, areas: Iterable[str]) -> None:
    """`AreaOutsideScope` unless the officer covers every area of the batch (invariant 15)."""
    if not all(caller.covers(code) for code in areas):
        raise AreaOutsideScope


async def see_batch(uow: UnitOfWork, caller: Principal, batch_id: UUID, *, whole: bool = False) -> Batch:
    """One batch as far as the caller may see it: a worker once it was approved, others if it touches their areas.

    `whole` asks for all its areas, which deciding takes. For others there is none.
    """
    batch = await queries.get_batch(uow, batch_id)
    covered = [caller.covers(code) for code in batch.areas]
    in_areas = all(covered) if whole else any(covered) or WHOLE_CITY in batch.areas
    allowed = {Role.WORKER: batch.status in APPROVED, Role.OFFICER: in_areas, Role.AUDITOR: in_areas}
    if not allowed.get(caller.role, False):
        raise BatchNotFound
    return batch


def visible_batches(caller: Principal, status: BatchState | None) -> BatchFilter:
    """Which batches the caller may list."""
    statuses = APPROVED if caller.role is Role.WORKER else frozenset(BatchState)
    if status is not None:
        statuses &= {status}
    everywhere = caller.role is Role.WORKER or caller.covers_city
    return BatchFilter(statuses, None if everywhere else caller.areas | {WHOLE_CITY})


async def _check_other_officer(uow: UnitOfWork, batch: Batch, officer_id: UUID) -> None:
    """Two natural persons: two records of one officer are one."""
    natural = await natural_persons(uow, [batch.proposed_by, officer_id])
    domain.check_other_officer(natural[batch.proposed_by], natural[officer_id])


async def _lock(uow: UnitOfWork, batch_id: UUID) -> Batch:
    batches = await queries.lock_batches(uow, [batch_id], against="two officers' decisions at once, or a claim")
    if batch_id not in batches:
        raise BatchNotFound
    return batches[batch_id]


async def _check_money(uow: UnitOfWork, proposal: Proposal) -> None:
    """专款专用: the source pays this programme today (§三(三)). Whom it may pay, the approving officer confirms."""
    rules = await queries.fund_rules_on(uow, uow.today)
    if proposal.programme not in {programme for _, programme in rules}:
        raise ProgrammeUnknown(programme=proposal.programme)
    if (proposal.fund_source, proposal.programme) not in rules:
        raise FundSourceUnknown(fund_source=proposal.fund_source)


async def _offerable(uow: UnitOfWork, holders: Sequence[UUID], areas: frozenset[str]) -> dict[UUID, str]:
    """The listed people's areas; `HoldersNotOfferable` if somebody is unknown, superseded or from elsewhere."""
    found = await standing_people(uow, holders)
    fitting = {person_id: code for person_id, code in found.items() if WHOLE_CITY in areas or code in areas}
    if missing := len(holders) - len(fitting):
        raise HoldersNotOfferable(count=missing)
    return fitting
