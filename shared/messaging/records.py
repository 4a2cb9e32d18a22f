"""Records as they come from a topic, and what can be read of them."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.envelope import Event, EventTypes, EventUnreadable

VERSION_MOST = 2**31 - 1
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

MALFORMED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading JSON of any other shape raises."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message: where it stood and the text that it carried."""

    topic: str
    partition: int
    position: int
    """Its offset within the partition."""
    text: str
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """A record whose envelope has been read.

    `event` is None when only the outside could be read: its type is unknown or its data malformed, for `reason`.
    """

    record: Record
    event_id: UUID | None
    type: str
    aggregate_type: str
    aggregate_id: str
    version: int
    recorded_at: datetime
    event: Event | None
    reason: str = ""

    @property
    def aggregate(self) -> tuple[str, str]:
        """The aggregate that it speaks of."""
        return self.aggregate_type, self.aggregate_id


def hear(record: Record, types: EventTypes) -> Received:
    """Read a record as far as it can be read; never raises."""
    try:
        envelope = types.read(record.text)
    except (EventUnreadable, *MALFORMED) as unreadable:
        return _outside(record, str(unreadable))
    event = envelope.event
    if not _storable(event.version, str(event.id)):
        return _outside(record, "no aggregate has such an id or version")
    return Received(
        record,
        event_id=envelope.event_id,
        type=event.type(),
        aggregate_type=event.aggregate_type(),
        aggregate_id=str(event.id),
        version=event.version,
        recorded_at=envelope.recorded_at,
        event=event,
    )


def _outside(record: Record, reason: str) -> Received:
    """Whose event it is, as far as an unreadable envelope tells; the place of the record stands in for the rest."""
    place = f"{record.topic}/{record.partition}/{record.position}"
    unknown = Received(record, None, "unknown", "unknown", place, 1, datetime.now(UTC), None, reason)
    try:
        document = json.loads(record.text)
        told = Received(
            record,
            event_id=UUID(document["id"]),
            type=str(document["type"]),
            aggregate_type=str(document["aggregatetype"]),
            aggregate_id=str(document["subject"]),
            version=int(document["aggregateversion"]),
            recorded_at=datetime.fromisoformat(document["time"]),
            event=None,
            reason=reason,
        )
    except MALFORMED:
        return unknown
    return told if _storable(told.version, told.type, *told.aggregate) else unknown


def _storable(version: int, *texts: str) -> bool:
    """Whether the database can keep them: a version from 1, texts without NUL and halves of surrogate pairs."""
    return 1 <= version <= VERSION_MOST and not any(UNSTORABLE.search(one) for one in texts)
