"""How rates are shown."""

from datetime import date

from shared.http import View


class RateView(View):
    """One row of the rate table; `valid_to` is the last day, empty while it is in force."""

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


class RatesView(View):
    """The whole table, past rates included."""

    data: list[RateView]
