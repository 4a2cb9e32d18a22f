"""What a package is: a ZIP file of exact envelopes, a signed head, proofs, public keys, and a list of it all.

    manifest.json         format, origin, size of the tree; by entry its index, chain hash and whose change it is;
                          by file its SHA-256
    checkpoint            the signed head, with cosignatures
    entries/<index>.json  each envelope's exact bytes
    proof.json            roots of the subtrees beside the entries; proofs from heads that the asker has
    keys/                 verifier keys of the log and its witnesses (C2SP), and of events (a JWK set)

The same entries under the same head make the same bytes. `deploy/verifier/verify_log.py` says what a package proves.
"""

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.audit.log.domain import Entry
from services.audit.proofs.domain import ConsistencyProof
from services.audit.tree.domain import Span, TreeHead
from shared.kernel.errors import Invalid

FORMAT = "skill-voucher-log-package/1"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a ZIP file can say: the time of making would make every file another."""

README = """A package of the audit log of the skill voucher scheme.

Verify it with verify_log.py, which needs Python 3.11 and the library cryptography, and which you should have from
elsewhere than this package, like the keys: python verify_log.py PACKAGE.zip --log-key LOG.vkeys
"""


class LogSelectionInvalid(Invalid):
    """A range, a record or a person is chosen: exactly one of them."""

    code = "log_selection_invalid"
    zh, en = "须且只能选择一种:区间、对象或人员", "Choose a range, a record or a person, and only one of them."


class LogPackageTooLarge(Invalid):
    """More entries are chosen than an answer carries."""

    code = "log_package_too_large"
    zh, en = "所选条目超过 {most} 条,请缩小范围或使用命令行导出", "More than {most} entries are chosen; choose fewer."


@dataclass(frozen=True, slots=True)
class LogSelection:
    """Which entries: from `begin` up to and without `end`, or those of a record, or of everything of a person."""

    begin: int | None = None
    end: int | None = None
    aggregate_id: UUID | None = None
    person_id: UUID | None = None

    def check(self) -> None:
        """`LogSelectionInvalid` unless exactly one thing is chosen."""
        chosen = (
            self.begin is not None or self.end is not None,
            self.aggregate_id is not None,
            self.person_id is not None,
        )
        if sum(chosen) != 1:
            raise LogSelectionInvalid


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes into a package beside the entries."""

    origin: str
    head: TreeHead
    checkpoint: str
    """The signed note with cosignatures."""
    subtrees: Mapping[Span, bytes]
    consistency: Sequence[ConsistencyProof]
    log_keys: Sequence[str]
    witness_keys: Sequence[str]
    event_keys: Mapping[str, object]


@dataclass(frozen=True, slots=True, repr=False)
class LogPackage:
    """A package, and what was chosen and is not in it because no signed head covers it yet."""

    content: bytes
    head: TreeHead
    count: int
    not_covered: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return hashlib.sha256(self.content).digest()

    @property
    def file_name(self) -> str:
        """Of these bytes, always the same."""
        return f"log-{self.head.size}-{self.digest.hex()[:16]}.zip"


def write_package(entries: Sequence[Entry], evidence: Evidence) -> bytes:
    """The ZIP file of entries, ascending by index and all within the head."""
    files = {
        "README.txt": README.encode(),
        "checkpoint": evidence.checkpoint.encode(),
        "proof.json": _json(_proof(evidence)),
        "keys/log.vkeys": _lines(evidence.log_keys),
        "keys/witnesses.vkeys": _lines(evidence.witness_keys),
        "keys/events.jwks.json": _json(evidence.event_keys),
        **{f"entries/{entry.index:018}.json": entry.envelope for entry in entries},
    }
    manifest = {
        "format": FORMAT,
        "origin": evidence.origin,
        "tree_size": evidence.head.size,
        "entries": [_row(entry) for entry in entries],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"manifest.json": _json(manifest), **files}.items():
            info = zipfile.ZipInfo(name, FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def _row(entry: Entry) -> dict[str, object]:
    subject = entry.subject
    return {
        "index": entry.index,
        "hash": entry.hash.hex(),
        "aggregate": subject.aggregate_type,
        "id": subject.aggregate_id,
        "version": subject.version,
    }


def _proof(evidence: Evidence) -> dict[str, object]:
    return {
        "subtrees": [[span.begin, span.end, _base64(root)] for span, root in sorted(evidence.subtrees.items())],
        "consistency": [
            {"first": proof.first.size, "path": [_base64(part) for part in proof.path]}
            for proof in evidence.consistency
        ],
    }


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
