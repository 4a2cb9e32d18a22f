"""The Merkle tree of RFC 9162: hashes, roots, proofs, and their verification.

A leaf is SHA-256 over a zero byte and the exact bytes of an envelope; a node is SHA-256 over a byte 1 and its two
children. The tree of n leaves splits at the largest power of two below n, so complete subtrees never change once they
are full. They are kept in tiles of 256 hashes: a tile of level 0 holds hashes of leaves, one of level 1 the roots of
256 tiles of level 0, and so on. Every hash has 32 bytes.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


class Span(NamedTuple):
    """The leaves from `begin` up to and without `end`: a subtree of some tree, complete or at its right edge."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a complete subtree: of the 2 ** level leaves that begin with leaf index * 2 ** level."""

    level: int
    index: int


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of 256 neighbouring nodes of the level 8 * level; the first of them has the index 256 * index."""

    level: int
    index: int


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A tree of so many leaves, and its root."""

    size: int
    root: bytes


def leaf_hash(envelope: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + envelope).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its children's."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2: how many leaves the left child has."""
    return 1 << (count - 1).bit_length() - 1


def nodes_of(span: Span) -> list[Node]:
    """The complete subtrees that make up a span, from the left, each smaller than the one before."""
    found, begin = [], span.begin
    while begin < span.end:
        level = (span.end - begin).bit_length() - 1
        found.append(Node(level, begin >> level))
        begin += 1 << level
    return found


def join(roots: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, each smaller than the one before; of an empty tree if there are none."""
    if not roots:
        return EMPTY_ROOT
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring nodes of one level, whose number is a power of two."""
    sha256 = hashlib.sha256  # looked up once: a verification comes here for every entry
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Whose roots prove leaf `index` in the tree of `size` leaves (RFC 9162, 2.1.3.1): the leaf's sibling first."""
    spans, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(begin, middle))
            begin = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Whose roots prove that the tree of `second` leaves begins with that of `first` (RFC 9162, 2.1.4.1).

    None for equal sizes, nor for an empty first tree, with which every tree begins.
    """
    if first == 0:
        return []
    spans, begin, end, known = [], 0, second, True
    while first != end:
        middle = begin + split(end - begin)
        if first <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(begin, middle))
            begin, known = middle, False
    if not known:
        spans.append(Span(begin, end))
    return spans[::-1]


def missing_spans(indexes: Sequence[int], size: int) -> Iterator[Span]:
    """Whose roots prove all of some leaves at once, in ascending order, in the tree of `size` leaves, from the left.

    What the leaves themselves make up is left out: the whole log needs no hash besides, a single leaf its inclusion
    proof's.
    """
    waiting = [Span(0, size)]
    while waiting:
        span = waiting.pop()
        among = bisect_left(indexes, span.end) - bisect_left(indexes, span.begin)
        if among == 0:
            yield span
        elif among < span.end - span.begin:
            middle = span.begin + split(span.end - span.begin)
            waiting += [Span(middle, span.end), Span(span.begin, middle)]


def tile_of(node: Node) -> tuple[Tile, slice]:
    """The tile that holds a node, and which of its hashes the node is the root of."""
    level, height = divmod(node.level, TILE_HEIGHT)
    first = node.index << height
    begin = first % TILE_WIDTH
    return Tile(level, first // TILE_WIDTH), slice(begin, begin + (1 << height))


def split_hashes(hashes: bytes) -> list[bytes]:
    """The hashes of a tile one by one."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def tiles_of(spans: Iterable[Span]) -> set[Tile]:
    """The tiles that hold what the roots of these spans are made of."""
    return {tile_of(node)[0] for span in spans for node in nodes_of(span)}


def span_root(span: Span, hashes_of: Callable[[Tile], Sequence[bytes]]) -> bytes:
    """The root over a span, from the hashes of its tiles."""
    roots = []
    for node in nodes_of(span):
        tile, part = tile_of(node)
        roots.append(complete_root(hashes_of(tile)[part]))
    return join(roots)


def includes(index: int, leaf: bytes, path: Sequence[bytes], head: TreeHead) -> bool:
    """Whether `path` proves that the tree has a leaf of the hash `leaf` at `index` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < head.size:
        return False
    place, last, root = index, head.size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and root == head.root


def extends(first: TreeHead, second: TreeHead, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree `second` begins with the tree `first` (RFC 9162, 2.1.4.2)."""
    if first.size == 0:
        return not path and first.root == EMPTY_ROOT
    if first.size >= second.size:
        return not path and first == second
    hashes = list(path) if first.size & (first.size - 1) else [first.root, *path]
    if not hashes:
        return False
    place, last = first.size - 1, second.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (first.root, second.root)


@dataclass(slots=True)
class GrowingTree:
    """A tree that leaves are added to. It keeps the hashes of each level's unfinished tile: some kilobytes."""

    levels: list[list[bytes]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return sum(len(hashes) << TILE_HEIGHT * level for level, hashes in enumerate(self.levels))

    def add(self, leaves: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Add the hashes of leaves; the tiles that they finish, the hashes of each in a row."""
        if not self.levels:
            self.levels.append([])
        unfinished, index, begin = self.levels[0], self.size // TILE_WIDTH, 0
        finished: list[tuple[Tile, bytes]] = []
        while begin < len(leaves):
            part = leaves[begin : begin + TILE_WIDTH - len(unfinished)]
            unfinished += part
            begin += len(part)
            if len(unfinished) == TILE_WIDTH:
                finished += self._finish(0, index)
                index += 1
        return finished

    def _finish(self, level: int, index: int) -> Iterator[tuple[Tile, bytes]]:
        hashes = self.levels[level]
        yield Tile(level, index), b"".join(hashes)
        if level + 1 == len(self.levels):
            self.levels.append([])
        above = self.levels[level + 1]
        above.append(complete_root(hashes))
        hashes.clear()
        if len(above) == TILE_WIDTH:
            yield from self._finish(level + 1, index // TILE_WIDTH)

    def head(self) -> TreeHead:
        """Its size and root now."""
        roots: list[bytes] = []
        for hashes in reversed(self.levels):
            roots += [complete_root(hashes[node.index << node.level :][: 1 << node.level]) for node in _peaks(hashes)]
        return TreeHead(self.size, join(roots))


def _peaks(hashes: Sequence[bytes]) -> list[Node]:
    return nodes_of(Span(0, len(hashes)))
