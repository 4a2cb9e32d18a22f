"""Who acts: an account, or the part of the system that acts by itself (DOMAIN R21)."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of actor changed something."""

    ACCOUNT = "account"
    TIMER = "timer"
    CONSUMER = "consumer"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who or what changed something.

    `id` is an account's `sub`, a timer's name, the service that consumes, or a command's name; an account also has
    its role, and its person where its token names one.
    """

    kind: ActorKind
    id: str
    role: str | None = None
    person_id: UUID | None = None
