"""Citizen ID numbers (居民身份证号, GB 11643).

Only format, date of birth and check digit are checked. Area codes are not: a county code that "did not exist" in the
year of birth is normal for real workers here (新华区 before 1983, 舞钢 410481 before 1990, 汝州 410482 before 1989).
No error ever holds the number (DOMAIN §4, 14).
"""

import re
from datetime import date
from typing import Literal

from shared.kernel.errors import Invalid
from shared.kernel.text import half_width

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_LONG = re.compile(r"[1-9][0-9]{16}[0-9X]")
_INSIDE = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9X]|[0-9]{15})(?![0-9])")
_SHORT = re.compile(r"[1-9][0-9]{14}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


class CitizenIdInvalid(Invalid):
    """Not a citizen ID number: wrong format, impossible date of birth, or wrong check digit."""

    code = "citizen_id_invalid"
    policy = "§二(二)7"
    zh, en = "居民身份证号不正确", "The citizen ID number is not valid."


def canonical_citizen_id(text: str) -> str:
    """The 18-character form: spaces removed, full-width made half-width, `x` → `X`, 15 digits completed to 18.

    Raises `CitizenIdInvalid`. A 15-digit number has a date of birth from 1900 to 1999.
    """
    number = half_width(text).upper()
    if _SHORT.fullmatch(number):
        number = _with_check(number[:6] + "19" + number[6:])
    if not _LONG.fullmatch(number) or _with_check(number[:17]) != number:
        raise CitizenIdInvalid
    birth_date(number)
    return number


def is_citizen_id(text: str) -> bool:
    """Whether `text` is a citizen ID number, however it is written."""
    try:
        canonical_citizen_id(text)
    except CitizenIdInvalid:
        return False
    return True


def contains_citizen_id(text: str) -> bool:
    """Whether a citizen ID number stands anywhere in `text`, full-width and lower case too; spaces part numbers."""
    return any(map(is_citizen_id, _INSIDE.findall(" ".join(map(half_width, text.split())).upper())))


def birth_date(citizen_id: str) -> date:
    """Date of birth in a canonical number; `CitizenIdInvalid` if there is no such day."""
    try:
        birthday = date(int(citizen_id[6:10]), int(citizen_id[10:12]), int(citizen_id[12:14]))
    except ValueError:
        raise CitizenIdInvalid from None
    if not _FIRST_YEAR <= birthday.year <= _LAST_YEAR:
        raise CitizenIdInvalid
    return birthday


def sex(citizen_id: str) -> Literal["female", "male"]:
    """Sex in a canonical number: the last digit of the serial is odd for men."""
    return "male" if int(citizen_id[16]) % 2 else "female"


def age_on(citizen_id: str, day: date) -> int:
    """Full years of age on `day`, of a canonical number; the birthday itself counts."""
    birthday = birth_date(citizen_id)
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def make_citizen_id(area: str, birthday: date, serial: int) -> str:
    """A well-formed number for generated data: six-digit `area`, `serial` 0..999 (odd for men).

    Raises `CitizenIdInvalid` where no such number can exist.
    """
    if not 0 <= serial <= 999 or not re.fullmatch(r"[1-9][0-9]{5}", area):
        raise CitizenIdInvalid
    return canonical_citizen_id(_with_check(f"{area}{birthday:%Y%m%d}{serial:03d}"))


def _with_check(body: str) -> str:
    """`body` (17 digits) and its MOD 11-2 check character."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECK_CHARACTERS[total % 11]
