"""Bytes that somebody may put where an envelope was: from none at all to nearly the envelope itself."""

import json
from typing import Any

from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**18, 10**400) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
OPENINGS = st.sampled_from([b"[", b'{"a":', b'{"data":['])
DEEP = st.builds(lambda opening, depth: opening * depth, OPENINGS, st.integers(1, 5_000))
DIGITS = st.integers(1, 10_000).map(lambda count: b"9" * count)
TEXTS = st.text(max_size=200) | JSON.map(json.dumps)
NONSENSE = st.binary(max_size=200) | TEXTS.map(str.encode) | DEEP | DIGITS


def spoilt(envelope: bytes) -> st.SearchStrategy[bytes]:
    """The envelope with anything in the place of some of its members, of those of its data, or of some of its bytes."""
    document: dict[str, Any] = json.loads(envelope)
    members = [(name,) for name in document] + [("data", name) for name in document["data"]]

    def with_changes(changes: dict[tuple[str, ...], Any]) -> bytes:
        changed = json.loads(envelope)
        for path, value in sorted(changes.items(), key=lambda change: -len(change[0])):
            place = changed
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value
        return json.dumps(changed, ensure_ascii=False).encode(errors="backslashreplace")

    def cut(start: int, length: int, instead: bytes) -> bytes:
        return envelope[:start] + instead + envelope[start + length :]

    places = st.integers(0, len(envelope) - 1)
    return st.dictionaries(st.sampled_from(members), JSON, min_size=1, max_size=4).map(with_changes) | st.builds(
        cut, places, st.integers(0, 20), st.binary(max_size=8)
    )
