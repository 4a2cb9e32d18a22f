"""Unified social credit codes (统一社会信用代码, GB 32100): an organisation's id everywhere."""

import re

from shared.kernel.citizen_id import is_citizen_id
from shared.kernel.errors import Invalid
from shared.kernel.text import half_width

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FORMAT = re.compile(rf"[{_ALPHABET[1:]}][{_ALPHABET}][1-9][0-9]{{5}}[{_ALPHABET}]{{10}}")
"""No department and no area begins with 0: a row of zeros, whose check character is right, is no code."""
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_MAX_SERIAL = 99_999_999


class CreditCodeInvalid(Invalid):
    """Not a unified social credit code: wrong format or check character, or a citizen ID number."""

    code = "credit_code_invalid"
    zh, en = "统一社会信用代码不正确", "The unified social credit code is not valid."


def canonical_credit_code(text: str) -> str:
    """The 18-character form: spaces removed, full-width made half-width, upper case; raises `CreditCodeInvalid`.

    Characters: [1] registering department, [2] kind, [3-8] area, [9-17] organisation code, [18] check (MOD 31). One
    in about 25 citizen ID numbers has that form and that check character too; none of them may stand in the clear as an
    organisation's id (DOMAIN §4, 14).
    """
    number = half_width(text).upper()
    formed = _FORMAT.fullmatch(number) and _check_character(number[:17]) == number[17]
    if not formed or is_citizen_id(number):
        raise CreditCodeInvalid
    return number


def make_credit_code(area: str, serial: int, *, department: str = "9", kind: str = "1") -> str:
    """A well-formed code for generated data: six-digit `area`, `serial` 0..99999999.

    `department` 9 and `kind` 1 are an enterprise; 5 and 2 a private non-profit body; 1 and 2 a public institution.
    Raises `CreditCodeInvalid` where no such code can exist.
    """
    if not 0 <= serial <= _MAX_SERIAL:
        raise CreditCodeInvalid
    organisation = f"{serial:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True))
    body = f"{department}{kind}{area}{organisation}{'0123456789X0'[(11 - total % 11)]}"
    if not _FORMAT.fullmatch(body + "0"):
        raise CreditCodeInvalid
    return canonical_credit_code(body + _check_character(body))


def _check_character(body: str) -> str:
    """MOD 31 check character of 17 characters, weights 3^i mod 31."""
    total = sum(_VALUES[character] * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]
