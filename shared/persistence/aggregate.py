"""Rows that have a life cycle: status, version, holds."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, Integer, MetaData, Text, func
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.ids import uuid7
from shared.kernel.lifecycle import Lifecycle

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}

Row = TypeVar("Row", bound="LifecycleRow[Any, Any]")
Action = TypeVar("Action", bound=StrEnum)


def service_metadata() -> MetaData:
    """The metadata of one service's own tables, with the house's constraint names."""
    return MetaData(naming_convention=NAMING_CONVENTION)


class LifecycleRow(Generic[Row, Action]):
    """A row whose `status` moves only along `lifecycle`, by the unit of work.

    A subclass names itself and the actions of its life cycle (`class Voucher(AggregateRow["Voucher", VoucherAction])`),
    so that the type checker refuses another life cycle's action, and declares its primary key; `AggregateRow` has the
    usual one. `version` counts its changes from 1 without a gap, `open_holds` the holds that nobody has lifted.
    """

    lifecycle: ClassVar[Lifecycle]

    status: Mapped[str] = mapped_column(Text, sort_order=-4)
    version: Mapped[int] = mapped_column(Integer, sort_order=-3)
    open_holds: Mapped[int] = mapped_column(Integer, default=0, server_default="0", sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), sort_order=-1)
    """Business time of its creation, UTC."""
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """Since when it has its status, business time; the database writes it, whatever is given here."""

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """A row that somebody else changed since it was read is never written over."""
        return {"version_id_col": cls.__table__.c.version, "version_id_generator": False}  # type: ignore[attr-defined]  # of a mapped class


class AggregateRow(LifecycleRow[Row, Action]):
    """A life-cycle row with a UUIDv7 as its key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-5)
