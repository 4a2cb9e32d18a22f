"""The people and bodies of the demonstration: generated, with valid ID numbers and credit codes, none of them real."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.credit_code import make_credit_code
from shared.reference.areas import reporting_areas

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌玉兰辉玲鹏飞红梅海燕志新雪莲春生"
YOUNGEST, OLDEST = 20, 55
CITY = "410400"
SERIALS = 10**8
"""How many organisation codes there are to draw from."""
PROVINCE_CODE = string.digits + string.ascii_uppercase


@dataclass(frozen=True)
class Skill:
    """What a voucher is for, and the hours that its class takes."""

    code: str
    level: int
    class_hours: int


SKILLS = (
    Skill("4-10-01-05", 5, 64),
    Skill("4-03-02-02", 4, 64),
    Skill("4-03-02-01", 3, 64),
    Skill("ZX-4104-001", 0, 40),
)
"""Three occupations at three levels and a specific competence of the city."""


PERMITS = (Skill("SO-01-02", 0, 64), Skill("SE-G1", 0, 64))
"""A permit that is reviewed every three years, and one of special equipment."""


@dataclass(frozen=True)
class Citizen:
    """A generated citizen."""

    name: str
    id_number: str
    phone: str
    area: str

    def registration(self, verified_at: str) -> dict[str, object]:
        """The body of a registration; `verified_at` is an RFC 3339 time."""
        return {
            "name": self.name,
            "id_number": self.id_number,
            "phone": self.phone,
            "area": self.area,
            "real_name": {"method": "police", "level": 3, "verified_at": verified_at},
        }


@dataclass(frozen=True)
class Listing:
    """Codes under which an institution or a body is listed; `province_code` is a body's alone."""

    credit_code: str
    province_code: str


class Casting:
    """Draws the people and bodies of one season, no ID number twice; the same seed and day draw the same."""

    def __init__(self, seed: int, today: date) -> None:
        self._random = random.Random(seed)
        self._today = today
        self._areas = cycle(area.code for area in reporting_areas())
        self._drawn: set[str] = set()

    def citizen(self) -> Citizen:
        """A citizen of working age, from the twelve areas in turn."""
        area, rng = next(self._areas), self._random
        while True:
            birth = self._today - timedelta(days=rng.randint(YOUNGEST * 366, OLDEST * 365))
            id_number = make_citizen_id(area, birth, rng.randint(1, 999))
            if id_number not in self._drawn:
                break
        self._drawn.add(id_number)
        given = "".join(rng.choices(GIVEN, k=rng.randint(1, 2)))
        phone = f"1{rng.choice('3578')}{rng.randint(0, 999_999_999):09d}"
        return Citizen(rng.choice(SURNAMES) + given, id_number, phone, area)

    def citizens(self) -> Iterator[Citizen]:
        """Citizens without end."""
        while True:
            yield self.citizen()

    def listings(self) -> Iterator[Listing]:
        """Codes of institutions and bodies without end."""
        while True:
            credit_code = make_credit_code(CITY, self._random.randrange(SERIALS))
            yield Listing(credit_code, "".join(self._random.choices(PROVINCE_CODE, k=4)))


def officer_citizen(number: int) -> Citizen:
    """The city's officer number `number`: the same in every season."""
    rng = random.Random(f"staff {number}")
    birth = date(1975, 1, 1) + timedelta(days=rng.randint(0, 5_000))
    name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2))
    id_number = make_citizen_id("410402", birth, 900 + number)
    return Citizen(name, id_number, f"139{number:08d}", "410402")
