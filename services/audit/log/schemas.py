"""The log as it is shown. Hashes are lower-case hexadecimal."""

import base64
from typing import Literal

from services.audit.log.domain import Entry
from shared.http import View


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
