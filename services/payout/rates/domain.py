"""What a certificate is worth: the rate row in force on the day of assessment (DOMAIN §4, 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

TRAINING_BENEFIT = "training"
TRAINING_PROGRAMMES = frozenset({"training_voucher"})
"""The training benefits that are paid here; all of them are one exclusion group (§二(二)5, A13)."""


def benefit_of(programme: str) -> str:
    """The exclusion group of a programme: `training` for every training benefit, otherwise the programme itself."""
    return TRAINING_BENEFIT if programme in TRAINING_PROGRAMMES else programme


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the rate table; `valid_to` is the last day, None while it is in force."""

    id: int
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    valid_from: date
    valid_to: date | None
    payee: str
    source: str

    def covers(self, day: date) -> bool:
        """Whether the row is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of all programmes and dates; `find` gives the one in force."""

    rates: Sequence[Rate]

    def find(self, programme: str, *, kind: str, level: int, act: str, on: date) -> Rate | None:
        """The one row for this certificate on the day of its assessment; None if there is none."""
        asked = (programme, kind, level, act)
        for rate in self.rates:
            if (rate.programme, rate.certificate_kind, rate.level, rate.act) == asked and rate.covers(on):
                return rate
        return None
