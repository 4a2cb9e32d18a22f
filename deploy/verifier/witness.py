"""A witness of the audit log: it cosigns heads of it, and none of a log that does not continue the last one it saw.

    python witness.py new-key --name witness.example/w1 --key w1.key.json
    python witness.py watch --url https://audit.example --token-file TOKEN --log-key LOG.vkeys --key w1.key.json \
        --state DIRECTORY [--every SECONDS]

It needs Python 3.11, the library `cryptography`, and `verify_log.py` beside it. Whoever runs it should be another than
who operates the log: the state is a directory of the witness's own. Each head that it cosigns is kept there as a
checkpoint, which `verify_log.py --checkpoint` takes. Status 3 if the log forked or went back: both heads are kept.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

try:
    from deploy.verifier import verify_log
except ImportError:  # copied without the project around it
    import verify_log  # type: ignore[import-not-found,no-redef]  # the file beside this one

COSIGNATURE_TYPE = b"\x04"
EXIT_FORKED, EXIT_UNREACHABLE = 3, 4
ANSWER_LIMIT_S = 30.0
ANSWER_BYTES_MOST = 1024 * 1024

Ask = Callable[[str, Mapping[str, Any] | None], Mapping[str, Any]]
"""Sends a request to a path of the log, with a body a POST, and answers the JSON of the answer."""


class Forked(Exception):
    """The log shows a head that does not continue the one that this witness cosigned."""


class Refused(Exception):
    """The log answers something else than was asked for."""


class Witness:
    """A witness's key."""

    def __init__(self, name: str, private: bytes) -> None:
        """`private` has the 32 bytes of an Ed25519 key."""
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        content = COSIGNATURE_TYPE + self._key.public_key().public_bytes_raw()
        self._key_id = hashlib.sha256(name.encode() + b"\n" + content).digest()[:4]
        self.verifier_key = f"{name}+{self._key_id.hex()}+{base64.b64encode(content).decode()}"

    @classmethod
    def read(cls, path: Path) -> "Witness":
        """The key of a file that `new-key` made; ValueError if it is none."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(content["name"], base64.b64decode(content["private"], validate=True))

    def cosign(self, text: str, seconds: int) -> str:
        """The signature line over a checkpoint's text (C2SP `cosignature/v1`), with its end of line."""
        signature = self._key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        content = self._key_id + seconds.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(content).decode()}\n"


def new_key(name: str, path: Path) -> Witness:
    """Make a key in a new file for its owner alone; FileExistsError if there is one."""
    if not name or any(character.isspace() or character == "+" for character in name):
        raise ValueError("a witness's name has no spaces and no plus signs")
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        json.dump({"name": name, "private": base64.b64encode(private).decode()}, stream)
    return Witness(name, private)


def kept(state: Path) -> verify_log.Note | None:
    """The largest checkpoint that this witness cosigned, if any."""
    names = sorted(state.glob("*.checkpoint"))
    return verify_log.Note.read(names[-1].read_text(encoding="utf-8")) if names else None


def look(ask: Ask, witness: Witness, log_keys: Sequence[verify_log.Key], state: Path, seconds: int) -> str:
    """Look at the log once and cosign its head if it continues the last one; a sentence of what was done.

    `Forked` if it does not: the head is kept beside, as evidence. `Refused` if the log says something else. What is
    cosigned is kept before anybody else sees it, so a witness that was stopped never cosigns another log after.
    """
    shown = str(_member(ask("/v1/log/latest-checkpoint", None), "note"))
    note, before = _signed_note(shown, log_keys), kept(state)
    origin, head = note.head()
    if before is not None:
        known_origin, known = before.head()
        if known == head:
            _bring(ask, head, _cosignature_of(state, head, witness))
            return f"The log has not grown since {head.size} entries."
        if (
            origin != known_origin
            or head.size < known.size
            or not verify_log.extends(known, head, _path(ask, known, head))
        ):
            evidence = state / f"{head.size:018}.{hashlib.sha256(shown.encode()).hexdigest()[:16]}.forked"
            _write_whole(evidence, shown)
            raise Forked(
                f"the log shows {head.size} entries that do not continue the {known.size} seen before: {evidence}"
            )
    line = witness.cosign(note.text, seconds)
    _write_whole(state / f"{head.size:018}.checkpoint", f"{shown}{line}")
    _bring(ask, head, line)
    return f"Cosigned the head of {head.size} entries."


def _signed_note(text: str, log_keys: Sequence[verify_log.Key]) -> verify_log.Note:
    try:
        note = verify_log.Note.read(text)
        origin, _ = note.head()
        if any(key.name == origin and key.signed(note) for key in log_keys):
            return note
    except (verify_log.Unusable, verify_log.Broken) as error:
        raise Refused(str(error)) from None
    raise Refused("the head is signed by no key of the log")


def _path(ask: Ask, first: verify_log.Head, second: verify_log.Head) -> list[bytes]:
    proof = ask(f"/v1/log/consistency-proof?first={first.size}&second={second.size}", None)
    try:
        return [bytes.fromhex(part) for part in _member(proof, "path")]
    except (TypeError, ValueError, binascii.Error):
        raise Refused("the proof of consistency cannot be read") from None


def _cosignature_of(state: Path, head: verify_log.Head, witness: Witness) -> str:
    """The line that was kept, to be brought again: it may never have arrived."""
    lines = (state / f"{head.size:018}.checkpoint").read_text(encoding="utf-8").split("\n")
    return next(f"{line}\n" for line in reversed(lines) if line.startswith(f"— {witness.name} "))


def _bring(ask: Ask, head: verify_log.Head, line: str) -> None:
    ask(f"/v1/log/checkpoints/{head.size}/cosignatures", {"line": line.removesuffix("\n")})


def _member(answer: Mapping[str, Any], name: str) -> Any:
    if name not in answer:
        raise Refused(f"the answer has no {name}")
    return answer[name]


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)


def asking(url: str, token: str) -> Ask:
    """Requests to the log at this base address, as the account of the token."""
    if not url.startswith(("https://", "http://")):
        raise ValueError("the log's address begins with https://")

    def ask(path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(url.rstrip("/") + path, data, headers)  # noqa: S310  # http, as asked above
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_LIMIT_S) as answer:  # noqa: S310  # the same
                found = json.loads(answer.read(ANSWER_BYTES_MOST))
        except urllib.error.HTTPError as error:
            raise Refused(f"{path}: {error.code} {error.read(500).decode(errors='replace')}") from None
        if not isinstance(found, dict):
            raise Refused(f"{path}: no JSON object")
        return found

    return ask


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(description="Cosign heads of the audit log, as a second party.")
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("new-key", help="make a key, and print its public half for the log")
    making.add_argument("--name", required=True, help="such as witness.example/w1")
    watching = commands.add_parser("watch", help="look at the log and cosign its head")
    watching.add_argument("--url", required=True, help="base address of the audit service")
    watching.add_argument("--token-file", type=Path, required=True, help="an auditor's or operator's access token")
    watching.add_argument("--log-key", type=Path, required=True, help="verifier keys of the log, obtained elsewhere")
    watching.add_argument("--state", type=Path, required=True, help="directory of what was cosigned")
    watching.add_argument("--every", type=float, help="seconds between two looks; once if not given")
    for command in (making, watching):
        command.add_argument("--key", type=Path, required=True, help="file of the witness's key")
    given = parser.parse_args(arguments)
    if given.command == "new-key":
        sys.stdout.write(f"{new_key(given.name, given.key).verifier_key}\n")
        return 0
    given.state.mkdir(parents=True, exist_ok=True)
    witness, log_keys = Witness.read(given.key), verify_log.read_keys(given.log_key.read_text(encoding="utf-8"))
    while True:
        status = _look_and_say(given, witness, log_keys)
        if status == EXIT_FORKED or given.every is None:
            return status
        time.sleep(given.every)


def _look_and_say(given: argparse.Namespace, witness: Witness, log_keys: Sequence[verify_log.Key]) -> int:
    try:
        ask = asking(given.url, given.token_file.read_text(encoding="utf-8").strip())
        sys.stdout.write(f"{look(ask, witness, log_keys, given.state, int(time.time()))}\n")
    except Forked as forked:
        sys.stderr.write(f"FORKED: {forked}\n")
        return EXIT_FORKED
    except (Refused, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNREACHABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
