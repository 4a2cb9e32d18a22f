"""`python -m services.audit`, as an operator runs it."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.verifier.verify_log import Trusted, read_keys, verify_package
from services.audit.__main__ import FLAWS
from services.audit.checkpoints.service import keep_checkpoints
from services.audit.log.domain import Flaw
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase


async def verify(audit: ServiceDatabase, *options: str) -> tuple[int, str]:
    """Verify the log; the command's status and what it printed."""
    return await run(audit, "verify", *options)


async def run(audit: ServiceDatabase, *arguments: str, given: str = "", role: str = "api") -> tuple[int, str]:
    """Run a command with a role, the API's if none is named; its status and what it printed."""
    settings = {
        "SKILL_VOUCHER_PROFILE": "test",
        "SKILL_VOUCHER_DATABASE_URL": audit.api.url,
        "SKILL_VOUCHER_EVENT_JWKS_FILE": str(audit.api.settings.event_jwks_file),
        "SKILL_VOUCHER_TREE_HEAD_JWKS_FILE": str(audit.api.settings.tree_head_jwks_file),
        "PATH": os.environ["PATH"],
    }
    if role == "worker":
        own = audit.worker.settings
        settings |= {
            "SKILL_VOUCHER_DATABASE_URL": audit.worker.url,
            "SKILL_VOUCHER_EVENT_KEY_FILE": str(own.event_key_file),
            "SKILL_VOUCHER_TREE_HEAD_KEY_FILE": str(own.tree_head_key_file),
        }
    command = (sys.executable, "-m", "services.audit", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=settings, stdin=pipe, stdout=pipe)
    printed, _ = await asyncio.wait_for(process.communicate(given.encode()), 60)
    return process.returncode or 0, printed.decode().strip()


async def test_the_command_says_the_head_and_where_it_breaks(audit: ServiceDatabase, publisher: Publisher) -> None:
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    status, printed = await verify(audit)
    assert (status, printed.partition(":")[0]) == (0, "The log holds")
    assert "all 24 events" in printed
    noted = printed.partition("Its head is ")[2].partition(".")[0]
    assert await verify(audit, "--noted", noted) == (0, printed)
    async with audit.owner.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE log_entries DISABLE TRIGGER ALL")
        await connection.exec_driver_sql("DELETE FROM log_entries WHERE leaf_index = 7")
    for options in ((), ("--noted", noted)):
        status, printed = await verify(audit, *options)
        assert (status, printed.partition(": ")[0]) == (3, "BROKEN at entry 7")
        assert "something was taken out before it" in printed


async def test_signed_heads_kept_elsewhere_are_held_against_the_log(
    audit: ServiceDatabase, publisher: Publisher, tmp_path: Path
) -> None:
    Life(publisher).whole()
    await publish(audit, publisher.drain())
    directory = tmp_path / "kept"
    worker = audit.worker.under(audit.worker.settings.model_copy(update={"checkpoint_directory": directory}))
    assert await keep_checkpoints(worker) == 1
    status, printed = await verify(audit, "--checkpoints", str(directory), "--hashes-only")
    assert (status, printed.splitlines()[0].partition(",")[0]) == (
        0, "The log holds: all 24 events have the hashes that they had",
    )  # fmt: skip
    assert "the last is of the first 24; outside the database that of the first 24." in printed
    for table in ("cosignatures", "checkpoints", "tree_tiles", "log_entries"):
        async with audit.owner.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await connection.exec_driver_sql(f"DELETE FROM {table}")
    async with audit.owner.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM positions")
    assert (await verify(audit))[0] == 0, "nothing inside the database can show this"
    status, printed = await verify(audit, "--checkpoints", str(directory))
    assert (status, printed.partition(":")[0]) == (3, "BROKEN at entry 0")
    assert "not the one whose head was signed" in printed


async def test_a_package_is_exported_under_a_head_that_is_signed_now(
    audit: ServiceDatabase, publisher: Publisher, tmp_path: Path
) -> None:
    life = Life(publisher).whole()
    await publish(audit, publisher.drain())
    package, keys = tmp_path / "log.zip", tmp_path / "log.vkeys"
    status, printed = await run(
        audit, "export", "--output", str(package), "--person", str(life.person_id), role="worker"
    )
    assert (status, printed.splitlines()[0]) == (0, f"24 entries under the signed head of 24: {package}")
    status, printed = await run(audit, "keys")
    keys.write_text(printed, encoding="utf-8")
    trusted = Trusted(log_keys=read_keys(printed))
    assert verify_package(package.read_bytes(), trusted).broken == []
    assert await run(audit, "export", "--output", str(package)) == (1, "")
    async with audit.owner.engine.connect() as connection:
        accounts = list(await connection.scalars(text("SELECT account FROM exports")))
    assert accounts == ["audit.export"]


def test_every_flaw_is_explained() -> None:
    assert set(FLAWS) == set(Flaw)


async def test_a_head_that_is_none_is_refused(audit: ServiceDatabase) -> None:
    assert (await verify(audit, "--noted", "seven"))[0] == 2


async def test_records_are_the_very_bytes_of_what_somebody_lacks(audit: ServiceDatabase, publisher: Publisher) -> None:
    life = Life(publisher).whole()
    published = publisher.drain()
    await publish(audit, published)
    status, printed = await run(audit, "records", given=f"payout.payout {life.payout_id} 7\n")
    lines = [line.split() for line in printed.splitlines()]
    assert (status, [line[1:4] for line in lines]) == (
        0, [["payout.payout", str(life.payout_id), "8"], ["payout.payout", str(life.payout_id), "9"]],
    )  # fmt: skip
    last_two = [record.value for record in published if record.topic == "skill-voucher.payout"][-2:]
    assert [base64.b64decode(line[4]) for line in lines] == last_two


@pytest.mark.parametrize("command", ["records", "reconcile", "receive"])
async def test_lines_of_another_kind_are_refused(audit: ServiceDatabase, command: str) -> None:
    assert await run(audit, command, given="payout.payout\n") == (2, "")
