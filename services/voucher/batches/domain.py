"""A voucher batch: its life cycle, what it must say, and the refusals of this room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.voucher.eligibility.domain import Audience
from services.voucher.vouchers.domain import VoucherTerms
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests


class BatchState(StrEnum):
    """Proposed by one officer, active or rejected by another, closed in the end."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    CLOSED = "closed"


class BatchAction(StrEnum):
    """What officers do to a batch."""

    PROPOSE = "propose"
    APPROVE = "approve"
    REJECT = "reject"
    CLOSE = "close"


BATCH = Lifecycle(
    "voucher.batch",
    {
        (None, BatchAction.PROPOSE): Edge(BatchState.PROPOSED, emits="batch.proposed"),
        (BatchState.PROPOSED, BatchAction.APPROVE): Edge(BatchState.ACTIVE, emits="batch.approved"),
        (BatchState.PROPOSED, BatchAction.REJECT): Edge(BatchState.REJECTED, emits="batch.rejected"),
        (BatchState.ACTIVE, BatchAction.CLOSE): Edge(BatchState.CLOSED, emits="batch.closed"),
    },
    {
        BatchState.PROPOSED: ByPeople("another officer"),
        BatchState.ACTIVE: Rests("it takes claims in its window"),
    },
)


class BatchKind(StrEnum):
    """通用券: anyone eligible claims one. 定向券: the people listed are offered one each."""

    GENERAL = "general"
    TARGETED = "targeted"


class BatchNotFound(NotFound):
    """No such batch, or none that the caller may see."""

    code = "batch_not_found"
    zh, en = "未找到该发券批次", "There is no such voucher batch."


class BatchContradicts(Invalid):
    """Two parts of the proposal do not go together."""

    code = "batch_contradicts"
    policy = "§二(二)7"
    zh, en = "发券批次内容矛盾:{part}", "The parts of the proposal contradict each other: {part}."


class ProgrammeUnknown(Invalid):
    """Not a programme that vouchers are given out for."""

    code = "programme_unknown"
    policy = "§二(二)7"
    zh, en = "未知的项目 {programme}", "Unknown programme {programme}."


class FundSourceUnknown(Invalid):
    """Not a source of §三(三), or not one that pays this programme."""

    code = "fund_source_unknown"
    policy = "§三(三)"
    zh, en = "资金来源 {fund_source} 不能用于该项目", "The source {fund_source} does not pay this programme."


class BatchSelfApproval(Conflict):
    """Whoever proposed the batch does not decide it (DOMAIN §3)."""

    code = "batch_self_approval"
    policy = "§二(二)7"
    zh, en = "批次须由另一名工作人员审批", "Another officer must decide this batch."


class HoldersNotOfferable(Conflict):
    """Somebody on a targeted batch's list is not registered, superseded, or lives outside the batch's areas."""

    code = "holders_not_offerable"
    policy = "§二(二)7"
    zh, en = (
        "名单中有 {count} 人未登记、已并入其他档案或不在发放范围",
        "{count} of the people listed cannot be offered one.",
    )


class BatchNotActive(Conflict):
    """The batch is not approved, or closed."""

    code = "batch_not_active"
    policy = "§二(二)7"
    zh, en = "发券批次处于 {status} 状态,不能领取", "The batch is {status} and takes no claims."


class ClaimWindowClosed(Conflict):
    """Outside the time in which the batch takes claims."""

    code = "claim_window_closed"
    policy = "§二(二)7"
    zh, en = "不在领券时间内", "The batch does not take claims at this time."


class SkillNotInBatch(Conflict):
    """The worker chose what the batch does not have."""

    code = "skill_not_in_batch"
    policy = "§二(二)7"
    zh, en = "该批次不含职业 {skill_code} 等级 {level}", "The batch does not include {skill_code} at level {level}."


class QuotaExhausted(Conflict):
    """All vouchers of the batch are claimed."""

    code = "quota_exhausted"
    policy = "§二(二)7"
    zh, en = "该批次培训券已领完", "All vouchers of the batch have been claimed."


@dataclass(frozen=True, slots=True)
class BatchRules:
    """The dated rules of batches (D3)."""

    validity_days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a batch is to be, as an officer proposes it. `validity_days` counts from the claim; None: D3's."""

    kind: BatchKind
    programme: str
    title: str
    fund_source: str
    rules_version: str
    quantity: int
    skills: Sequence[tuple[str, int]]
    areas: Sequence[str]
    audience_groups: Sequence[str]
    claim_from: datetime
    claim_until: datetime
    validity_days: int | None
    holders: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What a claim looks at."""

    terms: VoucherTerms
    kind: BatchKind
    status: BatchState
    audience: Audience
    skills: frozenset[tuple[str, int]]
    claim_from: datetime
    claim_until: datetime
    validity_days: int
    quantity: int
    claimed: int
    returned: int
    """How many of the claimed ones came back to the quota: expired, cancelled, given back (R6)."""

    @property
    def left(self) -> int:
        """How many more may be claimed."""
        return max(self.quantity - self.claimed + self.returned, 0)


def check_proposal(proposal: Proposal, now: datetime) -> None:
    """A proposal must make sense in itself before a second officer is asked."""
    contradictions = {
        "claim_window": proposal.claim_until <= max(proposal.claim_from, now),
        "skills": len(set(proposal.skills)) != len(proposal.skills),
        "areas": len(set(proposal.areas)) != len(proposal.areas),
        "holders": (proposal.kind is BatchKind.TARGETED) != bool(proposal.holders),
        "holders_twice": len(set(proposal.holders)) != len(proposal.holders),
        "quantity": proposal.kind is BatchKind.TARGETED and proposal.quantity != len(proposal.holders),
    }
    for part, contradicts in contradictions.items():
        if contradicts:
            raise BatchContradicts(part=part)


def check_other_officer(proposed_by: UUID, decided_by: UUID) -> None:
    """A second officer decides (§二(二)7, invariant 8)."""
    if proposed_by == decided_by:
        raise BatchSelfApproval


def check_claim(batch: BatchFacts, skill_code: str, level: int, now: datetime) -> None:
    """A claim needs an active batch, inside its window, that has the skill and level which the worker chose.

    Whether one is left is counted under the batch's lock, for all who ask at once.
    """
    if batch.status is not BatchState.ACTIVE:
        raise BatchNotActive(status=batch.status)
    if not batch.claim_from <= now < batch.claim_until:
        raise ClaimWindowClosed
    if (skill_code, level) not in batch.skills:
        raise SkillNotInBatch(skill_code=skill_code, level=level)
