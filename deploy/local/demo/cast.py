"""The people and bodies of the demonstration: generated, with valid ID numbers and credit codes, none of them real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.kernel.citizen_id import make_citizen_id
from shared.kernel.credit_code import make_credit_code
from shared.reference.areas import reporting_areas

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌玉兰辉玲鹏飞红梅海燕志新雪莲春生"
YOUNGEST, OLDEST = 20, 55


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


@dataclass(frozen=True)
class Citizen:
    """A generated citizen."""

    name: str
    id_number: str
    phone: str
    area: str
    born: date

    def registration(self, verified_at: str) -> dict[str, object]:
        """The body of a registration; `verified_at` is an RFC 3339 time."""
        return {
            "name": self.name,
            "id_number": self.id_number,
            "phone": self.phone,
            "area": self.area,
            "real_name": {"method": "police", "level": 3, "verified_at": verified_at},
        }


@dataclass
class Casting:
    """Generates citizens; the same seed gives the same people."""

    seed: int
    today: date
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def citizens(self) -> Iterator[Citizen]:
        """Citizens of working age from the twelve areas in turn."""
        seen: set[str] = set()
        areas = [area.code for area in reporting_areas()]
        while True:
            for area in areas:
                born = self.today - timedelta(days=self._random.randint(YOUNGEST * 366, OLDEST * 365))
                id_number = make_citizen_id(area, born, self._random.randint(1, 999))
                if id_number in seen:
                    continue
                seen.add(id_number)
                given = "".join(self._random.choices(GIVEN, k=self._random.randint(1, 2)))
                phone = f"1{self._random.choice('3578')}{self._random.randint(0, 999_999_999):09d}"
                yield Citizen(self._random.choice(SURNAMES) + given, id_number, phone, area, born)


def fixed_citizen(number: int) -> Citizen:
    """One of the city's staff: the same in every run."""
    rng = random.Random(f"staff {number}")
    born = date(1975, 1, 1) + timedelta(days=rng.randint(0, 5_000))
    name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2))
    id_number = make_citizen_id("410402", born, 900 + number)
    return Citizen(name, id_number, f"139{number:08d}", "410402", born)


def credit_code(number: int) -> str:
    """The unified social credit code of the demonstration's body number `number`."""
    return make_credit_code("410400", 700_000 + number)
