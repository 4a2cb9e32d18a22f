"""JSON and base64url with one meaning only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.strict_json import NotStrict, decode_base64url, encode_base64url, parse_json


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1,"\\u0061":2}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b'"\\u0000"',
        b'{"\\u0000":1}',
        b'["\\ud800"]',
        b'{"a":["\\udfff x"]}',
        b'"\x00"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        '{"a":1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"1" * 5_000,
        b"'a'",
        b"{} {}",
    ],
)
def test_refused(text: bytes) -> None:
    with pytest.raises(NotStrict):
        parse_json(text)


def test_taken() -> None:
    assert parse_json('{"a":[1,"张三","\\u5f20","\\ud83d\\ude00"],"b":null}'.encode()) == {
        "a": [1, "张三", "张", "😀"],
        "b": None,
    }


@given(st.binary())
def test_base64url_round(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data)) == data


@given(st.text(alphabet="ABab01-_+/= \n", max_size=12))
def test_base64url_has_one_spelling(text: str) -> None:
    try:
        data = decode_base64url(text)
    except NotStrict:
        return
    assert encode_base64url(data) == text
