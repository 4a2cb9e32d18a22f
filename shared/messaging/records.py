"""Records as they come from a topic, and what can be read of them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.envelope import Event, EventTypes, EventUnreadable


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
class Heard:
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


def hear(record: Record, types: EventTypes) -> Heard:
    """Read a record as far as it can be read; never raises."""
    outside = _outside(record)
    try:
        envelope = types.read(record.text)
    except EventUnreadable as unreadable:
        return Heard(record, event=None, reason=str(unreadable), **outside)  # type: ignore[arg-type]
    event = envelope.event
    return Heard(
        record,
        event_id=envelope.event_id,
        type=event.type(),
        aggregate_type=event.aggregate_type(),
        aggregate_id=str(event.id),
        version=event.version,
        recorded_at=envelope.recorded_at,
        event=event,
    )


def _outside(record: Record) -> dict[str, object]:
    """Whose event it is, as far as an unreadable envelope tells; the place of the record stands in for the rest."""
    unknown: dict[str, object] = {
        "event_id": None,
        "type": "unknown",
        "aggregate_type": "unknown",
        "aggregate_id": f"{record.topic}/{record.partition}/{record.position}",
        "version": 1,
        "recorded_at": datetime.now(UTC),
    }
    try:
        document = json.loads(record.text)
        return {
            "event_id": UUID(document["id"]),
            "type": str(document["type"]),
            "aggregate_type": str(document["aggregatetype"]),
            "aggregate_id": str(document["subject"]),
            "version": int(document["aggregateversion"]),
            "recorded_at": datetime.fromisoformat(document["time"]),
        }
    except (ValueError, TypeError, KeyError):
        return unknown
