"""Two officers cancel a voucher; the refusals of this room."""

from uuid import UUID

from shared.kernel.errors import Conflict


class CancelSelfApproval(Conflict):
    """The officer who proposed the cancellation does not approve it."""

    code = "cancel_self_approval"
    policy = "§二(二)7"
    zh, en = "作废须由另一名工作人员审批", "Another officer must approve the cancellation."


class CancellationNotProposed(Conflict):
    """Nobody has proposed to cancel this voucher."""

    code = "cancellation_not_proposed"
    zh, en = "尚未提出作废申请", "Nobody has proposed to cancel this voucher."


class CancellationPending(Conflict):
    """A cancellation was proposed before and waits for a second officer."""

    code = "cancellation_pending"
    zh, en = "已有待审批的作废申请", "A cancellation is waiting for a second officer already."


def check_proposal(proposed_by: UUID | None) -> None:
    """One proposal at a time."""
    if proposed_by is not None:
        raise CancellationPending


def check_approval(proposed_by: UUID | None, approved_by: UUID) -> None:
    """A proposal is there, and another officer approves it."""
    if proposed_by is None:
        raise CancellationNotProposed
    if proposed_by == approved_by:
        raise CancelSelfApproval
