"""UUIDv7, public numbers, certificate numbers."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from shutil import which
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import (
    CertificateNumberInvalid,
    PublicNumberInvalid,
    canonical_public_number,
    canonical_qualification_number,
    certificate_number,
    check_certificate_number,
    parse_certificate_number,
    public_number,
    uuid7,
)

NUMBERS = st.builds(
    public_number,
    st.from_regex(r"[A-Z]{3}", fullmatch=True),
    st.integers(min_value=2021, max_value=2099),
    st.integers(min_value=1, max_value=99_999_999),
)


def test_uuid7_is_of_its_kind_and_time() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before_ms - 1_000 <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1_000


def test_uuid7_is_the_standard_library_s_own_kind() -> None:
    assert type(uuid7()) is UUID, "the driver, the models and the contracts know no other"


def test_uuid7_of_many_threads_are_distinct_and_ascend_in_each() -> None:
    def several(_: int) -> list[int]:
        return [uuid7().int for _ in range(25_000)]

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(several, range(4)))
    assert len({made for run in runs for made in run}) == 100_000
    assert all(earlier < later for run in runs for earlier, later in pairwise(run))


CLOCK_THAT_IS_SET = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long long now_ns = -1;
void set_clock(long long ns) { now_ns = ns; }
int clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock != CLOCK_REALTIME || now_ns < 0) return syscall(SYS_clock_gettime, clock, time);
    time->tv_sec = now_ns / 1000000000;
    time->tv_nsec = now_ns % 1000000000;
    return 0;
}
"""
"""Put before the C library, it gives the process whatever time it was set to."""

WALK_OF_THE_CLOCK = """
import ctypes, random, sys
from itertools import pairwise
from shared.kernel.ids import uuid7
clock, steps, now_ns, made = ctypes.CDLL(sys.argv[1]), random.Random(1), 1_900_000_000 * 10**9, []
for _ in range(50_000):
    now_ns += steps.choice((0, 10**5, 10**7, 10**9, -(10**6), -(10**9), steps.randint(-2 * 10**9, 2 * 10**9)))
    clock.set_clock(ctypes.c_longlong(now_ns))
    made.append(uuid7().int)
assert made[0] >> 80 >= 1_899_999_000_000, "the clock is not the one that was set"
assert all(earlier < later for earlier, later in pairwise(made))
"""


@pytest.mark.skipif(sys.platform != "linux" or which("cc") is None, reason="a clock of its own needs Linux and cc")
def test_uuid7_ascends_when_the_clock_steps_back(tmp_path: Path) -> None:
    source, library = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(CLOCK_THAT_IS_SET)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)  # noqa: S603, S607  # constants
    subprocess.run(  # noqa: S603  # constants
        [sys.executable, "-c", WALK_OF_THE_CLOCK, library], check=True, env={**os.environ, "LD_PRELOAD": str(library)},
        cwd=Path(__file__).parents[3],
    )  # fmt: skip


@given(NUMBERS)
def test_public_numbers_verify_however_they_are_typed(number: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    for spelling in (number, number.lower(), f"{number[:5]} {number[5:]}", wide):
        assert canonical_public_number(spelling, number[:3]) == number


@given(NUMBERS, st.integers(min_value=3, max_value=13), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_found(number: str, place: int, digit: str) -> None:
    altered = number[:place] + digit + number[place + 1 :]
    if altered == number:
        return
    with pytest.raises(PublicNumberInvalid):
        canonical_public_number(altered, number[:3])


def test_a_public_number_by_hand() -> None:
    assert public_number("PDS", 2026, 1234) == "PDS26000012347"


@pytest.mark.parametrize("text", ["", "PDS2600001234", "PDS26000012340", "PDP26000012347", "PDS260000123470"])
def test_public_numbers_refused(text: str) -> None:
    with pytest.raises(PublicNumberInvalid):
        canonical_public_number(text, "PDS")


@pytest.mark.parametrize(("prefix", "serial"), [("PD", 1), ("pds", 1), ("PDS", 0), ("PDS", 100_000_000)])
def test_public_numbers_that_cannot_be_made(prefix: str, serial: int) -> None:
    with pytest.raises(PublicNumberInvalid):
        public_number(prefix, 2026, serial)


NUMBER = "Y000141410402264000017"
"""Y · 0001 · 41 · 410402 · 26 · 4 · 000017"""


def test_certificate_number_and_back() -> None:
    made = certificate_number(issuer="Y", body="0001", site="410402", year=2026, level=4, serial=17)
    assert made == NUMBER
    assert len(made) == 22
    parsed = parse_certificate_number(f" {made.lower()} ")
    assert (parsed.issuer, parsed.body, parsed.province, parsed.site) == ("Y", "0001", "41", "410402")
    assert (parsed.year, parsed.level, parsed.serial) == (2026, 4, 17)
    assert str(replace(parsed, serial=18)) == NUMBER[:-1] + "8"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NUMBER[:-1], id="21 characters"),
        pytest.param(NUMBER + "0", id="23 characters"),
        pytest.param("X" + NUMBER[1:], id="neither employer nor third party"),
        pytest.param(NUMBER[:15] + "6" + NUMBER[16:], id="level 6"),
        pytest.param(NUMBER[:15] + "0" + NUMBER[16:], id="level 0"),
        pytest.param(NUMBER[:7] + "A" + NUMBER[8:], id="letter in the site"),
    ],
)
def test_certificate_numbers_refused(text: str) -> None:
    with pytest.raises(CertificateNumberInvalid, match="form"):
        parse_certificate_number(text)


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"year": 2025}, "year"), ({"level": 3}, "level"), ({"province": "42"}, "province")],
)
def test_a_number_that_contradicts_its_certificate(change: dict[str, object], reason: str) -> None:
    said: dict[str, object] = {"year": 2026, "level": 4, "province": "41"}
    assert check_certificate_number(NUMBER, year=2026, level=4).serial == 17
    with pytest.raises(CertificateNumberInvalid, match=reason):
        check_certificate_number(NUMBER, **{**said, **change})  # type: ignore[arg-type]  # the cases know


@pytest.mark.parametrize(
    "part",
    [{"issuer": "Z"}, {"body": "001"}, {"site": "41040"}, {"level": 0}, {"serial": 1_000_000}, {"year": 1926}],
)
def test_certificate_numbers_that_cannot_be_made(part: dict[str, object]) -> None:
    parts: dict[str, object] = {
        "issuer": "Y", "body": "0001", "site": "410402", "year": 2026, "level": 4, "serial": 17, **part,
    }  # fmt: skip
    with pytest.raises(CertificateNumberInvalid):
        certificate_number(**parts)  # type: ignore[arg-type]  # the cases know


def test_qualification_numbers_have_sixteen_digits() -> None:
    assert canonical_qualification_number("26１6000000 300001") == "2616000000300001"
    for text in ("261600000030000", "26160000003000011", "261600000030000X"):
        with pytest.raises(CertificateNumberInvalid):
            canonical_qualification_number(text)
