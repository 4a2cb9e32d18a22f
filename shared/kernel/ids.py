"""Identifiers: time-ordered UUIDs, public numbers with a check digit, numbers of certificates."""

import re
from dataclasses import dataclass
from uuid import UUID

from uuid_utils import compat

from shared.kernel.errors import Invalid
from shared.kernel.text import half_width


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562), greater than all before it in this process, also when the machine's clock steps back."""
    return compat.uuid7()


class PublicNumberInvalid(Invalid):
    """Not a number that this system gave out: wrong form or wrong check digit."""

    code = "public_number_invalid"
    zh, en = "编号不正确,请核对", "The number is not valid; please check it."


_PUBLIC_NUMBER = re.compile(r"([A-Z]{3})([0-9]{2})([0-9]{8})([0-9])")
_MAX_SERIAL = 99_999_999


def public_number(prefix: str, year: int, serial: int) -> str:
    """A number that people read out, `PDS26000012340`: prefix, year, serial, check digit. It is no secret.

    `prefix` is three capitals, one kind of thing each (`PDS` vouchers); `serial` 1..99999999 is unique in prefix and
    year (a database sequence). The check digit is ISO 7064 MOD 11,10 over year and serial: it finds every single
    wrong digit and nearly every swap of neighbours. `PublicNumberInvalid` if no such number can exist.
    """
    digits = f"{year % 100:02d}{serial:08d}"
    if not re.fullmatch(r"[A-Z]{3}", prefix) or not 1 <= serial <= _MAX_SERIAL:
        raise PublicNumberInvalid
    return f"{prefix}{digits}{_mod_11_10(digits)}"


def canonical_public_number(text: str, prefix: str) -> str:
    """The number as it was given out: spaces removed, half-width, upper case; `PublicNumberInvalid` otherwise."""
    number = half_width(text).upper()
    found = _PUBLIC_NUMBER.fullmatch(number)
    if found is None or found[1] != prefix or _mod_11_10(found[2] + found[3]) != found[4]:
        raise PublicNumberInvalid
    return number


def _mod_11_10(digits: str) -> str:
    """ISO 7064 MOD 11,10 check digit."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


class CertificateNumberInvalid(Invalid):
    """A certificate's number that is malformed, or that contradicts the certificate's own year, level or province."""

    code = "certificate_number_invalid"
    policy = "§二(二)7"
    zh, en = "证书编号不正确:{reason}", "The certificate number is not valid: {reason}."


_CERTIFICATE_NUMBER = re.compile(r"([YS])([0-9A-Z]{4})([0-9]{2})([0-9]{6})([0-9]{2})([1-5])([0-9]{6})")
_QUALIFICATION_NUMBER = re.compile(r"[0-9]{16}")
HENAN = "41"


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """The 22-character number of a skill-level certificate, taken apart.

    [1] Y employer or S third-party body · [2-5] body · [6-7] province · [8-13] site · [14-15] year · [16] level ·
    [17-22] serial. A number that parses is not yet true: the register decides.
    """

    issuer: str
    body: str
    province: str
    site: str
    year: int
    level: int
    serial: int

    def __str__(self) -> str:
        return f"{self.issuer}{self.body}{self.province}{self.site}{self.year % 100:02d}{self.level}{self.serial:06d}"


def certificate_number(
    *, issuer: str, body: str, site: str, year: int, level: int, serial: int, province: str = HENAN
) -> str:
    """The number of a skill-level certificate issued in `year` (four digits); `CertificateNumberInvalid` otherwise."""
    number = CertificateNumber(issuer, body, province, site, year, level, serial)
    if parse_certificate_number(str(number)) != number:
        raise CertificateNumberInvalid(reason="part")
    return str(number)


def parse_certificate_number(text: str) -> CertificateNumber:
    """Take a 22-character number apart; the year is of this century. Raises `CertificateNumberInvalid`."""
    found = _CERTIFICATE_NUMBER.fullmatch(half_width(text).upper())
    if found is None:
        raise CertificateNumberInvalid(reason="form")
    issuer, body, province, site, year, level, serial = found.groups()
    return CertificateNumber(issuer, body, province, site, 2000 + int(year), int(level), int(serial))


def check_certificate_number(text: str, *, year: int, level: int, province: str = HENAN) -> CertificateNumber:
    """Parse, and compare with what the certificate itself says; `CertificateNumberInvalid` names what differs."""
    number = parse_certificate_number(text)
    for reason, said, expected in (
        ("year", number.year, year),
        ("level", number.level, level),
        ("province", number.province, province),
    ):
        if said != expected:
            raise CertificateNumberInvalid(reason=reason)
    return number


def canonical_qualification_number(text: str) -> str:
    """The 16 digits of a vocational qualification certificate; `CertificateNumberInvalid` otherwise."""
    number = half_width(text)
    if not _QUALIFICATION_NUMBER.fullmatch(number):
        raise CertificateNumberInvalid(reason="form")
    return number
