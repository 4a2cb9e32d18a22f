"""Rows that have a life cycle: status, version, holds, and the one way to move a single row."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Integer, MetaData, Text, inspect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, object_session

from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import Lifecycle

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}


def service_metadata() -> MetaData:
    """The metadata of one service's own tables, with the house's constraint names."""
    return MetaData(naming_convention=NAMING_CONVENTION)


class LifecycleRow:
    """A row whose `status` moves only along `lifecycle`.

    `version` counts its changes from 1 without a gap and `open_holds` the holds that nobody has lifted yet. The
    subclass declares its primary key `id`; `AggregateRow` is the usual one.
    """

    lifecycle: ClassVar[Lifecycle]

    status: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    open_holds: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """Business time of the birth, UTC."""

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """A row that somebody else changed since it was read is never written over."""
        return {"version_id_col": cls.__table__.c.version, "version_id_generator": False}  # type: ignore[attr-defined]  # of a mapped class

    def move(self, action: Any) -> None:
        """Take `action`'s edge: the row must be locked and in a unit of work.

        Raises `TransitionRefused` for an edge that the table does not have and `Held` for one that a hold blocks. An
        edge is written before the next is taken (`await uow.session.flush()`): one UPDATE for two would hide the first.
        """
        edge = self.lifecycle.decide(self.status, action, self.open_holds)
        state = inspect(self)
        if state.attrs.version.history.added:
            raise RuntimeError("the last edge of this row is not written yet: flush first")
        self.status = str(edge.to)
        self.version += 1
        session = object_session(self)
        if session is None:
            raise RuntimeError("a row moves only inside a unit of work")
        session.info["unit_of_work"].record_edge(self, edge)


class AggregateRow(LifecycleRow):
    """A life-cycle row with a UUIDv7 as its key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
