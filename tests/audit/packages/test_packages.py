"""Packages of the log: taken over the API, verified by a program that has none of our code, and tampered with."""

import ast
import base64
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deploy.verifier import verify_log
from deploy.verifier.verify_log import Report, Trusted, Unusable, verify_package
from services.audit.checkpoints import service as checkpoints
from services.audit.checkpoints.domain import checkpoint_text
from services.audit.checkpoints.queries import find_latest
from services.audit.main import ROUTERS
from shared.security import read_note
from tests.api_client import Account, ApiClient, done, open_client, refused
from tests.audit.accounts import AUDITOR, CITY
from tests.audit.publisher import Life, Publisher, publish
from tests.databases import Databases, ServiceDatabase
from tests.keys import all_keys, service_settings
from tests.shared.security.witness import Witness

WITNESS = Witness()
Files = dict[str, bytes]


class Log:
    """A log of three closed loops, whose heads were signed after each; the last is cosigned."""

    def __init__(self, database: ServiceDatabase, client: ApiClient, lives: list[Life], notes: list[str]) -> None:
        self.database, self.client, self.lives, self.notes = database, client, lives, notes

    async def take(self, **chosen: Any) -> bytes:
        """A package, as an auditor gets it."""
        answer = done(await self.client.post(AUDITOR, "/v1/log-packages", chosen))
        content = base64.b64decode(answer["content"])
        assert answer["digest"] == hashlib.sha256(content).hexdigest()
        return content

    @property
    def trusted(self) -> Trusted:
        """What a stranger obtained elsewhere."""
        keys = self.database.api.keys
        return Trusted(
            log_keys=verify_log.read_keys("\n".join(keys.tree_heads.verifier_keys())),
            witness_keys=verify_log.read_keys(WITNESS.vkey),
            event_keys=json.loads(self.database.api.settings.need_file("event_jwks_file").read_text()),
            checkpoints=[self.notes[0]],
        )


@pytest.fixture
async def log(databases: Databases, publisher: Publisher, tmp_path: Path) -> AsyncIterator[Log]:
    """That log."""
    settings = service_settings(all_keys(), "audit")
    listed = settings.model_copy(update={"witness_key_file": WITNESS.write_key(tmp_path)})
    async with databases.clone("audit", listed) as database, open_client(database, ROUTERS) as client:
        lives, notes = [], []
        for _ in range(3):
            lives.append(Life(publisher).whole())
            await publish(database, publisher.drain())
            async with database.worker.unit_of_work() as uow:
                signed = await checkpoints.sign_head(uow)
            assert signed is not None
            notes.append(signed.note)
        async with database.api.unit_of_work() as uow:
            await checkpoints.add_cosignature(uow, 72, WITNESS.cosign(read_note(notes[2])[0]))
        yield Log(database, client, lives, notes)


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, *, honest: bool = True) -> bytes:
    """The files as a ZIP; with `honest`, the manifest names their digests as they are now."""
    if honest:
        manifest = json.loads(files["manifest.json"])
        others = {name: content for name, content in files.items() if name != "manifest.json"}
        manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in others.items()}
        files = {**files, "manifest.json": json.dumps(manifest).encode()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def said(report: Report) -> str:
    return "\n".join(report.lines())


async def test_the_whole_log_proves_itself(log: Log) -> None:
    report = verify_package(await log.take(begin=0), log.trusted)
    assert (report.broken, report.unproven) == ([], [])
    for sentence in (
        "PROVEN: the head of 72 entries is signed by the key",
        "PROVEN: the witness witness.example/w1 saw this log and no other up to 2025-11-24",
        "PROVEN: these are all 72 entries of the log, byte for byte and in their order",
        "PROVEN: the chain of hashes continues over 72 of them",
        "PROVEN: each of the 72 events was signed by the service that wrote it",
        "PROVEN: the log of 24 entries that was kept is the beginning of this log",
    ):
        assert sentence in said(report)


async def test_a_part_proves_what_it_has_and_names_what_it_has_not(log: Log) -> None:
    whole = log.trusted
    report = verify_package(await log.take(begin=20, end=25), whole)
    assert "PROVEN: 5 of the log's 72 entries are here byte for byte, each at its place." in said(report)
    assert "PROVEN: the chain of hashes continues over 4 of them." in said(report)
    for missing in (
        "the rest of the log is not here",
        "the chain before 1 of them",
        "that the log continues as kept at 24 entries: no proof of it is here",
    ):
        assert f"{missing}" in "\n".join(report.unproven)
    known = verify_package(await log.take(begin=20, end=25, known_sizes=[24, 48, 99]), whole)
    assert "PROVEN: the log of 24 entries that was kept is the beginning of this log." in said(known)
    assert known.broken == []


async def test_without_keys_from_elsewhere_little_is_proven(log: Log) -> None:
    report = verify_package(await log.take(begin=0), Trusted())
    assert report.broken == []
    unproven = "\n".join(report.unproven)
    for name in ("--log-key", "--witness-key", "--event-keys", "--checkpoint"):
        assert name in unproven
    stranger = verify_package(await log.take(begin=0), replace_keys(log.trusted, witness_keys=[Witness("other").vkey]))
    assert stranger.unproven == ["that the witness other saw this head"]


def replace_keys(trusted: Trusted, *, witness_keys: list[str]) -> Trusted:
    return trusted._replace(witness_keys=verify_log.read_keys("\n".join(witness_keys)))


async def test_a_record_or_a_person_is_taken_out_whole(log: Log) -> None:
    life = log.lives[1]
    record = unpacked(await log.take(aggregate_id=str(life.payout_id)))
    rows = json.loads(record["manifest.json"])["entries"]
    assert [(row["aggregate"], row["id"], row["version"]) for row in rows] == [
        ("payout.payout", str(life.payout_id), version) for version in range(1, 10)
    ]
    person = await log.take(person_id=str(life.person_id))
    rows = json.loads(unpacked(person)["manifest.json"])["entries"]
    assert len(rows) == 24
    assert {row["aggregate"] for row in rows} == {
        "voucher.person", "voucher.voucher", "training.enrolment", "evaluation.candidate",
        "evaluation.certificate", "payout.payout",
    }  # fmt: skip
    assert verify_package(person, log.trusted).broken == []
    nobody = json.loads(unpacked(await log.take(person_id=str(AUDITOR.person)))["manifest.json"])
    assert nobody["entries"] == []


async def test_the_same_entries_make_the_same_bytes_and_each_taking_is_recorded(log: Log) -> None:
    assert await log.take(begin=3, end=9) == await log.take(begin=3, end=9)
    async with log.database.owner.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT kind, count, account FROM exports"))).all()
    assert [tuple(row) for row in rows] == [("log_package", 6, f"auditor-{AUDITOR.person}")] * 2


async def test_what_no_head_covers_yet_is_counted_and_left_out(log: Log, publisher: Publisher) -> None:
    Life(publisher).claim()
    await publish(log.database, publisher.drain())
    answer = done(await log.client.post(AUDITOR, "/v1/log-packages", {"begin": 70}))
    assert (answer["count"], answer["not_covered"], answer["tree_size"]) == (2, 2, 72)


async def test_what_is_not_handed_out(log: Log, databases: Databases) -> None:
    async def ask(account: Account, **chosen: Any) -> tuple[int, str]:
        return refused(await log.client.post(account, "/v1/log-packages", chosen))

    assert await ask(AUDITOR) == (422, "log_selection_invalid")
    assert await ask(AUDITOR, begin=1, person_id=str(AUDITOR.person)) == (422, "log_selection_invalid")
    assert await ask(AUDITOR.but(areas=("410402",)), begin=1) == (403, "whole_city_needed")
    assert await ask(Account("operator"), begin=1) == (403, "role_not_allowed")
    assert await ask(Account("officer", areas=(CITY,)), begin=1) == (403, "role_not_allowed")
    async with databases.clone("audit") as empty, open_client(empty, ROUTERS) as client:
        answer = await client.post(AUDITOR, "/v1/log-packages", {"begin": 0})
        assert refused(answer) == (404, "checkpoint_not_found")


async def test_a_fork_of_the_log_is_named(log: Log) -> None:
    forked = checkpoint_text(log.database.worker.keys.tree_head_signing.origin, replace(await head_of(log), size=24))
    note = log.database.worker.keys.tree_head_signing.sign(forked)
    for chosen in ({"begin": 0}, {"begin": 9, "end": 11, "known_sizes": [24]}):
        report = verify_package(await log.take(**chosen), log.trusted._replace(checkpoints=[note]))
        assert report.broken == ["FORK: the log of 24 entries that was kept is not the beginning of this log"]
    later = log.database.worker.keys.tree_head_signing.sign(forked.replace("\n24\n", "\n99\n"))
    report = verify_package(await log.take(begin=0), log.trusted._replace(checkpoints=[later]))
    assert report.unproven == ["that the log continues as kept: it had 99 entries, the package is older"]


async def head_of(log: Log) -> Any:
    async with log.database.api.unit_of_work() as uow:
        found = await find_latest(uow)
    assert found is not None
    return found.head


def tamper(files: Files, draw: random.Random) -> str:
    """Change something in a package and make the manifest say so; which kind it was."""
    names = sorted(name for name in files if name.startswith("entries/"))
    kind = draw.choice(["edit", "delete", "swap", "rename", "insert", "root", "proof", "row", "note", "truncate"])
    manifest = json.loads(files["manifest.json"])
    rows = manifest["entries"]
    if kind == "edit":
        name = draw.choice(names)
        content = bytearray(files[name])
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        files[name] = bytes(content)
    elif kind == "swap":
        first, second = draw.sample(names, 2)
        files[first], files[second] = files[second], files[first]
    elif kind in {"delete", "truncate"}:
        at = draw.randrange(len(names)) if kind == "delete" else len(names) - 1
        del files[names[at]], rows[at]
    elif kind in {"rename", "insert"}:
        name = draw.choice(names)
        other = draw.randrange(100, 1_000)
        files[f"entries/{other:018}.json"] = files[name] if kind == "insert" else files.pop(name)
        row = next(row for row in rows if row["index"] == int(name[8:26]))
        rows.append({**row, "index": other})
        if kind == "rename":
            rows.remove(row)
    elif kind in {"root", "note"}:
        lines = files["checkpoint"].decode().split("\n")
        lines[2 if kind == "root" else 1] = "A" * 43 + "=" if kind == "root" else str(draw.randrange(73, 500))
        files["checkpoint"] = "\n".join(lines).encode()
    elif kind == "proof":
        proof = json.loads(files["proof.json"])
        proof["subtrees"][draw.randrange(len(proof["subtrees"]))][2] = base64.b64encode(draw.randbytes(32)).decode()
        files["proof.json"] = json.dumps(proof).encode()
    else:
        draw.choice(rows)[draw.choice(["hash", "id", "aggregate", "version"])] = "0" * 64
    files["manifest.json"] = json.dumps(manifest).encode()
    return kind


async def test_whatever_is_changed_in_a_package_is_found(log: Log) -> None:
    sound, trusted, kinds = await log.take(begin=30, end=40), log.trusted, set()
    assert verify_package(sound, trusted).broken == []
    for seed in range(400):
        files = unpacked(sound)
        kind = tamper(files, random.Random(seed))
        report = verify_package(packed(files), trusted)
        assert len(report.broken) == 1 or kind == "row", f"{seed}: {kind}"
        assert report.broken or verify_chain_start(files, sound), f"{seed}: {kind}"
        kinds.add(kind)
        dishonest = verify_package(packed(files, honest=False), trusted)
        assert dishonest.broken, f"{seed}: {kind}"
    assert len(kinds) == 10


def verify_chain_start(files: Files, sound: bytes) -> bool:
    """The hash of a first entry says nothing without the entry before: that is named as not proven."""
    changed = json.loads(files["manifest.json"])["entries"]
    before = json.loads(unpacked(sound)["manifest.json"])["entries"]
    return changed[1:] == before[1:] and {**changed[0], "hash": ""} == {**before[0], "hash": ""}


NO_PACKAGES = {
    "nothing": b"",
    "no zip": b"PK\x03\x04 and more",
    "an empty zip": b"PK\x05\x06" + bytes(18),
    "no manifest": packed({"a": b""}, honest=False),
    "another format": packed({"manifest.json": b'{"files": {}, "format": "x"}'}, honest=False),
    "a list": packed({"manifest.json": b"[]"}, honest=False),
}


@pytest.mark.parametrize("content", NO_PACKAGES.values(), ids=NO_PACKAGES.keys())
def test_what_is_no_package(content: bytes) -> None:
    with pytest.raises(Unusable):
        verify_package(content, Trusted())


async def test_the_command_says_it_with_nothing_of_ours_beside_it(log: Log, tmp_path: Path) -> None:
    program = tmp_path / "verify_log.py"
    program.write_text(Path(verify_log.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    package, kept = tmp_path / "package.zip", tmp_path / "kept"
    kept.mkdir()
    (kept / "24.checkpoint").write_text(log.notes[0], encoding="utf-8")
    keys = tmp_path / "log.vkeys"
    keys.write_text("\n".join(log.database.api.keys.tree_heads.verifier_keys()), encoding="utf-8")
    files = unpacked(await log.take(begin=0))
    package.write_bytes(packed(files))

    def run(*options: str) -> tuple[int, str]:
        command = (sys.executable, "-I", str(program), str(package), *options)
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # ours
        return ended.returncode, ended.stdout + ended.stderr

    status, printed = run("--log-key", str(keys), "--checkpoint", str(kept))
    assert (status, "BROKEN" in printed, printed.count("PROVEN: ")) == (0, False, 7)
    name = "entries/000000000000000040.json"
    package.write_bytes(packed({**files, name: files[name].replace(b"2026", b"2027")}))
    status, printed = run("--log-key", str(keys))
    assert (status, "BROKEN: the entries do not make up the root that was signed" in printed) == (3, True)
    package.write_bytes(b"nothing")
    assert run()[0] == 2
    assert run("--log-key", str(package))[0] == 2


def test_the_verifier_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(Path(verify_log.__file__).read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in named}
    assert roots <= sys.stdlib_module_names | {"cryptography"}
    assert "cryptography" in roots
