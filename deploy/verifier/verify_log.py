"""Verify a package of the audit log, offline: what it proves is said, and what it does not prove is named.

    python verify_log.py PACKAGE.zip --log-key LOG.vkeys --witness-key W.vkeys --event-keys EVENTS.jwks.json \
        --checkpoint KEPT.checkpoint

One file that needs Python 3.11 and the library `cryptography`. Keys and checkpoints that were obtained elsewhere make
the difference: whoever made a package could have put keys of their own into it. Status 0 if everything in it holds, 3
if something does not, 2 if it is no package.
Trees are RFC 9162's; heads are C2SP checkpoints (ECDSA, P-256), cosigned by C2SP `cosignature/v1` (Ed25519).
"""

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

FORMAT = "skill-voucher-log-package/1"
ENTRY_NAME = re.compile(r"entries/(\d{18})\.json")
SIGNED_EVENT = re.compile(rb',"signature":"([A-Za-z0-9_-]{1,256})\.\.([A-Za-z0-9_-]{86})"\}\Z')
SHA256_ECDSA = ec.ECDSA(hashes.SHA256())
UNREADABLE = (zipfile.BadZipFile, KeyError, ValueError, TypeError, RuntimeError, NotImplementedError, EOFError, OSError)
EXIT_BROKEN, EXIT_UNUSABLE = 3, 2


class Broken(Exception):
    """Something that should hold does not; the message names it."""


class Unusable(Exception):
    """This is no package, no key or no checkpoint."""


class Head(NamedTuple):
    """A tree's size and root."""

    size: int
    root: bytes


class Note(NamedTuple):
    """A signed note: its text, and by name and key id what follows in each signature line."""

    text: str
    signatures: Sequence[tuple[str, bytes, bytes]]

    @classmethod
    def read(cls, note: str) -> "Note":
        """`Unusable` if it is none."""
        text, between, lines = note.rpartition("\n\n")
        found = []
        for line in lines.removesuffix("\n").split("\n"):
            dash, name, content = [*line.split(" "), "", "", ""][:3]
            raw = _decode(content)
            if not between or dash != "—" or not name or len(raw) <= 4 or line.count(" ") != 2:
                raise Unusable("this is no signed checkpoint")
            found.append((name, raw[:4], raw[4:]))
        return cls(f"{text}\n", found)

    def head(self) -> tuple[str, Head]:
        """The log's origin, and the head."""
        matched = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n", self.text)
        if matched is None:
            raise Unusable("the text of a checkpoint is three lines: origin, size, root")
        return matched[1], Head(int(matched[2]), _decode(matched[3]))


class Key(NamedTuple):
    """A verifier key (C2SP vkey): of a log (ECDSA) or of a witness (Ed25519 cosignatures)."""

    name: str
    key_id: bytes
    public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

    @classmethod
    def read(cls, text: str) -> "Key":
        """`Unusable` if it is none, or its id is not the one of the key."""
        name, key_id, content = [*text.strip().split("+", 2), "", ""][:3]
        raw = _decode(content)
        witness = raw[:1] == b"\x04" and len(raw) == 33
        expected = hashlib.sha256(name.encode() + b"\n" + raw if witness else raw[1:]).digest()[:4]
        if expected.hex() != key_id or not (witness or raw[:1] == b"\x02"):
            raise Unusable(f"this is no verifier key: {text[:80]!r}")
        public = ed25519.Ed25519PublicKey.from_public_bytes(raw[1:]) if witness else load_der_public_key(raw[1:])
        if not isinstance(public, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise Unusable(f"the key of {name} is of another kind")
        return cls(name, expected, public)

    def signed(self, note: Note) -> datetime | bool:
        """Whether it signed a note; of a witness, when it last did. `Broken` if a signature by it is bad."""
        answer: datetime | bool = False
        for name, key_id, signature in note.signatures:
            try:
                if (name, key_id) != (self.name, self.key_id):
                    continue
                if isinstance(self.public, ec.EllipticCurvePublicKey):
                    self.public.verify(signature, note.text.encode(), SHA256_ECDSA)
                    answer = True
                else:
                    seconds = int.from_bytes(signature[:8], "big")
                    self.public.verify(signature[8:], f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
                    answer = datetime.fromtimestamp(seconds, UTC)
            except (InvalidSignature, OverflowError, ValueError, OSError):
                raise Broken(f"the signature of {name} on the checkpoint is not good") from None
        return answer


def read_keys(text: str) -> list[Key]:
    """Verifier keys, one in each line."""
    return [Key.read(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(begin: int, end: int, leaves: Mapping[int, bytes], subtrees: Mapping[tuple[int, int], bytes]) -> bytes:
    """The root over some leaves, by RFC 9162's definition; what is not there as a leaf must be there as a subtree."""
    if begin == end:
        return hashlib.sha256().digest()
    if (begin, end) in subtrees:
        return subtrees[begin, end]
    if end - begin == 1:
        if begin not in leaves:
            raise Broken(f"nothing is said of entry {begin}, without which the root cannot be computed")
        return leaves[begin]
    middle = begin + (1 << (end - begin - 1).bit_length() - 1)
    return node_hash(tree_root(begin, middle, leaves, subtrees), tree_root(middle, end, leaves, subtrees))


def extends(first: Head, second: Head, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree `second` begins with `first` (RFC 9162, 2.1.4.1, backwards)."""
    rest = list(path)

    def roots(begin: int, end: int, *, known: bool) -> tuple[bytes, bytes]:
        if first.size == end:
            root = first.root if known else rest.pop(0)
            return root, root
        middle = begin + (1 << (end - begin - 1).bit_length() - 1)
        if first.size <= middle:
            old, new = roots(begin, middle, known=known)
            return old, node_hash(new, rest.pop(0))
        old, new = roots(middle, end, known=False)
        left = rest.pop(0)
        return node_hash(left, old), node_hash(left, new)

    if first.size == 0 or first.size > second.size:
        return not path and first.size == 0 and first.root == hashlib.sha256().digest()
    try:
        return roots(0, second.size, known=True) == (first.root, second.root) and not rest
    except IndexError:
        return False


@dataclass
class Report:
    """What was found, a sentence each."""

    proven: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """To be printed."""
        kinds = {"PROVEN": self.proven, "NOT PROVEN": self.unproven, "BROKEN": self.broken}
        return [f"{kind}: {sentence}." for kind, sentences in kinds.items() for sentence in sentences]


class Trusted(NamedTuple):
    """What was obtained elsewhere than from the package."""

    log_keys: Sequence[Key] = ()
    witness_keys: Sequence[Key] = ()
    event_keys: Mapping[str, Any] | None = None
    checkpoints: Sequence[str] = ()


class Package:
    """The files of a package, each with the digest that the manifest says."""

    def __init__(self, content: bytes) -> None:
        """`Unusable` if it is none; `Broken` if a file is missing, added or changed."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self.files = {info.filename: archive.read(info) for info in archive.infolist()}
                count = len(archive.infolist())
            self.manifest: dict[str, Any] = json.loads(self.files.pop("manifest.json"))
            named: dict[str, str] = self.manifest["files"]
        except UNREADABLE as error:
            raise Unusable(f"this is no package of the log ({type(error).__name__})") from None
        if self.manifest.get("format") != FORMAT:
            raise Unusable(f"a package of the format {FORMAT} is expected")
        digests = {name: hashlib.sha256(text).hexdigest() for name, text in self.files.items()}
        if digests != named or count != len(named) + 1:
            wrong = sorted(name for name in named.keys() | digests.keys() if named.get(name) != digests.get(name))
            raise Broken(f"files other than the manifest names: {', '.join(wrong[:5]) or 'one is there twice'}")
        self.envelopes = {int(at[1]): text for name, text in self.files.items() if (at := ENTRY_NAME.fullmatch(name))}
        self.proof: dict[str, Any] = json.loads(self.files["proof.json"])
        self.note = Note.read(self.files["checkpoint"].decode())
        self.origin, self.head = self.note.head()

    def leaves(self) -> dict[int, bytes]:
        """By index, the hash of each entry's leaf."""
        return {index: hashlib.sha256(b"\x00" + text).digest() for index, text in self.envelopes.items()}

    def text(self, name: str) -> str:
        """A file of keys; empty if it is not there."""
        return self.files.get(name, b"").decode()


def verify_package(content: bytes, trusted: Trusted) -> Report:
    """Verify a package against what was obtained elsewhere; `Unusable` if it is none."""
    report = Report()
    try:
        package = Package(content)
        _verify_signature(package, trusted, report)
        _verify_entries(package, report)
        _verify_rows(package, report)
        _verify_events(package, trusted, report)
        _verify_kept(package, trusted, report)
    except Broken as broken:
        report.broken.append(str(broken))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unusable(f"the package is not written as its format says ({type(error).__name__}: {error})") from None
    return report


def _verify_signature(package: Package, trusted: Trusted, report: Report) -> None:
    keys = trusted.log_keys or read_keys(package.text("keys/log.vkeys"))
    signers = [key for key in keys if key.name == package.origin and key.signed(package.note)]
    if not signers:
        raise Broken(f"no key of the log {package.origin} signed the checkpoint")
    by = f"the key {signers[0].key_id.hex()} of {package.origin}"
    report.proven.append(f"the head of {package.head.size} entries is signed by {by}")
    if not trusted.log_keys:
        report.unproven.append("that this key is the log's: it came in the package; compare it with --log-key")
    for key in trusted.witness_keys:
        seen = key.signed(package.note)
        if isinstance(seen, datetime):
            report.proven.append(f"the witness {key.name} saw this log and no other up to {seen:%Y-%m-%d %H:%M} UTC")
        else:
            report.unproven.append(f"that the witness {key.name} saw this head")
    if not trusted.witness_keys:
        report.unproven.append("that others were shown the same log: no key of a witness was given (--witness-key)")


def _verify_entries(package: Package, report: Report) -> None:
    leaves = package.leaves()
    subtrees = {(begin, end): _decode(root) for begin, end, root in package.proof["subtrees"]}
    order = sorted(leaves)
    covered = [begin for begin, end in subtrees if bisect_left(order, begin) != bisect_left(order, end)]
    if covered or any(index >= package.head.size for index in leaves):
        raise Broken("the proof leaves entries of the package out")
    if tree_root(0, package.head.size, leaves, subtrees) != package.head.root:
        raise Broken("the entries do not make up the root that was signed: one was edited, moved, added or taken out")
    count, size = len(leaves), package.head.size
    if count == size:
        report.proven.append(f"these are all {count} entries of the log, byte for byte and in their order")
    else:
        report.proven.append(f"{count} of the log's {size} entries are here byte for byte, each at its place")
        report.unproven.append("that no other entry is about the same: the rest of the log is not here")


def _verify_rows(package: Package, report: Report) -> None:
    rows = package.manifest["entries"]
    if [row["index"] for row in rows] != sorted(package.envelopes):
        raise Broken("the manifest lists other entries than there are")
    previous = (-1, bytes(32).hex())
    linked = 0
    for row in rows:
        index, envelope = row["index"], package.envelopes[row["index"]]
        if index == previous[0] + 1:
            linked += 1
            if hashlib.sha256(bytes.fromhex(previous[1]) + envelope).hexdigest() != row["hash"]:
                raise Broken(f"the hash of entry {index} is not that of its text after the entry before")
        previous = index, row["hash"]
        event = json.loads(envelope)
        same = (row["id"], row["version"]) == (event["subject"], event["aggregateversion"])
        if not same or f".{row['aggregate']}." not in f".{event['type']}":
            raise Broken(f"entry {index} is about something else than the manifest says")
    report.proven.append(f"the chain of hashes continues over {linked} of them")
    if linked < len(rows):
        report.unproven.append(f"the chain before {len(rows) - linked} of them: the entries before are not here")


def _verify_events(package: Package, trusted: Trusted, report: Report) -> None:
    document = trusted.event_keys or json.loads(package.text("keys/events.jwks.json") or '{"keys": []}')
    keys = {key["kid"]: _point(key) for key in document["keys"]}
    for row in package.manifest["entries"]:
        index, envelope = row["index"], package.envelopes[row["index"]]
        signed = SIGNED_EVENT.search(envelope)
        header = json.loads(_decode_url(signed[1])) if signed else {}
        kid, kind = str(header.get("kid")), (header.get("alg"), header.get("typ"))
        if signed is None or kid not in keys or kind != ("ES256", "event+jws"):
            raise Broken(f"entry {index} is signed by no known service")
        raw = _decode_url(signed[2])
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        payload = base64.urlsafe_b64encode(envelope[: signed.start()] + b"}").rstrip(b"=")
        try:
            keys[kid].verify(der, signed[1] + b"." + payload, SHA256_ECDSA)
        except InvalidSignature:
            raise Broken(f"entry {index} was not signed like this by {kid}") from None
        if row["aggregate"].partition(".")[0] != kid.partition("/")[0]:
            raise Broken(f"entry {index} is about another service's record than that of {kid}, which signed it")
    report.proven.append(f"each of the {len(package.envelopes)} events was signed by the service that wrote it")
    if trusted.event_keys is None:
        report.unproven.append("that these are the services' keys: they came in the package (--event-keys)")


def _verify_kept(package: Package, trusted: Trusted, report: Report) -> None:
    keys = trusted.log_keys or read_keys(package.text("keys/log.vkeys"))
    paths = {proof["first"]: [_decode(part) for part in proof["path"]] for proof in package.proof["consistency"]}
    for text in trusted.checkpoints:
        note = Note.read(text)
        origin, kept = note.head()
        if origin != package.origin or not any(key.name == origin and key.signed(note) for key in keys):
            raise Broken(f"the checkpoint of {kept.size} entries that was kept is not signed by this log")
        if kept.size > package.head.size:
            report.unproven.append(f"that the log continues as kept: it had {kept.size} entries, the package is older")
            continue
        if kept.size == package.head.size or kept.size in paths:
            holds = extends(kept, package.head, paths.get(kept.size, []))
        elif len(package.envelopes) == package.head.size:
            holds = tree_root(0, kept.size, package.leaves(), {}) == kept.root
        else:
            report.unproven.append(f"that the log continues as kept at {kept.size} entries: no proof of it is here")
            continue
        if not holds:
            raise Broken(f"FORK: the log of {kept.size} entries that was kept is not the beginning of this log")
        report.proven.append(f"the log of {kept.size} entries that was kept is the beginning of this log")
    if not trusted.checkpoints:
        report.unproven.append(
            "that the log was not written anew as a whole: no kept checkpoint was given (--checkpoint)"
        )


def _point(jwk: Mapping[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(_decode_url(jwk[name].encode()), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _decode_url(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _kept(place: Path) -> list[str]:
    files = sorted(place.glob("*.checkpoint")) if place.is_dir() else [place]
    return [path.read_text(encoding="utf-8") for path in files]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = argparse.ArgumentParser(description="Verify a package of the audit log, offline.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--log-key", type=Path, help="verifier keys of the log, obtained elsewhere")
    parser.add_argument("--witness-key", type=Path, help="verifier keys of witnesses")
    parser.add_argument("--event-keys", type=Path, help="public keys of the services' events, a JWK set")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="a kept checkpoint, or a directory"
    )
    given = parser.parse_args(arguments)
    try:
        trusted = Trusted(
            read_keys(given.log_key.read_text(encoding="utf-8")) if given.log_key else [],
            read_keys(given.witness_key.read_text(encoding="utf-8")) if given.witness_key else [],
            json.loads(given.event_keys.read_bytes()) if given.event_keys else None,
            [text for place in given.checkpoint for text in _kept(place)],
        )
        report = verify_package(given.package.read_bytes(), trusted)
    except (Unusable, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    sys.stdout.write("\n".join([*report.lines(), ""]))
    return EXIT_BROKEN if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
