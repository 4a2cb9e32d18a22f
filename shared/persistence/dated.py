"""Dated rules: the figures that the policy leaves open (DOMAIN §6), each with the days on which it is in force.

A new value is a new row, never a change of an old one, and no two values of a rule share a day: the database sees to
both. A service says which figures it lives by as a frozen dataclass, one field a rule, named as in the table.
"""

from collections.abc import Collection
from dataclasses import Field, fields
from datetime import date
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    MetaData,
    Table,
    Text,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint

from shared.kernel.errors import Unavailable
from shared.persistence.aggregate import NAMING_CONVENTION
from shared.persistence.unit_of_work import UnitOfWork

metadata = MetaData(naming_convention=NAMING_CONVENTION)

dated_rules = Table(
    "dated_rules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("value", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("value >= 0", name="value"),
    CheckConstraint("valid_to >= valid_from", name="days"),
    ExcludeConstraint(
        (literal_column("name"), "="),
        (func.daterange(literal_column("valid_from"), literal_column("valid_to"), "[]", type_=DATERANGE), "&&"),
        name="ex_dated_rules_days",
    ),
)
"""Each value of each rule, with the first and the last day on which it is in force; no last day is an open end."""


class RuleMissing(Unavailable):
    """A rule has no value on a day: nothing that needs it is decided until the department has closed the gap."""

    code, transient = "rule_missing", False
    zh, en = "规则 {name} 在 {day} 没有生效值", "The rule {name} has no value on {day}."


class Figures(Protocol):
    """A frozen dataclass of whole numbers and switches."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


FiguresT = TypeVar("FiguresT", bound=Figures)


async def rules_on(uow: UnitOfWork, figures: type[FiguresT], day: date) -> FiguresT:
    """The values of a service's rules in force on the business date `day`; `RuleMissing` if one has none."""
    wanted = {field.name: field.type for field in fields(figures)}
    found = await values_on(uow, wanted, day)
    for name in wanted:
        if name not in found:
            raise RuleMissing(name=name, day=day.isoformat())
    return figures(**{name: bool(found[name]) if of in (bool, "bool") else found[name] for name, of in wanted.items()})


async def values_on(uow: UnitOfWork, names: Collection[str], day: date) -> dict[str, int]:
    """Those of the rules `names` that have a value on the business date `day`, by name.

    A unit of work reads the rules of a day once, all of them: what it decides, it decides by the same ones.
    """
    if day not in uow.rules:
        columns = dated_rules.c
        in_force = (columns.valid_from <= day) & or_(columns.valid_to.is_(None), columns.valid_to >= day)
        found = await uow.session.execute(select(columns.name, columns.value).where(in_force))
        uow.rules[day] = {row.name: row.value for row in found}
    return {name: uow.rules[day][name] for name in names if name in uow.rules[day]}
