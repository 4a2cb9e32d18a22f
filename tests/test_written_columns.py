"""Every column that a request's or a worker process's steps write is one that its role may write.

A right that is missing shows only when a value really changes, so that tests of a step may pass without it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SERVICES = ("voucher", "training", "evaluation", "payout")
ENTRIES = {"api": ("api.py",), "worker": ("consumers.py", "timers.py", "worker.py")}
"""Where the steps of each role begin."""

NEW_ROWS = {("payout", "digest"): "set on a file's row before it is written for the first time"}
"""By service and column: values set on rows that are only then inserted, with the reason."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("role", ENTRIES)
@pytest.mark.parametrize("service", SERVICES)
def test_a_role_may_write_what_its_steps_write(service: str, role: str) -> None:
    columns, writable = rights_of(service, role)
    written = written_columns(PROJECT / "services" / service, ENTRIES[role])
    missing = {name: places for name, places in written.items() if name in columns - writable}
    assert {name: places for name, places in missing.items() if (service, name) not in NEW_ROWS} == {}


def test_what_is_written_is_found() -> None:
    """The positive control: a hold's last lifting, whose right was missing once."""
    written = written_columns(PROJECT / "services/voucher", ENTRIES["api"])
    assert "voucher/vouchers/service.py _lift" in written["warned_days"]


def rights_of(service: str, role: str) -> tuple[set[str], set[str]]:
    """All columns of the service's tables, and those that the role may write in one table at least."""
    text = (PROJECT / f"docs/schema/{service}.sql").read_text()
    tables = {
        name: set(re.findall(r"^    ([a-z_0-9]+) ", body, re.MULTILINE))
        for name, body in re.findall(r"^CREATE TABLE (\w+) \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL)
    }
    writable: set[str] = set()
    for granted, table in re.findall(rf"^GRANT (.*?) ON (\w+) TO {service}_{role};", text, re.MULTILINE):
        if some := re.search(r"UPDATE \((.*?)\)", granted):
            writable |= set(some[1].split(", "))
        elif "UPDATE" in granted:
            writable |= tables[table]
    return set().union(*tables.values()), writable


def written_columns(service: Path, entries: tuple[str, ...]) -> dict[str, set[str]]:
    """Attributes set and columns moved by the functions of `service.py` that the entries lead to, and where."""
    functions: dict[str, list[tuple[str, Function]]] = defaultdict(list)
    to_see: list[str] = []
    for path in service.rglob("*.py"):
        tree = ast.parse(path.read_text())
        if path.name == "service.py":
            place = path.relative_to(service.parent)
            for node in ast.walk(tree):
                if isinstance(node, Function):
                    functions[node.name].append((f"{place} {node.name}", node))
        elif path.name in entries:
            to_see += names_in(tree)
    written: dict[str, set[str]] = defaultdict(set)
    seen: set[str] = set()
    while to_see:
        if (name := to_see.pop()) in seen:
            continue
        seen.add(name)
        for where, node in functions[name]:
            to_see += names_in(node)
            for column in columns_set_in(node):
                written[column].add(where)
    return written


def names_in(node: ast.AST) -> Iterator[str]:
    """Whatever may be a function that is called there."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def columns_set_in(function: Function) -> Iterator[str]:
    """`row.column = …`, and the keys of `values={…}` that rows are moved with."""
    for part in ast.walk(function):
        if isinstance(part, ast.Assign | ast.AugAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            for target in targets:
                for name in target.elts if isinstance(target, ast.Tuple) else [target]:
                    if isinstance(name, ast.Attribute):
                        yield name.attr
        elif isinstance(part, ast.keyword) and part.arg == "values" and isinstance(part.value, ast.Dict):
            yield from (str(key.value) for key in part.value.keys if isinstance(key, ast.Constant))
