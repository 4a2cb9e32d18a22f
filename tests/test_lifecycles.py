"""Every life cycle, walked state by action: in the table with an event, or refused; and the database agrees."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import asyncpg
import pytest

import services
from deploy.documents import life_cycles
from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Event
from shared.kernel.lifecycle import ByClock, ByPeople, ByService, Edge, Held, Lifecycle, WrongState
from shared.messaging.reconciliation import last_versions
from shared.messaging.topics import CONSUMES, SERVICES
from shared.persistence import LifecycleRow
from shared.persistence.models import lifecycle_models, load_models
from tests.databases import Databases
from tests.worker_process import overdue, worker_of

CYCLES = life_cycles()

GUARDS = """
    SELECT c.relname AS table_name, p.prosrc AS body, pg_get_triggerdef(t.oid) AS trigger
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgname = 'lifecycle' AND t.tgenabled = 'O'
"""
_ARGUMENTS = re.compile(r"guard_lifecycle\('\{([^}]*)\}', '\{([^}]*)\}'\)")
_FIRST = re.compile(r"NEW\.status <> ALL \(ARRAY\[([^\]]*)\]\)")
_PAIRS = re.compile(r"NEW\.status <> ALL \(ARRAY\[([^\]]*)\]::text\[\]\)")


class Lamp(StrEnum):
    """States of a life cycle made for these tests."""

    OFF = "off"
    ON = "on"
    LOST = "lost"


class Switch(StrEnum):
    """The actions of the little cycle."""

    MAKE = "make"
    PRESS = "press"


FLAWED = Lifecycle(
    "probe.lamp",
    {
        (None, Switch.MAKE): Edge(Lamp.OFF, emits="lamp.made"),
        (Lamp.OFF, Switch.PRESS): Edge(Lamp.ON, emits="lamp.lit", blocked_by_hold=True),
        (Lamp.LOST, Switch.PRESS): Edge(Lamp.LOST, emits="lamp.lit"),
    },
)


def unreachable(cycle: Lifecycle) -> set[StrEnum]:
    """States to which no path of edges leads from a creation."""
    reached = {edge.to for (state, _), edge in cycle.edges.items() if state is None}
    while more := {edge.to for (state, _), edge in cycle.edges.items() if state in reached} - reached:
        reached |= more
    return set(cycle.states()) - reached


def undescribed(cycle: Lifecycle) -> set[str]:
    """Events of edges that no contract describes as this aggregate's."""
    return cycle.events() - {event.name for event in EVENT_TYPES if event.aggregate_type() == cycle.type}


def unexplained(event: type[Event], row: type[LifecycleRow[Any, Any]], edge: Edge) -> set[str]:
    """Fields of the event that are neither the row's, nor a detail of the edge, nor the unit of work's."""
    return {name for name in event.model_fields if not hasattr(row, name)} - {*edge.details, "business_at", "actor"}


def guarded(trigger: str, body: str) -> tuple[set[str], set[str]]:
    """The first states and the pairs `before>after` that a guard lets pass."""
    if given := _ARGUMENTS.search(trigger):
        firsts, moves = (set(filter(None, part.split(","))) for part in given.groups())
        return firsts, moves
    first, pairs = _FIRST.search(body), _PAIRS.search(body)
    assert first is not None, body
    assert pairs is not None, body
    return set(re.findall(r"'([^']+)'", first[1])), set(re.findall(r"'([^']+)'", pairs[1]))


def wanted(cycle: Lifecycle) -> tuple[set[str], set[str]]:
    """The first states and the pairs of different states that the table has."""
    first = {str(edge.to) for (state, _), edge in cycle.edges.items() if state is None}
    pairs = {f"{state}>{edge.to}" for (state, _), edge in cycle.edges.items() if state not in {None, edge.to}}
    return first, pairs


def rows_of(service: str) -> Iterator[type[LifecycleRow[Any, Any]]]:
    """Every class of a service's rows with a life cycle."""
    package = importlib.import_module(f"services.{service}")
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith(".models"):
            for value in vars(importlib.import_module(found.name)).values():
                if isinstance(value, type) and issubclass(value, LifecycleRow) and hasattr(value, "__tablename__"):
                    yield value


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_every_state_and_action(cycle: Lifecycle) -> None:
    for state in (None, *cycle.states()):
        for action in cycle.actions():
            edge = cycle.edges.get((state, action))
            if edge is None:
                with pytest.raises(WrongState):
                    cycle.edge(state, action)
            else:
                assert cycle.edge(state, action) is edge
            if edge is not None and state is not None and edge.blocked_by_hold:
                with pytest.raises(Held):
                    cycle.decide(state, action, open_holds=1)
            elif edge is not None and state is not None:
                assert cycle.decide(state, action, open_holds=1) is edge


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_every_edge_emits_an_event_of_its_aggregate(cycle: Lifecycle) -> None:
    assert undescribed(cycle) == set()


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_every_state_can_be_reached_and_none_is_forgotten(cycle: Lifecycle) -> None:
    assert unreachable(cycle) == set()
    assert set(type(cycle.states()[0])) == set(cycle.states()), "a state that the table does not name"
    assert set(type(cycle.actions()[0])) == set(cycle.actions()), "an action that the table does not name"


@pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)
def test_every_state_is_left_by_somebody_and_nothing_waits_for_ever(cycle: Lifecycle) -> None:
    """R1: by a timer of the service, another service that it consumes, or people, whose lateness is alarmed (below)."""
    assert list(cycle.ways_out) == [state for state in cycle.ways_out if state in cycle.left_states()]
    assert set(cycle.ways_out) == set(cycle.left_states())
    timers = {timer.name for timer in worker_of(cycle.service).timers}
    for state, way in cycle.ways_out.items():
        match way:
            case ByClock(timer=timer):
                assert timer in timers, state
            case ByService(service=service):
                assert service in CONSUMES[cycle.service], state


@pytest.mark.parametrize("service", SERVICES)
async def test_what_people_leave_beyond_its_day_is_counted(databases: Databases, service: str) -> None:
    """Every state that people leave has a time limit, or a figure of its own, and the metric counts from zero."""
    load_models(service)
    figures = {
        way.counted_as or f"{cycle.name}_{state}"
        for cycle in CYCLES.values()
        if cycle.service == service
        for state, way in cycle.ways_out.items()
        if isinstance(way, ByPeople)
    }
    async with databases.clone(service) as database:
        counted = await overdue(database)
    assert figures <= counted.keys()
    assert not any(counted.values())


def test_every_event_is_emitted_by_an_edge() -> None:
    emitted = {(cycle.type, name) for cycle in CYCLES.values() for name in cycle.events()}
    assert sorted({(event.aggregate_type(), event.name) for event in EVENT_TYPES} - emitted) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_the_database_guards_the_same_table(databases: Databases, service: str) -> None:
    async with databases.clone(service) as database:
        connection = await asyncpg.connect(database.dsn)
        try:
            found = {row["table_name"]: guarded(row["trigger"], row["body"]) for row in await connection.fetch(GUARDS)}
        finally:
            await connection.close()
    rows = {str(row.__tablename__): row.lifecycle for row in rows_of(service)}  # type: ignore[attr-defined]  # asked for
    assert found == {table: wanted(cycle) for table, cycle in rows.items()}
    assert {cycle.type for cycle in rows.values()} == {name for name in CYCLES if name.startswith(f"{service}.")}, (
        "a life cycle without a table, or a table with somebody else's"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_an_event_shows_the_row_and_the_details_of_its_edge(service: str) -> None:
    for row in rows_of(service):
        for edge in row.lifecycle.edges.values():
            event = Event.newest[service, edge.emits]
            assert unexplained(event, row, edge) == set(), f"{edge.emits}: neither of {row.__name__} nor a detail"
            assert set(edge.details) <= set(event.model_fields), f"{edge.emits}: a detail that the event does not have"


@pytest.mark.parametrize("service", SERVICES)
def test_a_row_names_itself_and_the_actions_of_its_life_cycle(service: str) -> None:
    """The type checker refuses another life cycle's action by what the class says here."""
    for row in rows_of(service):
        (named, actions), *_ = (get_args(base) for base in row.__orig_bases__ if get_args(base))  # type: ignore[attr-defined]  # of a generic class
        assert getattr(named, "__forward_arg__", None) == row.__name__
        assert actions is type(row.lifecycle.actions()[0])


def test_flaws_are_seen() -> None:
    assert unreachable(FLAWED) == {Lamp.LOST}
    assert undescribed(FLAWED) == {"lamp.made", "lamp.lit"}
    assert wanted(FLAWED) == ({"off"}, {"off>on"})
    assert [package.name for package in pkgutil.iter_modules(services.__path__)]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_worker_process_reads_the_versions_of_all_aggregates(databases: Databases, service: str) -> None:
    """Its role needs the right on every table: consumers compare what they received with these versions."""
    load_models(service)
    async with databases.clone(service) as database:
        named = {last.aggregate_type async for last in last_versions(database.worker, service)}
    assert named <= {model.lifecycle.type for model in lifecycle_models(service)}
