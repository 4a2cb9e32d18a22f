"""Takes personal data and bearer secrets out of anything before it is written (DOMAIN §4, 14)."""

import re
from collections.abc import Mapping

MAX_DEPTH = 8
MAX_CHARACTERS = 20_000

_UUID = r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b"
_TRACE = r"\b(?=[0-9]*[a-f])[0-9a-f]{32}\b"
"""A trace id: one in sixty has a run of digits as long as a card number's."""
_JWS = r"\be[w-z0-9_-][A-Za-z0-9_-]{14,}={0,2}\.[A-Za-z0-9_-]{10,}={0,2}\.[A-Za-z0-9_-]*={0,2}"
"""base64url of `{` is `e` and one of these; dotted names of modules stay readable."""
_BEARER = r"(?i:\bbearer\s+)[^\s\"',;]+"
_PASSWORD_IN_URL = r"(?<=://)[^\s/:@]+:[^\s@]+(?=@)"  # noqa: S105  # a pattern, no password
_DIGIT = "[0-9\uff10-\uff19]"
_GAP = "[ \u3000-]?"
_NOT_INSIDE_DIGITS = f"(?<!{_DIGIT})"
_CITIZEN_ID = f"{_NOT_INSIDE_DIGITS}(?:{_DIGIT}{_GAP}){{17}}[0-9\uff10-\uff19Xx\uff38\uff58](?!{_DIGIT})"
_CARD = f"{_NOT_INSIDE_DIGITS}(?:{_DIGIT}{_GAP}){{12,}}{_DIGIT}"
_PHONE = (
    f"{_NOT_INSIDE_DIGITS}(?:(?:\\+|00)?86{_GAP})?[1\uff11][3-9\uff13-\uff19]{_DIGIT}{_GAP}"
    f"(?:{_DIGIT}{{4}}{_GAP}){{2}}(?!{_DIGIT})"
)

_PATTERN = re.compile(
    f"(?P<uuid>{_UUID}|{_TRACE})|(?P<jws>{_JWS})|(?P<bearer>{_BEARER})|(?P<password>{_PASSWORD_IN_URL})"
    f"|(?P<id>{_CITIZEN_ID})|(?P<card>{_CARD})|(?P<phone>{_PHONE})"
)
_INSTEAD = {"jws": "[jws]", "bearer": "[bearer]", "password": "[password]", "id": "[id]", "card": "[number]"}


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    return found.group() if kind == "uuid" else _INSTEAD.get(kind, f"[{kind}]")


def scrub_text(text: str) -> str:
    """`text` with ID, card and phone numbers, tokens, signatures and passwords replaced by their kind in brackets."""
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + "…"
    return _PATTERN.sub(_replacement, text)


def scrub(value: object, depth: int = 0) -> object:
    """`value` with every text in it scrubbed, keys too; what is no plain value is scrubbed as its text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        text = str(value)
        scrubbed = scrub_text(text)
        return value if scrubbed == text else scrubbed
    if isinstance(value, str):
        return scrub_text(value)
    if depth >= MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {str(scrub(key, depth + 1)): scrub(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(item, depth + 1) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return scrub_text(str(value))
