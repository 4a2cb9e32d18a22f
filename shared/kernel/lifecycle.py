"""Life cycles as tables: (state, action) → edge. What is not in the table is refused (DOMAIN §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from shared.kernel.errors import Conflict


class WrongState(Conflict):
    """The life cycle has no such edge from the present state."""

    code = "wrong_state"
    zh, en = "{name}处于 {state} 状态,不能执行 {action}", "{name}: {action} is not possible in state {state}."


class Held(Conflict):
    """An open hold blocks this decision until an officer lifts it."""

    code = "held"
    policy = "§二(二)7"
    zh, en = "{name}已被冻结,解除后方可执行 {action}", "{name} is held; {action} waits until the hold is lifted."


@dataclass(frozen=True, slots=True)
class Edge:
    """Where an action leads and which event says so.

    `emits` is the event's short name (`voucher.bound`). The event's fields are the row's, and `details`, which whoever
    takes the edge gives. `blocked_by_hold` marks decisions that an open hold stops; facts already true elsewhere are
    taken under a hold.
    """

    to: StrEnum
    emits: str
    blocked_by_hold: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ByClock:
    """The timer of this name takes the case out of the state, whoever does nothing."""

    timer: str
    when: str
    """When it does, in words."""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """People take the case out of the state; that they are late is alarmed (A26).

    Their time is a dated rule (`Lifecycle.time_limit`), unless the service counts those who are late by a rule of its
    own: then `counted_as` names its figure.
    """

    who: str
    counted_as: str | None = None


@dataclass(frozen=True, slots=True)
class ByService:
    """The answer of another service takes the case out of the state; one that never comes is found (ADR 24)."""

    service: str
    answer: str


@dataclass(frozen=True, slots=True)
class Rests:
    """Nobody waits for anything in the state, though something may still happen."""

    why: str


WayOut: TypeAlias = ByClock | ByPeople | ByService | Rests


class Lifecycle:
    """The life cycle of one kind of aggregate.

    Creation is an edge from `None`. `type` is `<service>.<noun>`, the aggregate's type in events and positions.
    `ways_out` says of every state that an edge leads out of how it is left at the latest (R1).
    """

    def __init__(
        self,
        type: str,
        edges: Mapping[tuple[StrEnum | None, StrEnum], Edge],
        ways_out: Mapping[StrEnum, WayOut] = MappingProxyType({}),
    ) -> None:
        self.type = type
        self.service, _, self.name = type.partition(".")
        self.edges, self.ways_out = dict(edges), dict(ways_out)
        emitted: dict[tuple[StrEnum, StrEnum], str] = {}
        for (_, action), edge in self.edges.items():
            if emitted.setdefault((action, edge.to), edge.emits) != edge.emits:
                raise ValueError(f"{type}: {action} to {edge.to} emits two different events")

    def edge(self, state: StrEnum | str | None, action: StrEnum) -> Edge:
        """The edge taken by `action` in `state`; `WrongState` if the table has none."""
        found = self.edges.get((state, action))  # type: ignore[arg-type]  # a StrEnum equals and hashes as its text
        if found is None:
            raise WrongState(name=self.name, state=str(state), action=str(action))
        return found

    def decide(self, state: StrEnum | str, action: StrEnum, open_holds: int = 0) -> Edge:
        """The edge if it may be taken now, holds considered; `WrongState` or `Held` otherwise."""
        edge = self.edge(state, action)
        if edge.blocked_by_hold and open_holds:
            raise Held(name=self.name, action=str(action))
        return edge

    def sources(self, action: StrEnum) -> dict[StrEnum, Edge]:
        """Every state from which `action` leads somewhere, with its edge (creation left out)."""
        return {state: edge for (state, taken), edge in self.edges.items() if taken == action and state is not None}

    def states(self) -> list[StrEnum]:
        """Every state, in the order in which the table first names it."""
        named: dict[StrEnum, None] = {}
        for (state, _), edge in self.edges.items():
            if state is not None:
                named.setdefault(state)
            named.setdefault(edge.to)
        return list(named)

    def left_states(self) -> list[StrEnum]:
        """Every state that an edge leads out of."""
        left = {state for (state, _), edge in self.edges.items() if state not in {None, edge.to}}
        return [state for state in self.states() if state in left]

    def time_limit(self, state: StrEnum) -> str:
        """The dated rule that says how many whole working days people have in a state (R1, A26)."""
        return f"{self.name}_{state}_working_days"

    def actions(self) -> list[StrEnum]:
        """Every action, in the order in which the table first names it."""
        return list(dict.fromkeys(action for _, action in self.edges))

    def events(self) -> set[str]:
        """Short names of all the events that this life cycle can emit."""
        return {edge.emits for edge in self.edges.values()}

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram; a transition reads `action (no hold) / event`."""
        lines = ["stateDiagram-v2"]
        for (state, action), edge in self.edges.items():
            guard = " (no hold)" if edge.blocked_by_hold else ""
            lines.append(f"    {state or '[*]'} --> {edge.to} : {action}{guard} / {edge.emits}")
        return "\n".join(lines)
