"""Writing what was received, any number of rows by one statement and one parameter."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    TableValuedAlias,
    bindparam,
    column,
    func,
    inspect,
    literal_column,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql import select

from services.audit.case_facts.models import FactRow
from shared.kernel.errors import Conflict
from shared.persistence import UnitOfWork

Row: TypeAlias = Mapping[str, Any]
"""Column values as JSON has them: ids and times as text."""


class FactOutOfStep(Conflict):
    """An event whose predecessor left no row, or another version: read model and events disagree, so it is parked."""

    code = "fact_out_of_step"
    zh, en = "读模型与事件序号不一致", "The read model does not stand at the version before this event."


async def write_new(uow: UnitOfWork, model: type[FactRow], rows: Sequence[Row]) -> None:
    """Write rows that may be new: each as a whole, or over its own version before.

    All rows have the same columns, `id` and `version` among them. `FactOutOfStep` if a row is not the next version.
    """
    table, names = _table(model), list(rows[0])
    given = _given(table, names)
    statement = insert(table).from_select(names, select(*given.c))
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={name: statement.excluded[name] for name in names if name != "id"},
        where=table.c.version == statement.excluded.version - 1,
    )
    await _write(uow, statement.returning(table.c.id), rows)


async def write_changes(uow: UnitOfWork, model: type[FactRow], rows: Sequence[Row], *, holds: int = 0) -> None:
    """Write what changed in rows that are there; `holds` is added to the open holds of each.

    `FactOutOfStep` if a row is missing or does not stand at the version before.
    """
    table, names = _table(model), list(rows[0])
    given = _given(table, names)
    sets: dict[str, Any] = {name: given.c[name] for name in names if name != "id"}
    if holds:
        sets["open_holds"] = table.c.open_holds + holds
    statement = (
        update(table)
        .where(table.c.id == given.c.id, table.c.version == given.c.version - 1)
        .values(sets)
        .returning(table.c.id)
    )
    await _write(uow, statement, rows)


def _table(model: type[FactRow]) -> Table:
    return cast(Table, inspect(model).local_table)


def _given(table: Table, names: Sequence[str]) -> TableValuedAlias:
    """The rows as the database sees them: the parameter `rows`, typed by the table itself."""
    row_type: ColumnElement[Any] = literal_column(f'NULL::"{table.name}"')
    rows = func.jsonb_populate_recordset(row_type, bindparam("rows", type_=JSONB))
    return rows.table_valued(*(column(name, table.c[name].type) for name in names), name="given")


async def _write(uow: UnitOfWork, statement: Executable, rows: Sequence[Row]) -> None:
    written = await uow.session.execute(statement, {"rows": list(rows)})
    if len(written.all()) != len(rows):
        raise FactOutOfStep
