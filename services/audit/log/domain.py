"""The hash chain: what an entry's hash is, how envelopes are appended, and where a stored chain or its tree breaks.

The hash of entry n is SHA-256 over the 32 bytes of entry n - 1's hash and the bytes of envelope n as they were
received; before the first entry stands a hash of 32 zero bytes. Anybody who has the envelopes can compute it, in any
language.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.audit.tree.domain import TILE_HEIGHT, GrowingTree, Tile, TreeHead
from shared.kernel.errors import Conflict

GENESIS_HASH = bytes(32)


class ChainBroken(Conflict):
    """An append that does not continue the chain: the database refuses it."""

    code = "chain_broken"
    policy = "§三(三)"
    zh, en = "审计日志链不连续,拒绝写入", "The entry does not continue the audit chain."


class AggregateGap(Conflict):
    """An append whose predecessor in its aggregate was never logged: the database refuses it."""

    code = "aggregate_gap"
    policy = "§三(三)"
    zh, en = "事件序号不连续,拒绝写入", "An earlier event of the same aggregate is not in the log."


class Flaw(StrEnum):
    """What is wrong with the first entry that does not hold."""

    INDEX = "index"
    """Its leaf index does not follow the entry before: something was taken out or renumbered."""
    HASH = "hash"
    """Its hash is not that of its envelope after the entry before: it was edited, exchanged or reordered."""
    SUBJECT = "subject"
    """Its envelope is unreadable, or names another aggregate or version than its columns."""
    SIGNATURE = "signature"
    """The service that owns its aggregate did not sign it: whoever put it there, its owner did not write it."""
    VERSION = "version"
    """The version before it, of the same aggregate, does not stand before it in the log."""
    CUT_OFF = "cut_off"
    """More was received of an aggregate than the log holds. The index is the log's length."""
    TREE = "tree"
    """A stored tile of the tree is not that of its 256 entries. The index is the first of them."""
    SIGNED_HEAD = "signed_head"
    """A head that was signed does not hold: it was cut off or written anew. Up to the index, signed heads hold."""
    CHECKPOINT = "checkpoint"
    """A stored head was not signed by the log's key, or its row says another. The index is its size."""
    NOTED_HEAD = "noted_head"
    """The log does not hold the head that was noted at an earlier time: it was cut off or written anew."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose change an envelope carries: aggregate type and id, and the version after it."""

    aggregate_type: str
    aggregate_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries it has and the hash of the last."""

    entries: int = 0
    hash: bytes = GENESIS_HASH


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log; `index` counts from 0 without a gap."""

    index: int
    hash: bytes
    subject: Subject
    envelope: bytes
    """Exactly what was received."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not hold, and why."""

    index: int
    flaw: Flaw


def leaf_hash(previous: bytes, envelope: bytes) -> bytes:
    """The hash of the entry that follows one with the hash `previous`."""
    return hashlib.sha256(previous + envelope).digest()


def extend(head: Head, additions: Iterable[tuple[Subject, bytes]]) -> list[Entry]:
    """The entries that these envelopes become after `head`, in their order."""
    entries: list[Entry] = []
    previous = head.hash
    for index, (subject, envelope) in enumerate(additions, start=head.entries):
        previous = leaf_hash(previous, envelope)
        entries.append(Entry(index, previous, subject, envelope))
    return entries


def follow(
    head: Head, page: Sequence[Entry], read_subject: Callable[[bytes], Subject | None] | None = None
) -> Head | Break:
    """Recompute a page of stored entries after `head`: the new head, or the first entry that does not hold.

    `read_subject` reads an envelope anew, None if it cannot be read; without it, only places and hashes are looked at.
    """
    count, previous = head.entries, head.hash
    for entry in page:
        if entry.index != count:
            return Break(count, Flaw.INDEX)
        previous = leaf_hash(previous, entry.envelope)
        if previous != entry.hash:
            return Break(count, Flaw.HASH)
        if read_subject is not None and read_subject(entry.envelope) != entry.subject:
            return Break(count, Flaw.SUBJECT)
        count += 1
    return Head(count, previous)


def follow_hashes(head: Head, page: Sequence[tuple[int, bytes, bytes]]) -> Head | Break:
    """Like `follow` without reading anything, of entries as (index, hash, envelope); several times as fast."""
    sha256, count, previous = hashlib.sha256, head.entries, head.hash
    for index, digest, envelope in page:
        previous = sha256(previous + envelope).digest()
        if index != count or previous != digest:
            return Break(count, Flaw.INDEX if index != count else Flaw.HASH)
        count += 1
    return Head(count, previous)


@dataclass(slots=True)
class TreeCheck:
    """Recomputes the tree entry by entry and holds it against heads that were signed."""

    tree: GrowingTree
    heads: Sequence[TreeHead]
    """Ascending by size; those that the tree has grown past are not looked at."""
    held: int = 0
    """Up to how many entries the log is vouched for: the largest head that was found to hold, or where it began."""
    signed: int = 0
    """Size of the largest head that was found to hold; 0 if none was looked at."""
    finished: list[tuple[Tile, bytes]] = field(default_factory=list)
    """The tiles that the last page finished, with their hashes."""

    def __post_init__(self) -> None:
        self.held = self.tree.size

    def follow(self, envelopes: Iterable[bytes]) -> Break | None:
        """Add a page of entries; where a head that was signed does not hold, the end of what others vouch for."""
        sha256 = hashlib.sha256
        leaves = [sha256(b"\x00" + envelope).digest() for envelope in envelopes]
        begin, end = self.tree.size, self.tree.size + len(leaves)
        self.finished = []
        for head in self.heads:
            if begin < head.size <= end:
                self.finished += self.tree.add(leaves[self.tree.size - begin : head.size - begin])
                if self.tree.head() != head:
                    return Break(self.held, Flaw.SIGNED_HEAD)
                self.held = self.signed = head.size
        self.finished += self.tree.add(leaves[self.tree.size - begin :])
        return None

    def differing(self, stored: Mapping[Tile, Sequence[bytes]]) -> Break | None:
        """The first tile that the last page finished and that is not stored like this."""
        for tile, hashes in self.finished:
            if b"".join(stored.get(tile, ())) != hashes:
                return Break(_begin_of(tile), Flaw.TREE)
        return None

    def end(self, tiles: Mapping[int, int]) -> Break | None:
        """At the log's end: a signed head beyond it, or more tiles at a level (`tiles`) than its entries fill."""
        if any(head.size > self.tree.size for head in self.heads):
            return Break(self.held, Flaw.SIGNED_HEAD)
        for level, count in sorted(tiles.items()):
            full = self.tree.size >> (level + 1) * TILE_HEIGHT
            if count != full:
                return Break(_begin_of(Tile(level, min(count, full))), Flaw.TREE)
        return None


def _begin_of(tile: Tile) -> int:
    """The first entry that a tile is about."""
    return tile.index << (tile.level + 1) * TILE_HEIGHT
