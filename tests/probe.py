"""A service of one small aggregate, for tests of what all services share: a lamp that is switched on and off."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, Text, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

from shared.contracts.envelope import Event
from shared.kernel.errors import Conflict
from shared.kernel.lifecycle import Edge, Lifecycle
from shared.persistence import AggregateRow, UnitOfWork, map_constraint, plumbing, service_metadata
from tests.databases import own_service

SQL = Path(__file__).with_suffix(".sql")


class LampState(StrEnum):
    """A lamp is dark, lit or broken."""

    DARK = "dark"
    LIT = "lit"
    BROKEN = "broken"


class LampAction(StrEnum):
    """What can be done to a lamp."""

    INSTALL = "install"
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    BREAK = "break"
    HOLD = "hold"
    LIFT_HOLD = "lift_hold"


LAMP = Lifecycle(
    "probe.lamp",
    {
        (None, LampAction.INSTALL): Edge(LampState.DARK, emits="lamp.installed"),
        (LampState.DARK, LampAction.SWITCH_ON): Edge(LampState.LIT, emits="lamp.lit", blocked_by_hold=True),
        (LampState.LIT, LampAction.SWITCH_OFF): Edge(LampState.DARK, emits="lamp.darkened"),
        (LampState.DARK, LampAction.BREAK): Edge(LampState.BROKEN, emits="lamp.broken", details=("reason_code",)),
        (LampState.LIT, LampAction.BREAK): Edge(LampState.BROKEN, emits="lamp.broken", details=("reason_code",)),
        (LampState.DARK, LampAction.HOLD): Edge(LampState.DARK, emits="lamp.held"),
        (LampState.LIT, LampAction.HOLD): Edge(LampState.LIT, emits="lamp.held"),
        (LampState.DARK, LampAction.LIFT_HOLD): Edge(LampState.DARK, emits="lamp.hold_lifted"),
        (LampState.LIT, LampAction.LIFT_HOLD): Edge(LampState.LIT, emits="lamp.hold_lifted"),
    },
)


class LampEvent(Event):
    """What every event of a lamp carries."""

    id: UUID
    colour: str
    watts: int


class LampInstalledV1(LampEvent, service="probe", name="lamp.installed"):
    """A lamp is there."""


class LampLitV1(LampEvent, service="probe", name="lamp.lit"):
    """It shines."""


class LampDarkenedV1(LampEvent, service="probe", name="lamp.darkened"):
    """It does not shine any more."""


class LampBrokenV1(LampEvent, service="probe", name="lamp.broken"):
    """It never will again."""

    reason_code: str


class LampHeldV1(LampEvent, service="probe", name="lamp.held"):
    """Nobody may switch it on."""


class LampHoldLiftedV1(LampEvent, service="probe", name="lamp.hold_lifted"):
    """It may be switched on again."""


LAMP_EVENTS: Sequence[type[LampEvent]] = (
    LampInstalledV1,
    LampLitV1,
    LampDarkenedV1,
    LampBrokenV1,
    LampHeldV1,
    LampHoldLiftedV1,
)


class TooBright(Conflict):
    """More watts than the wire bears."""

    code = "probe_too_bright"
    zh, en = "功率过大", "Too many watts."


map_constraint("ck_lamps_watts", TooBright)


class Base(DeclarativeBase):
    """The probe's own tables."""

    metadata = service_metadata()


class Lamp(AggregateRow["Lamp", LampAction], Base):
    """A lamp."""

    __tablename__ = "lamps"
    __table_args__ = (CheckConstraint("watts <= 100", name="watts"),)
    lifecycle = LAMP

    colour: Mapped[str] = mapped_column(Text, unique=True)
    watts: Mapped[int] = mapped_column(Integer, default=10)


class Sight(Base):
    """How often the consumer has seen an event of a lamp: the effect in tests of consumers."""

    __tablename__ = "sights"

    lamp: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    times: Mapped[int] = mapped_column(Integer)


async def install(uow: UnitOfWork, *colours: str, **values: Any) -> list[Lamp]:
    """Install lamps."""
    rows = [{"colour": colour, "watts": 10, **values} for colour in colours]
    return await uow.create_all(Lamp, LampAction.INSTALL, rows)


async def build_probe(url: str) -> None:
    """Build the probe's template: tables as the models say them, the rest by SQL as a migration would."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        await connection.execute(text(own_service("probe")))
        for metadata in (plumbing.metadata, Base.metadata):
            await connection.run_sync(metadata.create_all)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(SQL.read_text(encoding="utf-8"))
    await engine.dispose()
