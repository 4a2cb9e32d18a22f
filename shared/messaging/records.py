"""Records as they come from a topic, and what can be read of them."""

from dataclasses import dataclass

from shared.contracts.envelope import MALFORMED, Event, EventTypes, EventUnreadable
from shared.kernel.strict_json import parse_json

VERSION_MOST = 2**31 - 1
TEXT_MOST = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One message: where it stood and the bytes that it carried, whatever they are."""

    topic: str
    partition: int
    position: int
    """Its offset within the partition."""
    value: bytes
    timestamp_ms: int = 0

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset."""
        return self.topic, self.partition, self.position


@dataclass(frozen=True, slots=True)
class Received:
    """A record whose envelope has been read.

    `event` is None when only the outside could be read: its type is unknown or its data malformed, for `reason`.
    """

    record: Record
    type: str
    aggregate_type: str
    aggregate_id: str
    version: int
    event: Event | None
    reason: str = ""

    @property
    def aggregate(self) -> tuple[str, str]:
        """The aggregate that it speaks of."""
        return self.aggregate_type, self.aggregate_id


def read_record(record: Record, types: EventTypes) -> Received:
    """Read a record as far as it can be read; never raises."""
    try:
        event = types.read(record.value).event
    except EventUnreadable as unreadable:
        return _outside(record, str(unreadable))
    if not _storable(event.version, str(event.id)):
        return _outside(record, "no aggregate has such an id or version")
    return Received(
        record,
        type=event.type(),
        aggregate_type=event.aggregate_type(),
        aggregate_id=str(event.id),
        version=event.version,
        event=event,
    )


def _outside(record: Record, reason: str) -> Received:
    """Whose event it is, as far as an unreadable envelope tells; the place of the record stands in for the rest."""
    place = f"{record.topic}/{record.partition}/{record.position}"
    unknown = Received(record, "unknown", "unknown", place, 1, None, reason)
    try:
        document = parse_json(record.value)
        outside = Received(
            record,
            type=document["type"],
            aggregate_type=document["aggregatetype"],
            aggregate_id=document["subject"],
            version=document["aggregateversion"],
            event=None,
            reason=reason,
        )
    except MALFORMED:
        return unknown
    return outside if _storable(outside.version, outside.type, *outside.aggregate) else unknown


def _storable(version: object, *texts: object) -> bool:
    """Whether the database can keep and index them: a version from 1, and texts that are not too long."""
    return (
        type(version) is int
        and 1 <= version <= VERSION_MOST
        and all(isinstance(value, str) and len(value) <= TEXT_MOST for value in texts)
    )
