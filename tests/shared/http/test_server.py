"""The serving process: up, quiet about what was asked, down when asked, its heap frozen."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import random_free
from shared.security import key_set_json, new_key_pair
from tests.keys import all_keys

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0

PROGRAM = """
import gc
from fastapi import FastAPI
from shared.http import Public, api_router, create_app, serve
from shared.settings import Settings

router = api_router("/v1/heap", tag="heap")

@router.get("", dependencies=[Public])
async def heap(secret: str = "") -> dict[str, int]:
    return {"frozen": gc.get_freeze_count()}

async def everybody(uow: object, person_id: object) -> bool:
    return True

def app() -> FastAPI:
    return create_app(service="probe", title="Heap", routers=[router], is_registered=everybody)

serve(app, Settings.from_environment())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A service's environment; its database is not there, and not needed by this route."""
    (tmp_path / "jwks.json").write_text(key_set_json([new_key_pair("a")[1]]))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("SKILL_VOUCHER_")},
        "PYTHONPATH": str(ROOT),
        "SKILL_VOUCHER_PROFILE": "test",
        "SKILL_VOUCHER_DATABASE_URL": "postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none",
        "SKILL_VOUCHER_TOKEN_ISSUER": "https://issuer.test",
        "SKILL_VOUCHER_TOKEN_JWKS_FILE": str(tmp_path / "jwks.json"),
        "SKILL_VOUCHER_EVENT_KEY_FILE": str(all_keys().events("probe")),
        "SKILL_VOUCHER_HTTP_PORT": str(random_free()),
    }


def wait_for(url: str) -> httpx.Response:
    """The first answer of a server that is starting."""
    deadline_s = time.monotonic() + DEADLINE_S
    while True:
        try:
            return httpx.get(url, timeout=5)
        except httpx.TransportError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)


def test_a_server_lives_and_ends(environment: dict[str, str]) -> None:
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        answer = wait_for(f"http://127.0.0.1:{environment['SKILL_VOUCHER_HTTP_PORT']}/v1/heap?secret=hidden-words")
        assert answer.json()["frozen"] > 10_000
        assert "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=DEADLINE_S)
    finally:
        process.kill()
    lines = [json.loads(line) for line in output.splitlines()]
    assert {line["service"] for line in lines} == {"probe"}
    assert any(line["event"] == "request" and line["route"] == "/v1/heap" for line in lines)
    assert "hidden-words" not in output
    assert process.returncode in {0, -signal.SIGTERM}


def test_it_does_not_start_without_what_it_needs(environment: dict[str, str]) -> None:
    del environment["SKILL_VOUCHER_TOKEN_ISSUER"]
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert ended.returncode != 0
    assert "SKILL_VOUCHER_TOKEN_ISSUER is missing" in ended.stdout + ended.stderr
