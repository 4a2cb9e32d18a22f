"""Unified social credit codes: canonical form and check character."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.credit_code import CreditCodeInvalid, canonical_credit_code, make_credit_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODES = st.builds(
    make_credit_code,
    st.from_regex(r"[1-9][0-9]{3}(0[0-9]|1[0-8]|[2-9][0-9])", fullmatch=True),  # no other begins a year of birth
    st.integers(min_value=0, max_value=99_999_999),
    department=st.sampled_from("159"),
    kind=st.sampled_from("1239"),
)


@given(CODES)
def test_every_spelling_has_one_canonical_form(code: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)
    for spelling in (code, code.lower(), wide, f" {code[:8]} {code[8:]} "):
        assert canonical_credit_code(spelling) == code


@given(CODES, st.integers(min_value=0, max_value=17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code: str, place: int, character: str) -> None:
    altered = code[:place] + character + code[place + 1 :]
    if altered == code:
        return
    with pytest.raises(CreditCodeInvalid):
        canonical_credit_code(altered)


@given(CODES, st.integers(min_value=0, max_value=16))
def test_two_swapped_characters_are_found(code: str, place: int) -> None:
    altered = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if altered == code:
        return
    with pytest.raises(CreditCodeInvalid):
        canonical_credit_code(altered)


@settings(max_examples=2_000)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.sampled_from(["410402", "110101"]))
def test_no_citizen_id_number_is_one(day: date, serial: int, area: str) -> None:
    number = make_citizen_id(area, day, serial)
    for spelling in (number, number.lower(), f" {number[:6]} {number[6:]}", "".join(map(full_width, number))):
        with pytest.raises(CreditCodeInvalid):
            canonical_credit_code(spelling)


def full_width(character: str) -> str:
    """The character in its full-width form."""
    return chr(ord(character) + 0xFEE0)


@given(st.text())
def test_any_text_is_a_code_or_refused(text: str) -> None:
    with suppress(CreditCodeInvalid):
        assert canonical_credit_code(canonical_credit_code(text)) == canonical_credit_code(text)


@pytest.mark.parametrize("code", ["91110108551385082Q", "91350100M000100Y43"])
def test_published_examples(code: str) -> None:
    assert canonical_credit_code(code) == code


@pytest.mark.parametrize(
    "text", ["", "91110108551385082", "91110108551385082A", "9111010855138508IQ", "911101O8551385082Q", "１１"]
)
def test_refused(text: str) -> None:
    with pytest.raises(CreditCodeInvalid):
        canonical_credit_code(text)


@pytest.mark.parametrize(("area", "serial"), [("41040", 1), ("4104O2", 1), ("410402", -1), ("410402", 100_000_000)])
def test_impossible_codes_are_not_made(area: str, serial: int) -> None:
    with pytest.raises(CreditCodeInvalid):
        make_credit_code(area, serial)
