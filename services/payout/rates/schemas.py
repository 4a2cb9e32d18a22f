"""How rates are shown."""

from datetime import date

from shared.http import View


class RateView(View):
    """What one programme pays for one kind and level of certificate."""

    id: int
    """The row's number."""
    programme: str
    certificate_kind: str
    level: int
    act: str
    amount_fen: int
    """What is paid, in fen."""
    valid_from: date
    valid_to: date | None
    payee: str
    """What kind of payee it is for."""
    source: str
    """The document that sets the amount."""


class RatesView(View):
    """The whole table, past rates included."""

    data: list[RateView]
    """The rows, in the order of their numbers."""
