"""Which proofs there can be."""

from dataclasses import dataclass

from services.audit.tree.domain import TreeHead
from shared.kernel.errors import Conflict, NotFound


class LogEntryNotFound(NotFound):
    """No entry of the log has this index, or it came after the tree of the size that was asked for."""

    code = "log_entry_not_found"
    zh, en = "日志中没有该序号的条目", "There is no such entry in the log, or none yet in a tree of this size."


class TreeSizeBeyondLog(Conflict):
    """The log has fewer entries than the tree that was asked for."""

    code = "tree_size_beyond_log"
    zh, en = "日志条目数少于所请求的树大小", "The log has fewer entries than the tree that was asked for."


class TreeSizesReversed(Conflict):
    """The first tree is larger than the second: a proof goes from the smaller to the larger."""

    code = "tree_sizes_reversed"
    zh, en = "第一棵树大于第二棵树,无一致性证明", "The first tree is larger than the second."


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the tree has this leaf at this index: the hashes beside its way to the root, the leaf's sibling first."""

    index: int
    leaf: bytes
    head: TreeHead
    path: list[bytes]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the second tree begins with the first."""

    first: TreeHead
    second: TreeHead
    path: list[bytes]
