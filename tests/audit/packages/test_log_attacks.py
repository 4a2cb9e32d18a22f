"""Ten thousand attacks on a log by somebody with every right on its database: each is named, given a kept checkpoint.

The attacker edits, deletes, inserts, swaps, truncates, re-chains or forks, and then conceals as much as they know how:
nothing, the chain, the chain with the tree, or all of it with the stored heads deleted. The kept checkpoint is of the
whole log: what comes after the last one is covered by the next, five minutes later.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from services.audit.log.domain import GENESIS_HASH, Break, Entry, Flaw, Head, Subject, TreeCheck, extend, follow
from services.audit.tree.domain import GrowingTree, Tile, TreeHead, leaf_hash
from tests.audit.long_log import head_over, small_entries

ATTACKS = 10_000
SIZES = (*range(2, 60), 255, 256, 257, 300, 513)
LOG = small_entries(max(SIZES))
OTHER = [(Subject("probe.lamp", f"x{number}", 1), f'{{"x":{number}}}'.encode()) for number in range(700)]


@dataclass
class Stored:
    """What the attacker may change: rows of the log, tiles of its tree, signed heads."""

    rows: list[Entry]
    tiles: dict[Tile, bytes]
    heads: list[TreeHead]

    def re_chain(self) -> None:
        """Renumber and rehash every row."""
        self.rows = extend(Head(), [(row.subject, row.envelope) for row in self.rows])

    def re_tile(self) -> None:
        """Build the tree of the rows as they are."""
        self.tiles = dict(GrowingTree().add([leaf_hash(row.envelope) for row in self.rows]))


def log_of(size: int) -> Stored:
    """A sound log, whose heads were signed three times."""
    rows = LOG[:size]
    stored = Stored(rows, {}, [head_over(rows[:part]) for part in sorted({size // 3, size // 2, size})])
    stored.re_tile()
    return stored


def verify(stored: Stored, kept: Sequence[TreeHead]) -> Break | None:
    """What a verification by hashes alone finds (`verify_log`), page by page."""
    signed = sorted([*stored.heads, *kept], key=lambda head: head.size)
    head, check = Head(), TreeCheck(GrowingTree(), signed)
    tiles = {tile: [hashes] for tile, hashes in stored.tiles.items()}
    for begin in range(0, len(stored.rows), 100):
        page = stored.rows[begin : begin + 100]
        followed = follow(head, page)
        if isinstance(followed, Break):
            return followed
        forked = check.follow([row.envelope for row in page])
        if broken := forked or check.differing(tiles):
            return broken
        head = followed
    return check.end(Counter(tile.level for tile in stored.tiles))


def edit(stored: Stored, draw: random.Random) -> None:
    """A byte of an envelope is another."""
    at = draw.randrange(len(stored.rows))
    envelope = bytearray(stored.rows[at].envelope)
    envelope[draw.randrange(len(envelope))] ^= 1 << draw.randrange(8)
    stored.rows[at] = replace(stored.rows[at], envelope=bytes(envelope))


def delete(stored: Stored, draw: random.Random) -> None:
    """An entry is gone."""
    del stored.rows[draw.randrange(len(stored.rows))]


def insert(stored: Stored, draw: random.Random) -> None:
    """An entry is there that nobody sent."""
    at = draw.randrange(len(stored.rows))
    subject, envelope = draw.choice(OTHER)
    stored.rows.insert(at, Entry(at, draw.randbytes(32), subject, envelope))


def swap(stored: Stored, draw: random.Random) -> None:
    """Two entries stand in each other's place."""
    first, second = draw.sample(range(len(stored.rows)), 2)
    stored.rows[first], stored.rows[second] = stored.rows[second], stored.rows[first]


def truncate(stored: Stored, draw: random.Random) -> None:
    """The end is cut off."""
    del stored.rows[draw.randrange(len(stored.rows)) :]


def re_chain(stored: Stored, draw: random.Random) -> None:
    """An entry is edited, and every hash from there on made anew."""
    edit(stored, draw)
    stored.re_chain()


def fork(stored: Stored, draw: random.Random) -> None:
    """From somewhere on other entries were written, as many, fewer or more."""
    at = draw.randrange(len(stored.rows))
    tail = draw.sample(OTHER, draw.randint(1, len(stored.rows) - at + 3))
    chained = [(row.subject, row.envelope) for row in stored.rows[:at]]
    stored.rows = extend(Head(), [*chained, *tail])


KINDS = (edit, delete, insert, swap, truncate, re_chain, fork)
Conceal = Callable[[Stored], None]


def nothing(stored: Stored) -> None:
    """As it was left."""


def the_chain(stored: Stored) -> None:
    """Every row is renumbered and rehashed."""
    stored.re_chain()


def the_tree(stored: Stored) -> None:
    """The tree is built anew too."""
    stored.re_chain()
    stored.re_tile()


def the_heads(stored: Stored) -> None:
    """The heads that do not hold are deleted too; nobody can sign others without the key."""
    the_tree(stored)
    stored.heads = [head for head in stored.heads if head == head_over(stored.rows[: head.size])]


def the_key(stored: Stored) -> None:
    """The key was stolen as well: a head of the log as it is now is signed."""
    the_heads(stored)
    stored.heads = sorted({head_over(stored.rows), *stored.heads}, key=lambda head: head.size)


CONCEALMENTS: tuple[Conceal, ...] = (nothing, the_chain, the_tree, the_heads, the_key)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_attack_is_named(kind: Callable[[Stored, random.Random], None]) -> None:
    count, named = -(-ATTACKS // len(KINDS)), Counter[tuple[str, Flaw]]()
    for seed in range(count):
        draw = random.Random(f"{kind.__name__} {seed}")
        conceal = CONCEALMENTS[seed % len(CONCEALMENTS)]
        sound = log_of(draw.choice(SIZES))
        kept = [head_over(sound.rows)]
        attacked = Stored(list(sound.rows), dict(sound.tiles), list(sound.heads))
        kind(attacked, draw)
        conceal(attacked)
        found = verify(attacked, kept)
        assert found is not None, f"{kind.__name__} {seed}, {conceal.__name__} concealed, was not found"
        if conceal is not the_key:  # which vouches for what it was used on
            assert found.index <= first_difference(sound.rows, attacked.rows), "it names a place that was sound"
        named[conceal.__name__, found.flaw] += 1
    assert {flaw for how, flaw in named if how in {"the_heads", "the_key"}} == {Flaw.SIGNED_HEAD}
    assert sum(named.values()) == count


def first_difference(sound: Sequence[Entry], attacked: Sequence[Entry]) -> int:
    """The first place at which the rows differ."""
    pairs = zip(sound, attacked, strict=False)
    same = next((at for at, (row, other) in enumerate(pairs) if row.envelope != other.envelope), None)
    return min(len(sound), len(attacked)) if same is None else same


@pytest.mark.parametrize("size", SIZES)
def test_the_same_log_unattacked_holds(size: int) -> None:
    sound = log_of(size)
    assert verify(sound, [head_over(sound.rows)]) is None
    grown = Stored([*sound.rows], {}, sound.heads)
    grown.rows = extend(Head(), [(row.subject, row.envelope) for row in sound.rows] + OTHER[:40])
    grown.re_tile()
    assert verify(grown, [head_over(sound.rows)]) is None, "and so does what it grew into"


def test_without_a_kept_checkpoint_a_thorough_attacker_is_not_found() -> None:
    """The positive control: what makes the difference is the head that was kept elsewhere."""
    sound = log_of(50)
    attacked = Stored(list(sound.rows), dict(sound.tiles), list(sound.heads))
    edit(attacked, random.Random(1))
    the_heads(attacked)
    assert attacked.rows[0].hash != GENESIS_HASH
    assert verify(attacked, []) is None
    assert verify(attacked, [head_over(sound.rows)]) is not None
