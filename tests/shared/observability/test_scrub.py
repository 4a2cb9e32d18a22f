"""Nothing personal and no bearer secret survives on its way into a log."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.observability import scrub
from shared.observability.scrub import scrub_text

JWS = (
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiJhIiwiZXhwIjoxNzk1NDEwMDAwfQ."
    "vn3Xiphu6Wtrhm-eFzUtUDZAXl88kUb4lTYaBkyKIO-Ad20olhM6SjztxSAl2gmBMCXngpRUtcRnsIrHUGgHyQ"
)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("持证人 410402199001011234。", "持证人 [id]。"),
        ("41040219900101123X", "[id]"),
        ("41040219900101123x,", "[id],"),
        ("４１０４０２１９９００１０１１２３Ｘ", "[id]"),
        ("T410402199001011234", "T[id]"),
        ("4104 0219 9001 0112 34", "[id]"),
        ("410402-19900101-1234", "[id]"),
        ("old 410402900101123 number", "old [number] number"),
        ("Key (phone)=(13812345678) already exists", "Key (phone)=([phone]) already exists"),
        ("+8613812345678", "[phone]"),
        ("138-1234-5678", "[phone]"),
        ("138 1234 5678", "[phone]"),
        ("6222021234567890123", "[number]"),
        ("6222 0212 3456 7890 123", "[number]"),
        ("6222021234567890", "[number]"),
        (f"token={JWS}", "token=[jws]"),
        (JWS.rsplit(".", 1)[0] + ".", "[jws]"),
        ("Authorization: Bearer abc.def", "Authorization: [bearer]"),
        ("postgresql+asyncpg://user:pass@host/db", "postgresql+asyncpg://[password]@host/db"),
    ],
)
def test_scrubbed(text: str, scrubbed: str) -> None:
    assert scrub_text(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "0193a1b0-0000-7000-8000-000000000001",
        "12345678-1234-4123-8123-123456789012",
        "2026-11-23T05:20:14.123456+00:00",
        "6-31-01-03",
        "amount_fen 50000000",
        "sqlalchemy.dialects.postgresql.asyncpg",
        "exceptions.something.interesting_module",
        "410402",
        "partition 11 offset 123456789",
        "91410402MA0000000K",
    ],
)
def test_kept(text: str) -> None:
    assert scrub_text(text) == text


@given(st.uuids())
def test_ids_of_requests_and_traces_are_kept(identity: UUID) -> None:
    """One trace id in sixty has as many digits in a row as a card number."""
    assert scrub_text(str(identity)) == str(identity)
    assert scrub_text(f"{identity.hex} ") == f"{identity.hex} " or identity.hex.isdecimal()


def test_a_run_of_digits_in_a_trace_id_is_kept_and_a_number_as_long_is_not() -> None:
    assert scrub_text("9beec79e715844759460352e1d9eac7c") == "9beec79e715844759460352e1d9eac7c"
    assert scrub_text("6222021234567890" * 2) == "[number]"


def test_values_of_every_shape() -> None:
    deep: object = "13812345678"
    for _ in range(20):
        deep = [deep]
    scrubbed = scrub(
        {
            "13812345678": 1,
            "list": ["13812345678", ("410402199001011234",)],
            "number": 410402199001011234,
            "small": 7,
            "truth": True,
            "nothing": None,
            "bytes": b"13812345678",
            "object": ValueError("13812345678"),
            "set": {"13812345678"},
            "deep": deep,
        }
    )
    assert "13812345678" not in repr(scrubbed)
    assert "410402199001011234" not in repr(scrubbed)
    assert isinstance(scrubbed, dict)
    assert scrubbed["small"] == 7
    assert scrubbed["truth"] is True
    assert scrubbed["nothing"] is None


def test_a_long_text_is_cut() -> None:
    assert len(scrub_text("x" * 1_000_000)) < 30_000


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_phone_number_never_survives_beside_no_digit(before: str, after: str) -> None:
    text = f"{before} : 13812345678 : {after}"
    assert "13812345678" not in scrub_text(text)
