"""The log and its verification as they are shown. Hashes are lower-case hexadecimal."""

import base64
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.audit.log.domain import Entry, Flaw, Head
from services.audit.log.service import Verification
from shared.http import Body, View

HexHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class EntryView(View):
    """One entry: `hash` is SHA-256 over the hash before and the envelope's bytes."""

    index: int
    hash: str
    aggregate: str
    id: str
    version: int
    envelope: str
    encoding: Literal["utf-8", "base64"]
    """How `envelope` shows the bytes: as the text that they are, or in base64 where they are no text."""

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        """Show an entry."""
        try:
            envelope, encoding = entry.envelope.decode(), "utf-8"
        except UnicodeDecodeError:
            envelope, encoding = base64.b64encode(entry.envelope).decode(), "base64"
        return cls(
            index=entry.index,
            hash=entry.hash.hex(),
            aggregate=entry.subject.aggregate_type,
            id=entry.subject.aggregate_id,
            version=entry.subject.version,
            envelope=envelope,
            encoding=encoding,
        )


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
            first_broken=None if broken is None else BreakView.model_validate(broken),
            next_begin=None if verification.finished else head.entries,
        )
