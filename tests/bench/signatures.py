"""What signing and verifying events takes of the CPU of whole loops in the services' processes: at most a tenth.

python -m tests.bench.signatures [loops]

A season on the whole running system, as `tests.bench.loops` drives it. What the processes take while nothing happens is
subtracted; signing and verifying is measured on the season's own events, in the same run.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from pathlib import Path

import asyncpg

from deploy.local.environment import LocalEnvironment, Process
from shared.messaging.topics import CONSUMES
from shared.security import EventSigner, EventVerifier, read_key_set, read_signing_key
from tests.bench.figures import conclude
from tests.bench.loops import live
from tests.bench.stand import report
from tests.loop.system import running_system

LOOPS = 100
IDLE_S = 10.0
SHARE_MOST = 0.10
SAMPLE = "SELECT aggregate_type, envelope FROM log_entries"


def cpu_s(environment: LocalEnvironment) -> float:
    """Seconds of CPU that the APIs and worker processes of this system have taken so far."""
    port, ticks = f":{environment.ports['postgres']}/".encode(), 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"services." not in (process / "cmdline").read_bytes() or port not in (process / "environ").read_bytes():
                continue
            user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:
            continue
        ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


async def events(environment: LocalEnvironment) -> list[tuple[str, bytes]]:
    """Every event, by the service that owns it."""
    dsn = environment.database_url("audit", Process.MIGRATE).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(SAMPLE)
    await connection.close()
    return [(row["aggregate_type"].partition(".")[0], row["envelope"]) for row in rows]


def main(loops: int) -> int:
    """Measure and report; 1 if the share is above the limit."""
    with running_system() as system:
        environment = system.environment
        idle, began = cpu_s(environment), time.monotonic()
        time.sleep(IDLE_S)
        idle_share = (cpu_s(environment) - idle) / (time.monotonic() - began)
        before, began = cpu_s(environment), time.monotonic()
        asyncio.run(live(environment, loops))
        taken = cpu_s(environment) - before - idle_share * (time.monotonic() - began)
        sent = asyncio.run(events(environment))
        signer = EventSigner(read_signing_key(environment.keys.events("voucher")))
        verifier = EventVerifier(read_key_set(environment.keys.all_events))
    readers = Counter(owner for consumed in CONSUMES.values() for owner in consumed)
    documents = [envelope[: envelope.rindex(b',"signature"')].decode() + "}" for _, envelope in sent]
    began = time.process_time()
    for document in documents:
        signer.sign(document)
    signing = (time.process_time() - began) / len(sent)
    began = time.process_time()
    for _, envelope in sent:
        verifier.signer_of(envelope)
    verifying = (time.process_time() - began) / len(sent)
    signatures = sum(signing + readers[owner] * verifying for owner, _ in sent)
    rows = {
        "a loop, in the services' processes": taken / loops * 1e6,
        "signing and verifying in it": signatures / loops * 1e6,
        "signing one event": signing * 1e6,
        "verifying one event": verifying * 1e6,
    }
    report("CPU of signatures", rows, "µs", ours="signing and verifying in it", limit=next(iter(rows)))
    share = signatures / taken
    conclude(f"signatures: {share:.1%} of a loop's CPU in the services' processes (at most {SHARE_MOST:.0%})")
    return int(share > SHARE_MOST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LOOPS))
