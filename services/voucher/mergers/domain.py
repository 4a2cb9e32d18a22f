"""A merger's life cycle, who decides it, when it can be undone, and the refusals of this room (R16)."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound
from shared.kernel.lifecycle import ByPeople, Edge, Lifecycle, Rests


class MergerState(StrEnum):
    """Proposed by one officer, merged by another; undone the same way, if it is."""

    PROPOSED = "proposed"
    MERGED = "merged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SEPARATION_PROPOSED = "separation_proposed"
    SEPARATED = "separated"


class MergerAction(StrEnum):
    """What officers do to a merger."""

    PROPOSE = "propose"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    PROPOSE_SEPARATION = "propose_separation"
    SEPARATE = "separate"
    REFUSE_SEPARATION = "refuse_separation"
    WITHDRAW_SEPARATION = "withdraw_separation"


S, A = MergerState, MergerAction

MERGER = Lifecycle(
    "voucher.merger",
    {
        (None, A.PROPOSE): Edge(S.PROPOSED, "merger.proposed"),
        (S.PROPOSED, A.APPROVE): Edge(S.MERGED, "merger.approved"),
        (S.PROPOSED, A.REFUSE): Edge(S.REFUSED, "merger.refused"),
        (S.PROPOSED, A.WITHDRAW): Edge(S.WITHDRAWN, "merger.withdrawn"),
        (S.MERGED, A.PROPOSE_SEPARATION): Edge(
            S.SEPARATION_PROPOSED, "merger.separation_proposed", details=("reason_code",)
        ),
        (S.SEPARATION_PROPOSED, A.SEPARATE): Edge(S.SEPARATED, "merger.separated"),
        (S.SEPARATION_PROPOSED, A.REFUSE_SEPARATION): Edge(S.MERGED, "merger.separation_refused"),
        (S.SEPARATION_PROPOSED, A.WITHDRAW_SEPARATION): Edge(S.MERGED, "merger.separation_withdrawn"),
    },
    {
        S.PROPOSED: ByPeople("another officer, or whoever proposed it"),
        S.MERGED: Rests("two records are one person; two officers may undo it"),
        S.SEPARATION_PROPOSED: ByPeople("another officer, or whoever proposed it"),
    },
)

STANDING = (S.PROPOSED, S.MERGED, S.SEPARATION_PROPOSED)
"""A record is merged into one other at a time, and only one such merger is proposed."""


class MergerNotFound(NotFound):
    """No such merger, or none whose two records the caller may see."""

    code = "merger_not_found"
    zh, en = "未找到该并档申请", "There is no such merger."


class MergerPending(Conflict):
    """A merger of the same record waits for a second officer."""

    code = "merger_pending"
    policy = "R16"
    zh, en = "该档案已有待审批的并档申请", "A merger of this record is waiting for a second officer already."


class MergerSelfApproval(Conflict):
    """Whoever proposed a merger, or its undoing, does not decide it."""

    code = "merger_self_approval"
    policy = "R16"
    zh, en = "并档及其撤销须由另一名工作人员审批", "Another officer must decide the merger, or its undoing."


class MergerNotYours(Conflict):
    """Whoever proposed a merger, or its undoing, takes it back; refusing is another officer's act."""

    code = "merger_not_yours"
    policy = "R16"
    zh, en = "只有提出人可以撤回并档或撤销申请", "Only the officer who proposed it takes it back."


class MergerUsed(Conflict):
    """A payout of the person was opened or paid since the merger: what money rested on is not undone."""

    code = "merger_used"
    policy = "R16"
    zh, en = "并档后已发生资金办理,不能撤销", "Money has moved since the merger; it cannot be undone."


def check_decider(proposed_by: UUID | None, officer: UUID, natural: Mapping[UUID, UUID]) -> None:
    """`MergerSelfApproval` unless two natural persons propose and decide. `natural` is by record."""
    if proposed_by is not None and natural[proposed_by] == natural[officer]:
        raise MergerSelfApproval


def check_withdrawal(proposed_by: UUID | None, officer: UUID, natural: Mapping[UUID, UUID]) -> None:
    """`MergerNotYours` unless it is the proposer, under whatever record, who takes it back."""
    if proposed_by is None or natural[proposed_by] != natural[officer]:
        raise MergerNotYours


def check_unused(payouts_since: Collection[UUID]) -> None:
    """`MergerUsed` once a payout of either record came further since the merger, unless it came to nothing (R16)."""
    if payouts_since:
        raise MergerUsed
