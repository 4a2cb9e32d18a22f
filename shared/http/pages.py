"""Lists by cursor: `{data, next_cursor, has_more}`, keyed by id, so that a page is one index range."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field

from shared.http.bodies import GENERIC, View
from shared.kernel.errors import Invalid
from shared.kernel.strict_json import NotStrict, decode_base64url, encode_base64url

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_CHARACTERS = 200
_CURSOR_VERSION = "1:"

T = TypeVar("T")
RowT = TypeVar("RowT")


class CursorInvalid(Invalid):
    """The cursor is none that a page gave."""

    code = "cursor_invalid"
    zh, en = "分页游标无效", "The cursor is not valid."


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: at most `limit` rows whose key comes after `after`; None is the beginning."""

    after: str | None
    limit: int

    @property
    def after_uuid(self) -> UUID | None:
        """`after` for lists keyed by UUID; `CursorInvalid` if it is none."""
        if self.after is None:
            return None
        try:
            return UUID(self.after)
        except ValueError:
            raise CursorInvalid from None

    @property
    def after_number(self) -> int | None:
        """`after` for lists keyed by a whole number; `CursorInvalid` if it is none."""
        if self.after is None:
            return None
        if not self.after.isdecimal() or len(self.after) > 18:
            raise CursorInvalid
        return int(self.after)

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than are shown, to know whether there are more."""
        return self.limit + 1


async def page_request(
    cursor: Annotated[
        str | None, Query(max_length=MAX_CURSOR_CHARACTERS, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many rows at most.")] = DEFAULT_LIMIT,
) -> PageRequest:
    """The page that `?cursor=&limit=` asks for; `CursorInvalid` if the cursor is none of ours."""
    return PageRequest(None if cursor is None else read_cursor(cursor), limit)


PageQuery = Annotated[PageRequest, Depends(page_request)]
"""A handler's parameter: `page: PageQuery`."""


def cursor_after(key: object) -> str:
    """The opaque cursor of the page after `key`."""
    return encode_base64url((_CURSOR_VERSION + str(key)).encode())


def read_cursor(cursor: str) -> str:
    """The key in a cursor; `CursorInvalid` if it is none of ours."""
    try:
        text = decode_base64url(cursor).decode()
    except (NotStrict, UnicodeDecodeError):
        raise CursorInvalid from None
    version, key = text[: len(_CURSOR_VERSION)], text[len(_CURSOR_VERSION) :]
    if version != _CURSOR_VERSION or not key or not key.isprintable():
        raise CursorInvalid
    return key


def _key_of(row: Any) -> object:
    return row.id


class Page(View, Generic[T]):
    """One page of a list."""

    model_config = GENERIC

    data: Annotated[list[T], Field(description="The rows, in ascending order of their key.")]
    next_cursor: Annotated[str | None, Field(description="`cursor` of the next page; null on the last one.")]
    has_more: Annotated[bool, Field(description="Whether there is another page.")]

    @classmethod
    def of(
        cls,
        rows: Sequence[RowT],
        page: PageRequest,
        view: Callable[[RowT], T],
        *,
        key: Callable[[RowT], object] = _key_of,
    ) -> "Page[T]":
        """The page of `rows`, which were read with `LIMIT page.fetch`, ascending by `key`."""
        shown, has_more = rows[: page.limit], len(rows) > page.limit
        next_cursor = cursor_after(key(shown[-1])) if has_more else None
        return cls(data=[view(row) for row in shown], next_cursor=next_cursor, has_more=has_more)
