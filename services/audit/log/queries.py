"""Reading the log: its head, its pages, its tree, and the two gaps that only the database sees at once."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Select, func, literal, select, tuple_
from sqlalchemy.orm import aliased

from services.audit.log.domain import Entry, Head, Subject
from services.audit.log.models import LogEntry, TreeTile
from services.audit.tree.domain import TILE_WIDTH, GrowingTree, Tile, split_hashes
from shared.persistence import UnitOfWork
from shared.persistence.plumbing import positions

HASHED_PAGE = "SELECT leaf_index, hash, envelope FROM log_entries WHERE leaf_index > $1 ORDER BY leaf_index LIMIT $2"
"""For millions of rows, of which SQLAlchemy would make objects."""


def _entries() -> Select[int, bytes, str, str, int, bytes]:
    """All columns, as plain rows: a verification reads too many to keep them as objects of the session."""
    return select(
        LogEntry.leaf_index,
        LogEntry.hash,
        LogEntry.aggregate_type,
        LogEntry.aggregate_id,
        LogEntry.version,
        LogEntry.envelope,
    ).order_by(LogEntry.leaf_index)


def _entry(row: Sequence[Any]) -> Entry:
    index, digest, aggregate_type, aggregate_id, version, envelope = row
    return Entry(index, digest, Subject(aggregate_type, aggregate_id, version), envelope)


async def head(uow: UnitOfWork) -> Head:
    """The end of the chain as this transaction sees it."""
    statement = select(LogEntry.leaf_index, LogEntry.hash).order_by(LogEntry.leaf_index.desc()).limit(1)
    last = (await uow.session.execute(statement)).one_or_none()
    return Head() if last is None else Head(last.leaf_index + 1, last.hash)


async def head_at(uow: UnitOfWork, entries: int) -> Head | None:
    """The head that the chain had with so many entries; None if it does not hold as many."""
    if entries == 0:
        return Head()
    found = await uow.session.scalar(select(LogEntry.hash).where(LogEntry.leaf_index == entries - 1))
    return None if found is None else Head(entries, found)


async def page(uow: UnitOfWork, *, after: int, limit: int, aggregate_id: str | None = None) -> list[Entry]:
    """Up to `limit` entries with an index above `after`, in order; of one aggregate's id if given."""
    statement = _entries().where(LogEntry.leaf_index > after).limit(limit)
    if aggregate_id is not None:
        statement = statement.where(LogEntry.aggregate_id == aggregate_id)
    return [_entry(row) for row in await uow.session.execute(statement)]


async def hashed_page(uow: UnitOfWork, *, after: int, limit: int) -> Sequence[tuple[int, bytes, bytes]]:
    """Up to `limit` entries with an index above `after`, in order, as the driver has them: (index, hash, envelope)."""
    connection = await uow.driver_connection()
    rows: Sequence[tuple[int, bytes, bytes]] = await connection.fetch(HASHED_PAGE, after, limit)
    return rows


async def of_aggregates(
    uow: UnitOfWork, aggregates: Iterable[tuple[str, str]], *, limit: int
) -> list[tuple[Entry, Head | None]]:
    """Up to `limit` entries of these aggregates (type, id) in the log's order, each with the head that it follows.

    The head is None where the entry before is missing.
    """
    before = aliased(LogEntry)
    statement = (
        _entries()
        .add_columns(before.hash)
        .outerjoin(before, before.leaf_index == LogEntry.leaf_index - 1)
        .where(tuple_(LogEntry.aggregate_type, LogEntry.aggregate_id).in_(list(aggregates)))
        .limit(limit)
    )
    found: list[tuple[Entry, Head | None]] = []
    for *columns, digest in await uow.session.execute(statement):
        entry = _entry(columns)
        first = Head() if entry.index == 0 else None
        found.append((entry, first if digest is None else Head(entry.index, digest)))
    return found


async def after_version(uow: UnitOfWork, aggregate_type: str, aggregate_id: str, version: int) -> list[Entry]:
    """The entries of an aggregate above `version`, in the order of their versions."""
    same = (LogEntry.aggregate_type == aggregate_type) & (LogEntry.aggregate_id == aggregate_id)
    statement = _entries().where(same, LogEntry.version > version).order_by(None).order_by(LogEntry.version)
    return [_entry(row) for row in await uow.session.execute(statement)]


async def first_without_predecessor(uow: UnitOfWork, page: Sequence[Entry]) -> int | None:
    """The index of the first entry of `page` whose aggregate's version before does not stand before it."""
    if not page:
        return None
    earlier = aliased(LogEntry)
    has_predecessor = (
        select(earlier.leaf_index)
        .where(
            earlier.aggregate_type == LogEntry.aggregate_type,
            earlier.aggregate_id == LogEntry.aggregate_id,
            earlier.version == LogEntry.version - 1,
            earlier.leaf_index < LogEntry.leaf_index,
        )
        .exists()
    )
    statement = select(func.min(LogEntry.leaf_index)).where(
        LogEntry.leaf_index.between(page[0].index, page[-1].index), LogEntry.version > 1, ~has_predecessor
    )
    return await uow.session.scalar(statement)


async def is_cut_off(uow: UnitOfWork, consumer: str) -> bool:
    """Whether `consumer` remembers having received a version that the log does not hold."""
    logged = (
        select(LogEntry.leaf_index)
        .where(
            LogEntry.aggregate_type == positions.c.aggregate_type,
            LogEntry.aggregate_id == positions.c.aggregate_id,
            LogEntry.version == positions.c.version,
        )
        .exists()
    )
    missing = select(positions.c.aggregate_id).where(positions.c.consumer == consumer, ~logged).limit(1)
    return (await uow.session.execute(missing)).first() is not None


async def find_tiles(uow: UnitOfWork, wanted: Collection[Tile]) -> dict[Tile, list[bytes]]:
    """The hashes of these tiles of the tree, of an unfinished tile those that there are."""
    found = await find_stored_tiles(uow, wanted)
    for tile in wanted:
        if tile not in found:
            found[tile] = await _find_unfinished(uow, tile)
    return found


async def find_stored_tiles(uow: UnitOfWork, wanted: Collection[Tile]) -> dict[Tile, list[bytes]]:
    """The hashes of these tiles of the tree, of those that are full."""
    if not wanted:
        return {}
    at = tuple_(TreeTile.tile_level, TreeTile.tile_index)
    places = [(tile.level, tile.index) for tile in wanted]
    stored = select(TreeTile.tile_level, TreeTile.tile_index, TreeTile.hashes).where(at.in_(places))
    return {Tile(level, index): split_hashes(hashes) for level, index, hashes in await uow.session.execute(stored)}


async def _find_unfinished(uow: UnitOfWork, tile: Tile) -> list[bytes]:
    first, last = tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + TILE_WIDTH - 1
    if tile.level == 0:
        leaf = func.sha256(literal(b"\x00", LargeBinary).op("||")(LogEntry.envelope))
        statement = select(leaf).where(LogEntry.leaf_index.between(first, last)).order_by(LogEntry.leaf_index)
    else:
        below = (TreeTile.tile_level == tile.level - 1, TreeTile.tile_index.between(first, last))
        statement = select(TreeTile.root).where(*below).order_by(TreeTile.tile_index)
    return list(await uow.session.scalars(statement))


async def tree_at(uow: UnitOfWork, size: int) -> GrowingTree:
    """The tree that the log had with `size` entries, as its tiles are stored, to be grown further."""
    places: list[tuple[Tile, int]] = []
    nodes = size
    while nodes or not places:
        places.append((Tile(len(places), nodes // TILE_WIDTH), nodes % TILE_WIDTH))
        nodes //= TILE_WIDTH
    found = await find_tiles(uow, [tile for tile, count in places if count])
    return GrowingTree([found[tile][:count] if count else [] for tile, count in places])


async def count_tiles(uow: UnitOfWork) -> dict[int, int]:
    """How many tiles are stored, by level."""
    statement = select(TreeTile.tile_level, func.count().label("tiles")).group_by(TreeTile.tile_level)
    return {row.tile_level: row.tiles for row in await uow.session.execute(statement)}
