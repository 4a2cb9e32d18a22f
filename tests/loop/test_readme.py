"""The README's first requests, sent as they stand there: their answers have the shape that it shows."""

import json
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from typing import Any

import httpx
import pytest

from deploy.local.environment import SERVICES
from tests.local.places import PROJECT
from tests.loop.conftest import FinishedSeason
from tests.loop.system import RunningSystem

pytestmark = pytest.mark.xdist_group("loop")

SECTION = re.compile(r"^## A first request\n(.*?)^## ", re.MULTILINE | re.DOTALL)
PAIR = re.compile(r"```sh\n(.*?)```\s+```json\n(.*?)```", re.DOTALL)
TOKEN = re.compile(r"^TOKEN=\$\(\.venv/bin/skill-voucher (.*)\)$", re.MULTILINE)
FIRST_PORT = 18101


def requests() -> list[tuple[str, str]]:
    """The shell text of each request of the README, and the answer that it shows."""
    section = SECTION.search((PROJECT / "README.md").read_text(encoding="utf-8"))
    assert section is not None
    return [(found[1], found[2]) for found in PAIR.finditer(section[1])]


def ask(system: RunningSystem, shell: str) -> Any:
    """Do what the shell would: get the token, and send what curl would send; ports are this system's own."""
    wanted = TOKEN.search(shell)
    if wanted is not None:
        argv = [sys.executable, "-m", "deploy.local", "--state", str(system.root), *shlex.split(wanted[1])]
        token = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # our own program
        shell = shell.replace("$TOKEN", token)
    words = shlex.split(shell[shell.index("curl ") :])
    assert words[:2] == ["curl", "-s"]
    options = words[3:]
    headers = [value.split(": ", 1) for option, value in pairwise(options) if option == "-H"]
    bodies = [value.encode() for option, value in pairwise(options) if option == "-d"]
    ours = {FIRST_PORT + at: system.environment.ports[f"{service}-api"] for at, service in enumerate(SERVICES)}
    url = re.sub(r":(\d{5})/", lambda found: f":{ours[int(found[1])]}/", words[2])
    answer = httpx.request("POST" if bodies else "GET", url, headers=headers, content=bodies[0] if bodies else None)  # type: ignore[arg-type]  # pairs
    return answer.json()


def shape(value: Any) -> Any:
    """Names and kinds of values, without the values; of a list, its first row."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(row) for row in value[:1]]
    return type(value).__name__


def test_the_readme_shows_requests() -> None:
    assert len(requests()) == 3


@pytest.mark.parametrize(("shell", "shown"), requests())
async def test_the_readmes_answer_is_that_of_the_system(finished: FinishedSeason, shell: str, shown: str) -> None:
    answer, expected = ask(finished.system, shell), json.loads(shown)
    assert shape(answer) == shape(expected)
    if "code" in expected:
        assert (answer["code"], answer["detail"]) == (expected["code"], expected["detail"])
