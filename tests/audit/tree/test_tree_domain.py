"""The tree against RFC 9162's recursive definition, for every size up to 300 and for drawn ones beyond."""

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.tree import domain
from services.audit.tree.domain import EMPTY_ROOT, GrowingTree, Span, Tile, TreeHead

SIZES = range(301)
ENVELOPES = [f'{{"entry":{index}}}'.encode() for index in range(1_500)]
LEAVES = [hashlib.sha256(b"\x00" + envelope).digest() for envelope in ENVELOPES]


@cache
def defined_root(begin: int, end: int) -> bytes:
    """MTH(D[begin:end]) as RFC 9162, 2.1.1, defines it."""
    if end - begin == 0:
        return hashlib.sha256(b"").digest()
    if end - begin == 1:
        return LEAVES[begin]
    k = 1
    while 2 * k < end - begin:
        k *= 2
    return hashlib.sha256(b"\x01" + defined_root(begin, begin + k) + defined_root(begin + k, end)).digest()


def defined_path(index: int, begin: int, end: int) -> list[bytes]:
    """PATH(m, D_n) as RFC 9162, 2.1.3.1, defines it."""
    if end - begin == 1:
        return []
    k = 1
    while 2 * k < end - begin:
        k *= 2
    if index < begin + k:
        return [*defined_path(index, begin, begin + k), defined_root(begin + k, end)]
    return [*defined_path(index, begin + k, end), defined_root(begin, begin + k)]


def defined_proof(first: int, begin: int, end: int, *, known: bool = True) -> list[bytes]:
    """SUBPROOF(m, D_n, b) as RFC 9162, 2.1.4.1, defines it."""
    if first == end:
        return [] if known else [defined_root(begin, end)]
    k = 1
    while 2 * k < end - begin:
        k *= 2
    if first <= begin + k:
        return [*defined_proof(first, begin, begin + k, known=known), defined_root(begin + k, end)]
    return [*defined_proof(first, begin + k, end, known=False), defined_root(begin, begin + k)]


def roots(spans: Sequence[Span]) -> list[bytes]:
    """The spans' roots, from tiles of what is there of a tree of 1,500 leaves."""
    return [domain.span_root(span, hashes_of) for span in spans]


@cache
def hashes_of(tile: Tile) -> list[bytes]:
    """A tile's hashes, as far as there are any."""
    width = domain.TILE_WIDTH
    if tile.level == 0:
        return LEAVES[tile.index * width : (tile.index + 1) * width]
    below = [hashes_of(Tile(tile.level - 1, tile.index * width + at)) for at in range(width)]
    return [domain.complete_root(hashes) for hashes in below if len(hashes) == width]


def head(size: int) -> TreeHead:
    return TreeHead(size, defined_root(0, size))


def test_vectors_of_another_program() -> None:
    """Certificate Transparency's reference leaves and roots, as its own tests list them."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree, found = GrowingTree(), []
    for leaf in leaves:
        assert tree.add([domain.leaf_hash(bytes.fromhex(leaf))]) == []
        found.append(tree.head().root.hex()[:16])
    assert found == [
        "6e340b9cffb37a98", "fac54203e7cc696c", "aeb6bcfe274b70a1", "d37ee418976dd957",
        "4e3bbb1f7b478dcf", "76e67dadbcdf1e10", "ddb89be403809e32", "5dc9da79a70659a9",
    ]  # fmt: skip


def test_a_growing_tree_has_the_defined_root_at_every_size() -> None:
    tree = GrowingTree()
    assert tree.head() == TreeHead(0, EMPTY_ROOT)
    for size, leaf in enumerate(LEAVES, start=1):
        for tile, hashes in tree.add([leaf]):
            assert hashes == b"".join(hashes_of(tile))
        if size in SIZES or size % 97 == 0 or size in (511, 512, 513, 1024):
            assert tree.head() == head(size)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 1_500])
def test_leaves_are_added_in_portions_of_any_size(size: int) -> None:
    tree, finished, portion = GrowingTree(), [], 0
    while tree.size < size:
        portion = portion * 2 + 1
        finished += [tile for tile, _ in tree.add(LEAVES[tree.size : min(tree.size + portion, size)])]
    assert (tree.head(), finished) == (head(size), [Tile(0, index) for index in range(size // 256)])


def test_a_tile_of_tiles_is_finished_with_its_last_leaf() -> None:
    tree = GrowingTree()
    finished = dict(tree.add([LEAVES[index % 7] for index in range(65_536)]))
    assert (len(finished), [tile for tile in finished if tile.level]) == (257, [Tile(1, 0)])
    assert [len(hashes) for hashes in tree.levels] == [0, 0, 1]
    assert tree.levels[2] == [domain.complete_root(domain.split_hashes(finished[Tile(1, 0)]))]
    assert tree.head() == TreeHead(65_536, tree.levels[2][0])


def test_every_leaf_of_every_size_up_to_300_is_proven_as_defined() -> None:
    for size in SIZES[1:]:
        for index in range(size):
            path = [defined_root(*span) for span in domain.inclusion_spans(index, size)]
            assert path == defined_path(index, 0, size)
            assert domain.includes(index, LEAVES[index], path, head(size))


def test_every_pair_of_sizes_up_to_300_is_proven_as_defined() -> None:
    for second in SIZES[1:]:
        for first in range(second + 1):
            path = [defined_root(*span) for span in domain.consistency_spans(first, second)]
            assert first == 0 or path == defined_proof(first, 0, second)
            assert domain.extends(head(first), head(second), path)


INDEXED = st.integers(1, 1_500).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


@given(INDEXED)
def test_proofs_come_from_tiles(place: tuple[int, int]) -> None:
    index, size = place
    assert roots(domain.inclusion_spans(index, size)) == defined_path(index, 0, size)
    if index:
        assert roots(domain.consistency_spans(index, size)) == defined_proof(index, 0, size)
    assert len(domain.inclusion_spans(index, size)) <= 11


@given(INDEXED, st.data())
def test_a_proof_proves_nothing_else(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    path = defined_path(index, 0, size)
    other_index = data.draw(st.integers(-1, size).filter(lambda other: other != index))
    assert not domain.includes(other_index, LEAVES[index], path, head(size))
    assert not domain.includes(index, LEAVES[index - 1], path, head(size)) or size == 1
    assert not domain.includes(index, LEAVES[index], [*path, bytes(32)], head(size))
    assert not domain.includes(index, LEAVES[index], path, TreeHead(size, bytes(32)))
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not domain.includes(index, LEAVES[index], path[:at] + path[at + 1 :], head(size))
        assert not domain.includes(index, LEAVES[index], [*path[:at], bytes(32), *path[at + 1 :]], head(size))


@given(INDEXED, st.data())
def test_a_proof_of_growth_proves_no_other_growth(place: tuple[int, int], data: st.DataObject) -> None:
    first, second = place
    path = [defined_root(*span) for span in domain.consistency_spans(first, second)]
    assert not domain.extends(head(first), TreeHead(second, bytes(32)), path) or first == 0
    assert not domain.extends(head(second), head(first), path)
    assert not domain.extends(head(first), head(second), [*path, bytes(32)])
    if first:
        assert not domain.extends(TreeHead(first, bytes(32)), head(second), path)
        at = data.draw(st.integers(0, len(path) - 1))
        assert not domain.extends(head(first), head(second), path[:at] + path[at + 1 :])
        assert not domain.extends(head(first), head(second), [*path[:at], bytes(32), *path[at + 1 :]])
    else:
        assert not domain.extends(TreeHead(0, bytes(32)), head(second), path)
    assert not domain.extends(TreeHead(second, bytes(32)), head(second), [])


@given(st.integers(1, 1_500).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1)))))
def test_some_leaves_and_the_roots_of_the_rest_make_up_the_root(drawn: tuple[int, set[int]]) -> None:
    size, chosen = drawn
    indexes = sorted(chosen)
    missing = {span: defined_root(*span) for span in domain.missing_spans(indexes, size)}
    assert sum(span.end - span.begin for span in missing) <= size - len(indexes)

    def root(begin: int, end: int) -> bytes:
        if (span := Span(begin, end)) in missing:
            return missing.pop(span)
        if end - begin == 1:
            assert begin in chosen
            return LEAVES[begin]
        middle = begin + domain.split(end - begin)
        return domain.node_hash(root(begin, middle), root(middle, end))

    assert (root(0, size), missing) == (defined_root(0, size), {})


def test_the_whole_log_needs_no_hash_besides() -> None:
    assert list(domain.missing_spans(range(777), 777)) == []
    assert sorted(domain.missing_spans([70], 777)) == sorted(domain.inclusion_spans(70, 777))
