"""`python -m services.audit verify`, as an operator runs it."""

import asyncio
import os
import sys

from services.audit.__main__ import FLAWS
from services.audit.log.domain import Flaw
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import ServiceDatabase


async def verify(audit: ServiceDatabase, *options: str) -> tuple[int, str]:
    """Run the command with the API's role; its status and what it printed."""
    settings = {
        "SKILL_VOUCHER_PROFILE": "test",
        "SKILL_VOUCHER_DATABASE_URL": audit.api.url,
        "PATH": os.environ["PATH"],
    }
    command = (sys.executable, "-m", "services.audit", "verify", *options)
    process = await asyncio.create_subprocess_exec(*command, env=settings, stdout=asyncio.subprocess.PIPE)
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
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


def test_every_flaw_is_explained() -> None:
    assert set(FLAWS) == set(Flaw)


async def test_a_head_that_is_none_is_refused(audit: ServiceDatabase) -> None:
    assert (await verify(audit, "--noted", "seven"))[0] == 2
