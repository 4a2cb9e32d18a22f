"""A verification as it is asked for and shown. Hashes are lower-case hexadecimal."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.audit.log.domain import Flaw, Head
from services.audit.log.service import Verification
from shared.http import Body, View

HexHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NotedHead(Body):
    """A head that was noted at an earlier verification."""

    entries: Annotated[int, Field(ge=0)]
    head: HexHash

    def value(self) -> Head:
        """The head meant."""
        return Head(self.entries, bytes.fromhex(self.head))


class VerificationRequest(Body):
    """Verify from entry `begin` on. With `noted`, the log must still hold that head."""

    begin: Annotated[int, Field(ge=0)] = 0
    noted: NotedHead | None = None


class BreakView(View):
    """The first entry that does not hold, and what is wrong with it."""

    index: int
    flaw: Flaw


class VerificationView(View):
    """What a verification found: `entries` hold, the hash of the last is `head`; both are worth noting elsewhere.

    A very long log is verified in turns: `next_begin` is where the next one begins, empty at the end.
    """

    verified: bool
    entries: int
    head: str
    root: str
    """Root of the Merkle tree of those entries, lower-case hexadecimal."""
    signed_entries: int
    first_broken: BreakView | None
    next_begin: int | None

    @classmethod
    def of(cls, verification: Verification) -> "VerificationView":
        """Show a verification."""
        head, broken = verification.head, verification.broken
        return cls(
            verified=broken is None,
            entries=head.entries,
            head=head.hash.hex(),
            root=verification.tree.root.hex(),
            signed_entries=verification.signed_entries,
            first_broken=None if broken is None else BreakView.model_validate(broken),
            next_begin=None if verification.finished else head.entries,
        )
