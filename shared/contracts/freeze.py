"""Write each event's schema to `schemas/`, and never change what is written: `python -m shared.contracts.freeze`.

A file is `<service>.<noun>.<past participle>-<major>.<minor>.json`. A model that equals its newest file writes nothing;
one that only adds writes the next minor; any other change is refused. `--check` writes nothing and fails if something
would have to be written. `--rewrite` forgets all files and writes minor 0 of every event: for contracts that were never
released, and for nothing else.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts import EVENT_TYPES
from shared.contracts.compatibility import breaking_changes
from shared.contracts.envelope import Event

SCHEMAS = Path(__file__).parent / "schemas"
_FILE = re.compile(r"(?P<name>[a-z_.]+)-(?P<major>\d+)\.(?P<minor>\d+)\.json")
_WORDS = frozenset({"title", "description"})


@dataclass(frozen=True, slots=True, order=True)
class FrozenSchema:
    """One frozen file: the event's full name (`voucher.voucher.bound`), its version, and what the file says."""

    name: str
    major: int
    minor: int

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.major}.{self.minor}.json"

    def read(self, folder: Path = SCHEMAS) -> dict[str, Any]:
        """The schema in the file."""
        schema: dict[str, Any] = json.loads((folder / self.file_name).read_text(encoding="utf-8"))
        return schema


def frozen_schemas(folder: Path = SCHEMAS) -> list[FrozenSchema]:
    """All frozen files, by name and ascending version; `ValueError` for a file that is named otherwise."""
    found = []
    for path in folder.glob("*.json"):
        parts = _FILE.fullmatch(path.name)
        if parts is None:
            raise ValueError(f"not the name of a frozen schema: {path.name}")
        found.append(FrozenSchema(parts["name"], int(parts["major"]), int(parts["minor"])))
    return sorted(found)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """What a reader of this event demands, without the words, which may be bettered at any time."""
    schema: dict[str, Any] = _without_words(event.model_json_schema(mode="validation"))
    return schema


def _without_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _without_words(field) for name, field in value.items()}
        if key in {"properties", "$defs"}
        else _without_words(value)
        for key, value in node.items()
        if key not in _WORDS
    }


@dataclass(frozen=True, slots=True)
class Plan:
    """What freezing would do: the files to write, and the reasons why it may not."""

    to_write: dict[str, dict[str, Any]]
    refusals: list[str]


def plan(events: Iterable[type[Event]], folder: Path = SCHEMAS) -> Plan:
    """Compare the models with the newest frozen files; a frozen event whose class is gone is a refusal too."""
    newest = {(frozen.name, frozen.major): frozen for frozen in frozen_schemas(folder)}
    to_write: dict[str, dict[str, Any]] = {}
    refusals: list[str] = []
    for event in events:
        schema, key = schema_of(event), (f"{event.service}.{event.name}", event.major)
        frozen = newest.pop(key, None)
        if frozen is None:
            to_write[FrozenSchema(*key, minor=0).file_name] = schema
            continue
        known = frozen.read(folder)
        breaking = breaking_changes(known, schema)
        refusals += [f"{frozen.file_name}: {change}" for change in breaking]
        if known != schema and not breaking:
            to_write[FrozenSchema(*key, minor=frozen.minor + 1).file_name] = schema
    refusals += [f"{frozen.file_name}: its event class is gone" for frozen in newest.values()]
    return Plan(to_write, refusals)


def freeze(events: Iterable[type[Event]], folder: Path = SCHEMAS) -> Plan:
    """Write what `plan` allows; nothing at all if it refuses anything."""
    planned = plan(events, folder)
    if not planned.refusals:
        folder.mkdir(exist_ok=True)
        for name, schema in planned.to_write.items():
            text = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text + "\n")
    return planned


def main(arguments: list[str] | None = None, folder: Path = SCHEMAS) -> int:
    """The command; its exit status is 0 if models and files agree when it ends."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts.freeze", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="write nothing; fail if models and newest files differ")
    choice.add_argument("--rewrite", action="store_true", help="start anew at minor 0; unreleased contracts only")
    options = parser.parse_args(arguments)
    if options.rewrite:
        for frozen in frozen_schemas(folder):
            (folder / frozen.file_name).unlink()
    done = plan(EVENT_TYPES, folder) if options.check else freeze(EVENT_TYPES, folder)
    for refusal in done.refusals:
        sys.stderr.write(f"refused: {refusal}\n")
    for name in done.to_write:
        sys.stdout.write(f"{'missing' if options.check else 'frozen'}: {name}\n")
    return 1 if done.refusals or (options.check and done.to_write) else 0


if __name__ == "__main__":
    sys.exit(main())
