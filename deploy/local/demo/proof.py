"""What an outsider can check: a worker's entries of the log, offline, and the same once a digit was changed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from pathlib import Path

from deploy.local.demo.client import DemoFailed
from deploy.local.environment import LocalEnvironment, Process
from deploy.verifier.verify_log import Report, Trusted, read_keys, verify_package

COMMAND_LIMIT_S = 60.0


async def prove(environment: LocalEnvironment, person_id: str) -> list[str]:
    """Export a person's entries, verify them with the outsiders' program, change one and verify again: two lines.

    `DemoFailed` if what was exported does not hold, or what was changed does.
    """
    package = environment.root / "proof" / f"{person_id}.zip"
    package.parent.mkdir(exist_ok=True)
    await _audit(environment, "export", "--output", str(package), "--person", person_id)
    kept = sorted((environment.root / "checkpoints").glob("*.checkpoint"))
    trusted = Trusted(
        log_keys=read_keys(await _audit(environment, "keys")),
        event_keys=json.loads(environment.keys.all_events.read_text(encoding="utf-8")),
        checkpoints=[kept[-1].read_text(encoding="utf-8")] if kept else [],
    )
    content = package.read_bytes()
    sound, changed = verify_package(content, trusted), verify_package(_changed(content), trusted)
    if sound.broken or not kept or not changed.broken:
        raise DemoFailed(f"a package of the log says {_said(sound)}, and changed it says {_said(changed)}")
    return [
        f"A worker's entries verified offline ({package}): {sound.proven[1]}; {sound.proven[-1]}.",
        f"The same with one digit changed: BROKEN, {changed.broken[0]}.",
    ]


async def _audit(environment: LocalEnvironment, *arguments: str) -> str:
    """What a command of audit prints; `DemoFailed` if it fails."""
    command = environment.command("audit", Process.WORKER)
    argv = [*command.argv[:-1], *arguments]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, env=dict(command.environment), cwd=command.cwd, stdout=pipe, stderr=pipe
    )
    printed, failed = await asyncio.wait_for(process.communicate(), COMMAND_LIMIT_S)
    if process.returncode:
        raise DemoFailed(f"audit {arguments[0]} failed: {failed.decode(errors='replace').strip()}")
    return printed.decode()


def _changed(content: bytes) -> bytes:
    """The package with another digit in an entry, and a manifest that fits it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in files if Path(name).parent.name == "entries")
    files[name] = files[name].replace(b'"aggregateversion":1', b'"aggregateversion":2', 1)
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return written.getvalue()


def _said(report: Report) -> str:
    return " ".join(report.lines())
