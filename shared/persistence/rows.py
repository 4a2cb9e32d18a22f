"""Locking, inserting and moving many rows by one statement each. What it means is the unit of work's affair."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import Column, Text, case, cast, column, inspect, select, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.persistence.aggregate import LifecycleRow, Row

ARGUMENTS_MOST = 30_000
"""Of one statement; PostgreSQL's protocol has room for 32,767, and the columns that all rows have alike take a few."""


@dataclass(frozen=True, slots=True)
class Moves(Generic[Row]):
    """What a set-based move did: the rows that moved, ascending by id, and the ids that did not."""

    rows: list[Row]
    missed: list[Any] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def key_of(model: type[LifecycleRow[Any, Any]]) -> Column[Any]:
    """The primary key column of a life-cycle table."""
    key: Column[Any]
    (key,) = inspect(model).primary_key
    return key


async def lock(session: AsyncSession, model: type[Row], ids: Iterable[Any]) -> dict[Any, Row]:
    """Lock rows in ascending order of their ids, against whatever race the caller names, and read them anew."""
    key, wanted = key_of(model), set(ids)
    if not wanted:
        return {}
    statement = select(model).where(key.in_(wanted)).order_by(key).with_for_update()
    found = await session.scalars(statement, execution_options={"populate_existing": True})
    return {getattr(row, key.key): row for row in found}


async def insert_rows(
    session: AsyncSession,
    model: type[Row],
    status: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    created_at: datetime,
    skip_conflicts: bool,
) -> list[Row]:
    """Insert new rows by one statement; with `skip_conflicts` those that break a unique key are left out."""
    first = {"status": status, "version": 1, "open_holds": 0, "created_at": created_at}
    statement = insert(model)
    if skip_conflicts:
        statement = statement.on_conflict_do_nothing()
    inserted = await session.scalars(statement.returning(model), [{**first, **row} for row in rows])
    key = key_of(model)
    return sorted(inserted, key=lambda row: getattr(row, key.key))


async def move_rows(
    session: AsyncSession,
    model: type[Row],
    action: Any,
    ids: Sequence[Any],
    *,
    common: Mapping[str, Any],
    each: Mapping[Any, Mapping[str, Any]] | None,
) -> list[Row]:
    """Take `action`'s edge for every row that stands where the table lets it, by one UPDATE.

    `common` sets columns alike for all (values or SQL expressions), `each` sets columns id by id; every id must
    then have an entry, all with the same columns. More rows than a statement has arguments for take another.
    """
    width = 1 if each is None else 1 + len(each[ids[0]])
    most = ARGUMENTS_MOST // width
    moved: list[Row] = []
    for start in range(0, len(ids), most):
        moved += await _move_some(session, model, action, ids[start : start + most], common=common, each=each)
    return sorted(moved, key=lambda row: getattr(row, key_of(model).key))


async def _move_some(
    session: AsyncSession,
    model: type[Row],
    action: Any,
    ids: Sequence[Any],
    *,
    common: Mapping[str, Any],
    each: Mapping[Any, Mapping[str, Any]] | None,
) -> Iterable[Row]:
    key, sources = key_of(model), model.lifecycle.sources(action)
    table = inspect(model).local_table
    free = [str(state) for state, edge in sources.items() if not edge.blocked_by_hold]
    blocked = [str(state) for state, edge in sources.items() if edge.blocked_by_hold]
    may_move = table.c.status.in_(free) | (table.c.status.in_(blocked) & (table.c.open_holds == 0))
    status = case({str(state): str(edge.to) for state, edge in sources.items()}, value=table.c.status)
    sets: dict[str, Any] = {"status": cast(status, Text), "version": table.c.version + 1, **common}
    statement = update(model).where(may_move)
    if each is None:
        statement = statement.where(key.in_(ids))
    else:
        names = list(each[ids[0]])
        given = values(column("key", key.type), *(column(name, table.c[name].type) for name in names), name="given")
        given = given.data([(row_id, *(each[row_id][name] for name in names)) for row_id in ids])
        statement = statement.where(key == cast(given.c.key, key.type))
        sets |= {name: cast(given.c[name], table.c[name].type) for name in names}
    return await session.scalars(
        statement.values(sets).returning(model),
        execution_options={"populate_existing": True, "synchronize_session": False},
    )
