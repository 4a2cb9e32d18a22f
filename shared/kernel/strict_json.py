"""JSON and base64url read strictly: one text has one meaning, or it is refused."""

import base64
import binascii
import json
import re
from typing import Any, NoReturn

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class NotStrict(ValueError):
    """The text has no single meaning; the message never quotes it."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a key is there twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise NotStrict("not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _refuse_unstorable_text(value: Any) -> None:
    """Refuse NUL characters and lone surrogates, in keys too: no database column takes them."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "\x00" in item or any("\ud800" <= character <= "\udfff" for character in item):
                raise NotStrict("a character cannot be stored")
        elif isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def parse_json(data: bytes) -> Any:
    """The value of a UTF-8 JSON text.

    `NotStrict` for anything else, and for duplicate keys, NaN and infinities, NUL characters, lone surrogates,
    nesting or numbers beyond what the parser takes.
    """
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except NotStrict:
        raise
    except (ValueError, RecursionError):
        raise NotStrict("not a JSON text") from None
    if b"\\u" in data:
        _refuse_unstorable_text(value)
    return value


def decode_base64url(text: str) -> bytes:
    """The bytes of an unpadded base64url text; `NotStrict` unless encoding them gives exactly `text` again."""
    if not _BASE64URL.fullmatch(text):
        raise NotStrict("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise NotStrict("not base64url") from None
    if encode_base64url(data) != text:
        raise NotStrict("not the canonical base64url text")
    return data


def encode_base64url(data: bytes) -> str:
    """`data` as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
