"""ID numbers: canonical form, dates, check digit; area codes are never judged (DOMAIN §2)."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.citizen_id import (
    CitizenIdInvalid,
    age_on,
    birth_date,
    canonical_citizen_id,
    contains_citizen_id,
    make_citizen_id,
    sex,
)

BIRTHDAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
AREAS = st.from_regex(r"[1-9][0-9]{5}", fullmatch=True)
SERIALS = st.integers(min_value=0, max_value=999)
NUMBERS = st.builds(make_citizen_id, AREAS, BIRTHDAYS, SERIALS)
CHARACTERS = "0123456789X"


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@given(NUMBERS)
def test_every_spelling_has_one_canonical_form(number: str) -> None:
    spellings = [
        number,
        number.lower(),
        full_width(number),
        full_width(number.lower()),
        f" {number[:6]} {number[6:]}\n",
    ]
    assert {canonical_citizen_id(spelling) for spelling in spellings} == {number}


@given(NUMBERS, st.integers(min_value=0, max_value=17), st.sampled_from(CHARACTERS))
def test_one_wrong_character_is_found(number: str, place: int, character: str) -> None:
    altered = number[:place] + character + number[place + 1 :]
    if altered == number:
        return
    with pytest.raises(CitizenIdInvalid):
        canonical_citizen_id(altered)


@given(NUMBERS, st.integers(min_value=0, max_value=16))
def test_two_swapped_characters_are_found(number: str, place: int) -> None:
    altered = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if altered == number:
        return
    with pytest.raises(CitizenIdInvalid):
        canonical_citizen_id(altered)


@given(AREAS, st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)), SERIALS)
def test_fifteen_digits_become_the_same_person(area: str, birthday: date, serial: int) -> None:
    long = make_citizen_id(area, birthday, serial)
    assert canonical_citizen_id(long[:6] + long[8:17]) == long


@given(AREAS, BIRTHDAYS, SERIALS)
def test_what_a_number_says(area: str, birthday: date, serial: int) -> None:
    number = make_citizen_id(area, birthday, serial)
    assert birth_date(number) == birthday
    assert sex(number) == ("male" if serial % 2 else "female")


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with suppress(CitizenIdInvalid):
        assert canonical_citizen_id(canonical_citizen_id(text)) == canonical_citizen_id(text)


@pytest.mark.parametrize(
    ("area", "birthday"),
    [
        pytest.param("410402", date(1982, 12, 31), id="新华区 before 1983"),
        pytest.param("410481", date(1989, 6, 1), id="舞钢 before 1990"),
        pytest.param("410482", date(1988, 6, 1), id="汝州 before 1989"),
        pytest.param("410471", date(1985, 3, 15), id="高新区, no GB/T 2260 code"),
        pytest.param("410472", date(2001, 3, 15), id="示范区, no GB/T 2260 code"),
        pytest.param("412926", date(1975, 3, 15), id="a county renamed since"),
    ],
)
def test_area_codes_are_not_judged(area: str, birthday: date) -> None:
    number = make_citizen_id(area, birthday, 17)
    assert canonical_citizen_id(number) == number


def test_a_published_example() -> None:
    assert canonical_citizen_id("11010519491231002x") == "11010519491231002X"
    assert canonical_citizen_id("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("11010519491231002", id="17 characters"),
        pytest.param("11010519491231002X0", id="19 characters"),
        pytest.param("110105194912310021", id="wrong check digit"),
        pytest.param("01010519491231002X", id="no area begins with 0"),
        pytest.param("1101051949123100²X", id="a superscript is no digit"),
        pytest.param("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", id="Arabic-Indic digits"),
        pytest.param("X10105194912310021", id="X elsewhere"),
        pytest.param("110105491331002", id="15 digits, month 13"),
        pytest.param("T11010519491231002X", id="a permit's number"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(CitizenIdInvalid):
        canonical_citizen_id(text)


@pytest.mark.parametrize("day", ["19490230", "19491301", "19490001", "20010229", "18991231", "21000101"])
def test_impossible_dates_are_refused_whatever_the_check_digit(day: str) -> None:
    for check in CHARACTERS:
        with pytest.raises(CitizenIdInvalid):
            canonical_citizen_id(f"410402{day}001{check}")


def test_the_refusal_never_echoes_the_number() -> None:
    with pytest.raises(CitizenIdInvalid) as caught:
        canonical_citizen_id("410402199013310011")
    for shown in (str(caught.value), repr(caught.value), caught.value.message("zh"), repr(caught.value.facts)):
        assert "410402" not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_age_counts_the_birthday() -> None:
    number = make_citizen_id("410402", date(2008, 2, 29), 1)
    assert age_on(number, date(2024, 2, 28)) == 15
    assert age_on(number, date(2024, 2, 29)) == 16
    assert age_on(number, date(2025, 2, 28)) == 16
    assert age_on(number, date(2025, 3, 1)) == 17


@pytest.mark.parametrize(("area", "serial"), [("410402", 1000), ("410402", -1), ("41040", 1), ("041040", 1)])
def test_impossible_numbers_are_not_made(area: str, serial: int) -> None:
    with pytest.raises(CitizenIdInvalid):
        make_citizen_id(area, date(1990, 1, 1), serial)


@pytest.mark.parametrize("around", ["{}", "社保 {} 号", "T{}", "{},2026", "({})"])
@given(number=NUMBERS)
def test_a_number_is_found_anywhere_in_a_text(around: str, number: str) -> None:
    for spelling in (number, number.lower(), full_width(number)):
        assert contains_citizen_id(around.format(spelling))


@pytest.mark.parametrize(
    "text",
    ["", "毕业证书 2020", "2410000001440009", "410402199005170000", "S000141000001244000009", "20260501", "1" * 40],
)
def test_numbers_of_records_are_none(text: str) -> None:
    assert not contains_citizen_id(text)
