"""The witness: cosigns a log that only grows, and no log that forked, went back, or is another's."""

import http.server
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.verifier import verify_log, witness
from deploy.verifier.witness import EXIT_FORKED, EXIT_UNREACHABLE, Forked, Refused
from services.audit.checkpoints.domain import checkpoint_text
from services.audit.log.domain import Entry, Head, extend
from services.audit.tree import domain
from shared.security import (
    NoteSigner,
    NoteVerifier,
    WitnessVerifier,
    new_key_pair,
    parse_key_set,
    parse_signing_key,
    read_note,
    read_signature,
)
from tests.audit.long_log import head_over, small_entries

ENTRIES = small_entries(300)
PRIVATE, PUBLIC = new_key_pair("audit.example/log#1")
SIGNER = NoteSigner(parse_signing_key(PRIVATE))
KEYS = NoteVerifier(parse_key_set({"keys": [PUBLIC]})).verifier_keys()
LOG_KEYS = verify_log.read_keys("\n".join(KEYS))
NOW = 1_764_000_000


class Log:
    """Answers a witness as the audit service does."""

    def __init__(self, size: int, entries: list[Entry] = ENTRIES, signer: NoteSigner = SIGNER) -> None:
        self.size, self.entries, self.signer = size, entries, signer
        self.brought: list[tuple[str, str]] = []
        self.listed = True

    def __call__(self, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        at = urlsplit(path)
        if body is not None:
            if not self.listed:
                raise Refused("409 witness_not_registered")
            self.brought.append((at.path, body["line"]))
            return {}
        if at.path == "/v1/log/latest-checkpoint":
            head = head_over(self.entries[: self.size])
            return {"note": self.signer.sign(checkpoint_text(self.signer.origin, head))}
        first, second = (int(parse_qs(at.query)[name][0]) for name in ("first", "second"))
        spans = domain.consistency_spans(first, second)
        return {"path": [head_over(self.entries[span.begin : span.end]).root.hex() for span in spans]}


@pytest.fixture
def w1(tmp_path: Path) -> witness.Witness:
    """A witness with a key in a file."""
    return witness.new_key("witness.example/w1", tmp_path / "w1.key.json")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What it keeps."""
    directory = tmp_path / "state"
    directory.mkdir()
    return directory


def look(log: Log, w1: witness.Witness, state: Path) -> str:
    return witness.look(log, w1, LOG_KEYS, state, NOW)


def test_it_cosigns_a_log_that_grows(w1: witness.Witness, state: Path) -> None:
    log = Log(0)
    for size in (7, 7, 8, 200, 256, 300):
        log.size = size
        look(log, w1, state)
    assert [path for path, _ in log.brought] == [
        f"/v1/log/checkpoints/{size}/cosignatures" for size in (7, 7, 8, 200, 256, 300)
    ]
    text, _ = read_note(str(log("/v1/log/latest-checkpoint", None)["note"]))
    said = WitnessVerifier([w1.verifier_key]).verify(text, read_signature(log.brought[-1][1]))
    assert said is not None
    assert (said.witness, said.seconds) == ("witness.example/w1", NOW)
    kept = witness.kept(state)
    assert kept is not None
    assert kept.head()[1] == verify_log.Head(300, head_over(ENTRIES).root)
    assert len(kept.signatures) == 2


OTHERS = extend(Head(), [(entry.subject, entry.envelope + b" ") for entry in ENTRIES])
MIXED = extend(Head(), [(entry.subject, entry.envelope) for entry in [*ENTRIES[:99], *OTHERS[99:]]])
FORKS = {
    "another log": Log(200, OTHERS),
    "another log of the same size": Log(100, OTHERS),
    "its last entry is another": Log(100, MIXED),
    "it forked at its last entry": Log(101, MIXED),
    "it went back": Log(99),
}


@pytest.mark.parametrize("log", FORKS.values(), ids=FORKS.keys())
def test_it_cosigns_no_fork_and_keeps_the_evidence(w1: witness.Witness, state: Path, log: Log) -> None:
    look(Log(100), w1, state)
    with pytest.raises(Forked, match="do not continue the 100 seen before"):
        look(log, w1, state)
    assert log.brought == []
    (evidence,) = state.glob("*.forked")
    shown = verify_log.Note.read(evidence.read_text(encoding="utf-8"))
    assert LOG_KEYS[0].signed(shown), "the log's own signature on it convicts it"
    look(Log(101), w1, state)


def test_it_believes_no_proof_of_another_growth(w1: witness.Witness, state: Path) -> None:
    look(Log(100), w1, state)

    class Lying(Log):
        def __call__(self, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
            answer = super().__call__(path, body)
            return {"path": answer["path"][1:]} if "path" in answer else answer

    with pytest.raises(Forked):
        look(Lying(200), w1, state)


def test_it_cosigns_no_other_log(w1: witness.Witness, state: Path) -> None:
    stranger = NoteSigner(parse_signing_key(new_key_pair("audit.example/log#1")[0]))
    with pytest.raises(Refused):
        look(Log(100, signer=stranger), w1, state)
    for answer in ({}, {"note": "nonsense"}, {"note": SIGNER.sign("audit.example/log\n1\n")}):
        with pytest.raises(Refused):
            witness.look(lambda _path, _body, answer=answer: answer, w1, LOG_KEYS, state, NOW)  # type: ignore[misc]  # a default
    assert list(state.iterdir()) == []


def test_what_was_cosigned_and_did_not_arrive_is_brought_again(w1: witness.Witness, state: Path) -> None:
    log = Log(100)
    log.listed = False
    with pytest.raises(Refused):
        look(log, w1, state)
    log.listed = True
    assert "has not grown" in look(log, w1, state)
    assert len(log.brought) == 1
    assert log.brought[0][1] in (state / f"{100:018}.checkpoint").read_text(encoding="utf-8")


@contextmanager
def served(log: Log) -> Iterator[str]:
    """The log over HTTP; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self._answer(None)

        def do_POST(self) -> None:  # the library's name
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: Mapping[str, Any] | None) -> None:
            if self.headers["Authorization"] != "Bearer token":
                self.send_error(401)
                return
            content = json.dumps(log(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_second_party_runs_it_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, log_key, token, state = (tmp_path / name for name in ("key.json", "log.vkeys", "token", "state"))
    log_key.write_text("\n".join(KEYS), encoding="utf-8")
    token.write_text("token\n", encoding="utf-8")
    assert witness.main(["new-key", "--name", "witness.example/w2", "--key", str(key)]) == 0
    vkey = capsys.readouterr().out.strip()
    assert WitnessVerifier([vkey]).verifier_keys() == [vkey]
    assert os.stat(key).st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        witness.main(["new-key", "--name", "witness.example/w2", "--key", str(key)])
    log = Log(100)

    def watch(url: str) -> int:
        places = ("--token-file", str(token), "--log-key", str(log_key), "--key", str(key), "--state", str(state))
        return witness.main(["watch", "--url", url, *places])

    with served(log) as url:
        assert watch(url) == 0
        assert "Cosigned the head of 100 entries." in capsys.readouterr().out
        log.size = 150
        assert watch(url) == 0
        assert [path for path, _ in log.brought] == [f"/v1/log/checkpoints/{size}/cosignatures" for size in (100, 150)]
        log.entries, log.size = OTHERS, 200
        assert watch(url) == EXIT_FORKED
        assert "FORKED" in capsys.readouterr().err
        token.write_text("another", encoding="utf-8")
        assert watch(url) == EXIT_UNREACHABLE
    assert watch("http://127.0.0.1:9") == EXIT_UNREACHABLE
    assert watch("file:///etc") == EXIT_UNREACHABLE


@pytest.mark.parametrize("name", ["", "with space", "with+plus"])
def test_a_witness_has_a_name_that_a_note_can_carry(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no spaces and no plus signs"):
        witness.new_key(name, tmp_path / "key.json")
