"""Records as they come from a topic, and what can be read and believed of them."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.envelope import MALFORMED, Event, EventTypes, EventUnreadable
from shared.kernel.errors import DomainError
from shared.kernel.strict_json import parse_json
from shared.messaging.topics import owner_of
from shared.security import EventSignatureInvalid, EventVerifier

VERSION_MOST = 2**31 - 1
TEXT_MOST = 200
UNKNOWN = "unknown"
"""The type of an event, and of an aggregate, that cannot be read."""


class EventOfAnotherTopic(DomainError):
    """The event stands on a topic that is not its service's: whoever sent it, its relay did not."""

    code = "event_of_another_topic"
    policy = "R26"
    zh, en = "事件不属于主题 {topic}", "The event does not belong on the topic {topic}."


@dataclass(frozen=True, slots=True)
class Record:
    """One message: where it stood and the bytes that it carried, whatever they are."""

    topic: str
    partition: int
    position: int
    """Its offset within the partition."""
    value: bytes
    timestamp_ms: int = 0
    key: bytes | None = None
    """The aggregate's id, where the relay sent it."""

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset."""
        return self.topic, self.partition, self.position


@dataclass(frozen=True, slots=True)
class Received:
    """A record whose envelope has been read, and what is believed of it.

    `event` is None where there is a `refusal`: it cannot be read, or its owner did not write it or send it like this.
    What its outside says stands here all the same.
    """

    record: Record
    type: str
    aggregate_type: str
    aggregate_id: str
    version: int
    event_id: UUID | None
    event: Event | None
    genuine: bool = True
    """Whether the service whose topic it came by signed it, readable or not."""
    refusal: DomainError | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """Its type as a metric may name it: what cannot be read says of itself whatever somebody likes."""
        return self.type if self.event is not None else UNKNOWN

    @property
    def aggregate(self) -> tuple[str, str]:
        """The aggregate that it speaks of."""
        return self.aggregate_type, self.aggregate_id


def read_record(record: Record, types: EventTypes, verifier: EventVerifier) -> Received:
    """Read a record as far as it can be read, and verify who signed it; never raises."""
    genuine = is_genuine(record, verifier)
    try:
        envelope = types.read(record.value)
        event = envelope.event
        if not _storable(event.version, str(event.id)):
            raise EventUnreadable(reason="no aggregate has such an id or version")
        if owner_of(record.topic) != event.service:
            raise EventOfAnotherTopic(topic=record.topic)
        if not genuine:
            raise EventSignatureInvalid
    except DomainError as refusal:
        return _outside(record, refusal, genuine=genuine)
    return Received(
        record,
        type=event.type(),
        aggregate_type=event.aggregate_type(),
        aggregate_id=str(event.id),
        version=event.version,
        event_id=envelope.event_id,
        event=event,
    )


def is_genuine(record: Record, verifier: EventVerifier) -> bool:
    """Whether the service whose topic a record came by signed it."""
    try:
        return verifier.signer_of(record.value) == owner_of(record.topic)
    except EventSignatureInvalid:
        return False


def _outside(record: Record, refusal: DomainError, *, genuine: bool) -> Received:
    """Whose event it is, as far as the envelope of a refused record tells; otherwise its key, or its partition."""
    try:
        document = parse_json(record.value)
        outside = Received(
            record,
            type=document["type"],
            aggregate_type=document["aggregatetype"],
            aggregate_id=document["subject"],
            version=document["aggregateversion"],
            event_id=UUID(document["id"]),
            event=None,
            genuine=genuine,
            refusal=refusal,
        )
        if _storable(outside.version, outside.type, *outside.aggregate):
            return outside
    except MALFORMED:
        pass
    return Received(record, UNKNOWN, UNKNOWN, _whose(record), 1, None, None, genuine, refusal)


def _whose(record: Record) -> str:
    """The id of the aggregate that a record's key names; without one `<topic>/<partition>`, and so anybody's there."""
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError:
        key = ""
    return key if key and _storable(1, key) else f"{record.topic}/{record.partition}"


def _storable(version: object, *texts: object) -> bool:
    """Whether the database can keep and index them: a version from 1, and texts that are not too long."""
    return (
        type(version) is int
        and 1 <= version <= VERSION_MOST
        and all(isinstance(value, str) and len(value) <= TEXT_MOST and "\0" not in value for value in texts)
    )
