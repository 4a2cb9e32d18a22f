"""Write the parts of the documents that the code already says: `python -m deploy.documents` (`make docs`).

Life cycles, events, refusals, settings, the services' OpenAPI documents and the dashboards. `--check` writes nothing
and fails if something would change. A published OpenAPI document may only grow; `--rewrite` replaces it all the same,
for interfaces that were never released.
"""

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import services
import shared
from deploy.dashboards import DASHBOARDS, render
from deploy.openapi import breaking_changes
from shared.contracts import EVENT_TYPES
from shared.contracts.envelope import Event
from shared.kernel.errors import DomainError
from shared.kernel.lifecycle import ByClock, ByPeople, ByService, Lifecycle, Rests
from shared.messaging.topics import SERVICES
from shared.settings import settings_table

PROJECT = Path(__file__).resolve().parents[1]
OPENAPI = Path("docs/openapi")
DASHBOARDS_AT = Path("deploy/kubernetes/monitoring/dashboards")
SETTINGS_BEGIN, SETTINGS_END = "<!-- settings: written by make docs -->", "<!-- end of settings -->"

TITLES = {"voucher": "发券", "training": "培训", "evaluation": "评价·持证", "payout": "兑现", "audit": "审计"}
_ENVELOPE_FIELDS = frozenset({"id", "version", "business_at", "actor"})
_NOT_IMPORTED = ("migrations", "__main__")


def code_modules(file_name: str | None = None) -> Iterator[ModuleType]:
    """Every module of `shared` and `services`, imported, or only those whose file has this name.

    Migrations and command lines are left out.
    """
    for package in (shared, services):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            parts = found.name.split(".")
            if file_name in {None, parts[-1]} and not any(part in _NOT_IMPORTED for part in parts):
                yield importlib.import_module(found.name)


def life_cycles() -> dict[str, Lifecycle]:
    """Every life cycle that a `domain.py` declares, by its type, in the order of the loop."""
    found = {
        value.type: value
        for module in code_modules("domain")
        for value in vars(module).values()
        if isinstance(value, Lifecycle)
    }
    return dict(sorted(found.items(), key=lambda item: (SERVICES.index(item[0].partition(".")[0]), item[0])))


def consumers() -> dict[type[Event], list[str]]:
    """By event class, the rooms that consume it, as `service.room` or `shared.persons`."""
    found: dict[type[Event], list[str]] = {}
    for module in code_modules("consumers"):
        for event in getattr(module, "HANDLERS", ()):
            room = module.__name__.removeprefix("services.").removesuffix(".consumers")
            found.setdefault(event, []).append(room)
    return found


def refusals() -> list[type[DomainError]]:
    """Every refusal of ours, by its code; tests have some of their own."""
    ours = {module.__name__ for module in code_modules()}  # importing a module enters its refusals into the registry
    return [refusal for _, refusal in sorted(DomainError.registry.items()) if refusal.__module__ in ours]


def render_life_cycles() -> str:
    """`docs/life-cycles.md`."""
    parts = [
        "# Life cycles\n",
        "Written by `make docs` from the tables in each aggregate's `domain.py`. A transition reads `action / event`;",
        "what is not shown is refused (`wrong_state`). Under an open hold what says `(no hold)` is refused (`held`).",
        "The tables say how every state is left at the latest (R1): by the clock, by another service, or by people,",
        "within a dated rule in whole working days; what they leave longer is counted by `skill_voucher_overdue`.\n",
    ]
    for name, cycle in life_cycles().items():
        parts += [f"## {name}\n", "```mermaid", cycle.mermaid(), "```\n", *_ways_out(cycle)]
    return "\n".join(parts)


def _ways_out(cycle: Lifecycle) -> list[str]:
    """How each state is left at the latest (R1), as the rows of a table."""
    rows = []
    for state, way in cycle.ways_out.items():
        match way:
            case ByClock(timer, when):
                rows.append(f"| {state} | the clock, `{timer}` | {when} |")
            case ByPeople(who, None):
                rows.append(f"| {state} | {who} | `{cycle.time_limit(state)}`; late is alarmed |")
            case ByPeople(who, counted_as):
                rows.append(f"| {state} | {who} | alarmed as `{counted_as}` |")
            case ByService(service, answer):
                rows.append(f"| {state} | {service} | {answer} |")
            case Rests(why):
                rows.append(f"| {state} | nobody waits | {why} |")
    return ["| state | left by | at the latest |", "|---|---|---|", *rows, ""] if rows else []


def render_events() -> str:
    """`docs/events.md`."""
    consumed = consumers()
    parts = [
        "# Events\n",
        "Written by `make docs` from `shared/contracts/`. Each carries the aggregate's `id`, its `version` after the",
        "change, `business_at` and the `actor`; then what stands above its table, and beside it. Audit's log consumes",
        "every event; the last column says who else does.",
    ]
    for service in SERVICES:
        parts.append(f"\n## {service} {TITLES[service]}")
        aggregates: dict[str, list[type[Event]]] = {}
        for event in EVENT_TYPES:
            if event.service == service:
                aggregates.setdefault(event.name.partition(".")[0], []).append(event)
        for aggregate, events in aggregates.items():
            shared_by_all = [name for name in _carried(events[0]) if all(name in _carried(event) for event in events)]
            common = shared_by_all if len(events) > 1 else []
            parts.append(f"\n### {aggregate}\n")
            parts += [f"Each carries {', '.join(common)}.\n"] if common else []
            parts += ["| event | carries | consumed by |", "|---|---|---|"]
            for event in events:
                own = ", ".join(name for name in _carried(event) if name not in common)
                rooms = ", ".join(sorted(consumed.get(event, ())))
                parts.append(f"| `{event.name}` v{event.major} | {own} | {rooms} |")
    return "\n".join(parts) + "\n"


def _carried(event: type[Event]) -> list[str]:
    return [name for name in event.model_fields if name not in _ENVELOPE_FIELDS]


def render_refusals() -> str:
    """`docs/refusals.md`."""
    parts = [
        "# Refusals\n",
        "Written by `make docs`. Every way in which the system says no: a code that never changes its meaning, the",
        "HTTP status, whether the same request may succeed when simply repeated, the rule behind it (§ of",
        "平办[2021]27号, or a decision of ours), the sentence in both languages and the module that says it.\n",
        "| code | status | repeat | rule | 中文 | English | where |",
        "|---|---|---|---|---|---|---|",
    ]
    for refusal in refusals():
        where = refusal.__module__.removeprefix("services.").removesuffix(".domain")
        cells = (
            f"`{refusal.code}`",
            refusal.status,
            "yes" if refusal.transient else "",
            refusal.policy or "",
            refusal.zh,
            refusal.en,
            where,
        )
        parts.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(parts) + "\n"


def render_readme(present: str) -> str:
    """The README with its table of settings; `ValueError` if it has no place for it."""
    before, begin, rest = present.partition(SETTINGS_BEGIN)
    _, end, after = rest.partition(SETTINGS_END)
    if not (begin and end):
        raise ValueError("README.md has lost the marks around its table of settings")
    return f"{before}{begin}\n{settings_table()}\n{end}{after}"


def openapi_document(service: str) -> dict[str, Any]:
    """A service's OpenAPI document, made without any environment."""
    document: dict[str, Any] = importlib.import_module(f"services.{service}.main").app().openapi()
    return document


def documents() -> dict[Path, str]:
    """Every generated file, by its path in the project, as it should be."""
    found = {
        Path("README.md"): render_readme((PROJECT / "README.md").read_text(encoding="utf-8")),
        Path("docs/life-cycles.md"): render_life_cycles(),
        Path("docs/events.md"): render_events(),
        Path("docs/refusals.md"): render_refusals(),
    }
    for service in SERVICES:
        text = json.dumps(openapi_document(service), ensure_ascii=False, indent=1, sort_keys=True)
        found[OPENAPI / f"{service}.json"] = text + "\n"
    found |= {DASHBOARDS_AT / f"{dashboard.uid}.json": render(dashboard) for dashboard in DASHBOARDS}
    return found


def shrinking(path: Path, text: str) -> list[str]:
    """What a client of the published document at `path` would miss in `text`; empty for other documents."""
    published = PROJECT / path
    if path.parent != OPENAPI or not published.exists():
        return []
    return breaking_changes(json.loads(published.read_text(encoding="utf-8")), json.loads(text))


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit status is 0 if code and documents agree when it ends."""
    parser = argparse.ArgumentParser(prog="python -m deploy.documents", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="write nothing; fail if a document differs from the code")
    choice.add_argument("--rewrite", action="store_true", help="let an OpenAPI document shrink; unreleased ones only")
    options = parser.parse_args(arguments)
    failed = False
    for path, text in documents().items():
        target = PROJECT / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        broken = [] if options.rewrite else shrinking(path, text)
        for change in broken:
            sys.stderr.write(f"{path}: {change}\n")
        if broken or options.check:
            sys.stderr.write(f"{path}: {'refused, it would shrink' if broken else 'out of date: run `make docs`'}\n")
            failed = True
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"written: {path}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
