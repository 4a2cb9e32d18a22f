"""Every message names commands that exist, as they can be typed from where the reader stands."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import deploy.local
from deploy.local.cli import command
from deploy.local.errors import LocalRunError
from deploy.local.messages import DEFAULT_STATE, hint_of, program
from services.audit.__main__ import command as audit_command
from tests.local.places import PROJECT

QUOTED = re.compile(r"`([^`\n]*skill-voucher[^`\n]*)`|^(\.venv/bin/skill-voucher [^\n]*)$", re.MULTILINE)


def errors(kind: type[LocalRunError] = LocalRunError) -> Iterator[type[LocalRunError]]:
    """Every error that a person may be shown."""
    for module in pkgutil.walk_packages(deploy.local.__path__, "deploy.local."):
        if not module.name.endswith(("__main__", "launcher")):
            importlib.import_module(module.name)
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors(narrower)


def commands(text: str) -> list[list[str]]:
    """The words after the program's name, of each of our commands in a text."""
    found = [match[1] or match[2] for match in QUOTED.finditer(text)]
    return [re.sub(r"^.*?skill-voucher( --state \S+)?", "", line).partition("#")[0].split() for line in found]


def check_exists(words: list[str]) -> None:
    """Follow the words through the command line's own tree, options too."""
    at = typer.main.get_command(command)
    for word in words:
        options = {"--help"} | {option for parameter in at.params for option in parameter.opts}
        if word.startswith("--"):
            assert word in options, (words, word)
        elif isinstance(at, typer.core.TyperGroup):
            assert word in at.commands, (words, word)
            at = typer.main.get_command(audit_command) if word == "audit" else at.commands[word]  # it passes them on


def test_every_hint_is_a_command_that_exists() -> None:
    hinted = [kind("") for kind in errors() if kind.hint]
    assert len(hinted) > 5
    for error in hinted:
        hint = hint_of(error, DEFAULT_STATE)
        assert "{" not in hint
        for words in commands(hint):
            check_exists(words)


def test_the_program_is_named_as_it_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    assert program() == ".venv/bin/skill-voucher"
    assert program(tmp_path / "a b") == f".venv/bin/skill-voucher --state '{tmp_path}/a b'"
    monkeypatch.chdir(tmp_path)
    assert program() == str(PROJECT / ".venv/bin/skill-voucher")


def test_no_message_names_the_bare_program() -> None:
    """`skill-voucher …` alone is on nobody's path; the text of a message takes its name from `program`."""
    wrong = []
    for path in sorted((PROJECT / "deploy/local").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                wrong += [
                    f"{path.name}: {node.value}" for _ in re.finditer(r"(?<![\w./-])skill-voucher [a-z]", node.value)
                ]
    assert wrong == []


@pytest.mark.parametrize("path", ["README.md", "ARCHITECTURE.md"])
def test_documents_name_commands_and_targets_that_exist(path: str) -> None:
    text = (PROJECT / path).read_text()
    for words in commands(text):
        check_exists(words)
    targets = set(re.findall(r"^([a-z][a-z-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    quoted = re.findall(r"`make ([a-z][a-z-]*)|^make ([a-z][a-z-]*)", text, re.MULTILINE)
    assert {first or second for first, second in quoted} <= targets
