"""The envelope of every event: CloudEvents 1.0, structured JSON.

An event class *is* its data: a frozen pydantic model with the aggregate's `id`, its `version` after the change and
`business_at`. The envelope around it is made when the unit of work writes the outbox row, and carries nothing that a
handler needs. No event carries personal data (DOMAIN §4, 14).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.kernel.actor import ActorKind
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.strict_json import parse_json

TYPE_PREFIX = "cn.skillvoucher"

MALFORMED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading JSON of any other shape raises."""


class EventUnreadable(DomainError):
    """An envelope that cannot be parsed, or whose type is not known: it is parked, never skipped."""

    code = "event_unreadable"
    zh, en = "事件无法解析:{reason}", "The event cannot be read: {reason}."


class ActorFields(BaseModel):
    """Who or what made a change (`shared.kernel.actor.Actor`): an account's `sub`, never a name."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True, hide_input_in_errors=True)

    kind: ActorKind
    id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
    role: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")] | None
    person_id: UUID | None


class Event(BaseModel):
    """One change of one aggregate.

    Subclasses name their owner: `class VoucherBoundV1(Event, service="voucher", name="voucher.bound", major=1)`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: ClassVar[str]
    """The owning service, which names the topic too."""
    name: ClassVar[str]
    """`<noun>.<past participle>`, as the life cycle's edge names it."""
    major: ClassVar[int]
    aggregate: ClassVar[str]
    """The noun whose `id` and `version` these are; the name's first part unless said otherwise."""

    id: UUID | str
    """The aggregate's id: a UUID, or a unified social credit code."""
    version: int
    """The aggregate's version after this change; 1 when it is created, gapless."""
    business_at: AwareDatetime
    """Business time of the change, UTC. It may be slightly ahead of the consumer's own clock."""
    actor: ActorFields
    """Who or what made the change."""

    newest: ClassVar[dict[tuple[str, str], type["Event"]]] = {}
    """The newest major version of every event, by service and name."""

    def __init_subclass__(
        cls, *, service: str = "", name: str = "", major: int = 1, aggregate: str = "", **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if name:
            cls.service, cls.name, cls.major = service, name, major
            cls.aggregate = aggregate or name.partition(".")[0]
            known = Event.newest.get((service, name))
            if known is None or known.major <= major:
                Event.newest[service, name] = cls

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type, `cn.skillvoucher.voucher.voucher.bound.v1`."""
        return f"{TYPE_PREFIX}.{cls.service}.{cls.name}.v{cls.major}"

    @classmethod
    def aggregate_type(cls) -> str:
        """`<service>.<noun>`, the namespace of `id` and `version`."""
        return f"{cls.service}.{cls.aggregate}"

    @classmethod
    def of(cls, source: object, **more: Any) -> Self:
        """The event of `source`'s change: each field from `more`, otherwise the attribute of that name."""
        fields = {name: more[name] if name in more else getattr(source, name) for name in cls.model_fields}
        return cls.model_validate(fields)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way: its id, when it was recorded, and the text that is stored and sent."""

    event_id: UUID
    event: Event
    recorded_at: datetime

    @classmethod
    def around(cls, event: Event, recorded_at: datetime) -> "Envelope":
        """A new envelope; `recorded_at` is the database's own time, UTC."""
        return cls(uuid7(), event, recorded_at)

    def attributes(self) -> dict[str, Any]:
        """What the event says about itself on the outside, in a fixed order: everything but its data and its time."""
        event = self.event
        return {
            "specversion": "1.0",
            "id": str(self.event_id),
            "source": f"/skill-voucher/{event.service}",
            "type": event.type(),
            "subject": str(event.id),
            "datacontenttype": "application/json",
            "aggregatetype": event.aggregate_type(),
            "aggregateversion": event.version,
        }

    def to_json(self) -> str:
        """The CloudEvents document, keys in a fixed order."""
        document = {
            **self.attributes(),
            "time": self.recorded_at.isoformat(),
            "data": self.event.model_dump(mode="json"),
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class EventTypes:
    """The event classes that a reader knows, by CloudEvents type."""

    def __init__(self, classes: Iterable[type[Event]]) -> None:
        self._by_type = {cls.type(): cls for cls in classes}

    def __iter__(self) -> Iterator[type[Event]]:
        return iter(self._by_type.values())

    def named(self, name: str) -> list[type[Event]]:
        """All major versions of a short name, oldest first."""
        return sorted((cls for cls in self._by_type.values() if cls.name == name), key=lambda cls: cls.major)

    def read(self, data: bytes) -> Envelope:
        """Parse an envelope; `EventUnreadable` if it is not exactly one event of a known type.

        Refused are JSON with two meanings (repeated keys, NaN), times without a zone, and an outside that says
        something else than the type and the data. Members that are not known are left alone: contracts grow.
        """
        try:
            document = parse_json(data)
            event = self._by_type[document["type"]].model_validate(document["data"])
            envelope = Envelope(UUID(document["id"]), event, datetime.fromisoformat(document["time"]))
            disagreeing = sorted(
                name
                for name, said in envelope.attributes().items()
                if document[name] != said or type(document[name]) is not type(said)
            )
        except KeyError as missing:
            raise EventUnreadable(reason=f"unknown or missing {missing}") from missing
        except MALFORMED as malformed:
            raise EventUnreadable(reason=type(malformed).__name__) from malformed
        if envelope.recorded_at.tzinfo is None:
            raise EventUnreadable(reason="time without a zone")
        if disagreeing:
            raise EventUnreadable(reason=f"{', '.join(disagreeing)} against type and data")
        return envelope
