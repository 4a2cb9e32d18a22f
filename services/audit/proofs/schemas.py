"""Heads and proofs as they are shown. Hashes are lower-case hexadecimal."""

from services.audit.proofs.domain import ConsistencyProof, InclusionProof
from services.audit.tree.domain import TreeHead
from shared.http import View


class TreeHeadView(View):
    """The head of the log's Merkle tree (RFC 9162), as it is now; it is not signed."""

    tree_size: int
    root: str

    @classmethod
    def of(cls, head: TreeHead) -> "TreeHeadView":
        """Show a head."""
        return cls(tree_size=head.size, root=head.root.hex())


class InclusionProofView(View):
    """That an entry is in the tree (RFC 9162, 2.1.3): from its leaf, `path` leads to the root."""

    index: int
    leaf: str
    tree_size: int
    root: str
    path: list[str]

    @classmethod
    def of(cls, proof: InclusionProof) -> "InclusionProofView":
        """Show a proof."""
        return cls(
            index=proof.index,
            leaf=proof.leaf.hex(),
            tree_size=proof.head.size,
            root=proof.head.root.hex(),
            path=[digest.hex() for digest in proof.path],
        )


class ConsistencyProofView(View):
    """That a log begins with what it was earlier (RFC 9162, 2.1.4): `path` leads from the one root to the other."""

    first: TreeHeadView
    second: TreeHeadView
    path: list[str]

    @classmethod
    def of(cls, proof: ConsistencyProof) -> "ConsistencyProofView":
        """Show a proof."""
        return cls(
            first=TreeHeadView.of(proof.first),
            second=TreeHeadView.of(proof.second),
            path=[digest.hex() for digest in proof.path],
        )
