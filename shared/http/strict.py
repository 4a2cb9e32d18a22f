"""What a sent value must be: JSON's own type, ISO 8601 for dates and instants, and within bounds.

A deadline, a dated rule or a sum computed from a value within these bounds stays within what Python and PostgreSQL
hold, so that nothing sent can make later arithmetic fail.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
LARGEST_INTEGER = 2**31 - 1
"""Of an integer that names no bounds of its own: PostgreSQL's `integer`."""
LONGEST_TEXT = 20_000
"""Characters of a text that names no bound of its own."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _iso_date(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(value)):
        return value
    raise PydanticCustomError("date_parsing", "a date is YYYY-MM-DD")


def _iso_instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise PydanticCustomError("datetime_parsing", "an instant is YYYY-MM-DDThh:mm:ss with Z or an offset")


BusinessDate = Annotated[
    date,
    BeforeValidator(_iso_date),
    Field(ge=FIRST_DAY, le=LAST_DAY),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A date in a query, 1900-01-01 to 2199-12-31; in a body every date is one."""
Instant = Annotated[
    datetime,
    BeforeValidator(_iso_instant),
    Field(ge=FIRST_INSTANT, le=LAST_INSTANT),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant with its zone in a query, within the same bounds; in a body every instant is one."""

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "int": {"strict": True},
    "bool": {"strict": True},
    "float": {"strict": True},
    "str": {"strict": True},
    "date": {"ge": FIRST_DAY, "le": LAST_DAY},
    "datetime": {"ge": FIRST_INSTANT, "le": LAST_INSTANT, "tz_constraint": "aware"},
}
_ISO = {"date": _iso_date, "datetime": _iso_instant}
_NOT_SCHEMAS = frozenset({"metadata", "serialization", "default", "expected", "members", "config", "cls"})
"""Parts of a core schema in which nothing is validated."""


def make_strict(schema: CoreSchema) -> CoreSchema:
    """`schema` with every value in it strict and bounded; bounds that it names itself stay."""
    return cast(CoreSchema, _strict(schema))


def _strict(node: Any) -> Any:
    if isinstance(node, list | tuple):
        return type(node)(_strict(part) for part in node)
    if not isinstance(node, dict) or _is_iso(node):
        return node
    parts = {name: part if name in _NOT_SCHEMAS else _strict(part) for name, part in node.items()}
    kind = str(parts.get("type"))
    if kind not in _DEFAULTS:
        return parts
    parts = {**_DEFAULTS[kind], **parts}
    if kind == "int" and not parts.keys() & {"le", "lt"}:
        parts["le"] = LARGEST_INTEGER
    if kind == "int" and not parts.keys() & {"ge", "gt"}:
        parts["ge"] = -LARGEST_INTEGER - 1
    if kind in _ISO:
        return core_schema.no_info_before_validator_function(_ISO[kind], cast(CoreSchema, parts))
    return parts


def _is_iso(node: Mapping[str, Any]) -> bool:
    function = node.get("function")
    return isinstance(function, Mapping) and function.get("function") in _ISO.values()


def unbounded_times(node: Any) -> bool:
    """Whether a core schema holds a date or an instant that is no `BusinessDate` or `Instant`."""
    if isinstance(node, list | tuple):
        return any(unbounded_times(part) for part in node)
    if not isinstance(node, dict) or _is_iso(node):
        return False
    return node.get("type") in _ISO or any(unbounded_times(part) for part in node.values())
