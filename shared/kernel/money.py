"""Money is an integer of fen (0.01 yuan). Names of amounts end in `_fen`."""

from shared.kernel.errors import Invalid

MAX_FEN = 10**15
"""The largest amount anywhere, ten thousand billion yuan in fen: more than the city's budget, less than a bigint."""


class AmountInvalid(Invalid):
    """An amount of money that is not a whole number of fen, or out of range."""

    code = "amount_invalid"
    zh, en = "金额须为规定范围内的整数分", "An amount must be a whole number of fen within the permitted range."


def checked_fen(amount_fen: object, *, least_fen: int = 0, most_fen: int = MAX_FEN) -> int:
    """`amount_fen` if it is an int in `least_fen`..`most_fen`, both included; `AmountInvalid` otherwise."""
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not least_fen <= amount_fen <= most_fen:
        raise AmountInvalid
    return amount_fen


def format_fen(amount_fen: int) -> str:
    """Yuan for a person to read: 120000 → `1,200.00`, -5 → `-0.05`."""
    yuan, rest_fen = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{yuan:,}.{rest_fen:02d}"


def percent_of(amount_fen: int, percent: int) -> int:
    """`percent` (0..100) of `amount_fen` in fen, a fraction of a fen rounded down; `AmountInvalid` if out of range."""
    if not 0 <= percent <= 100:
        raise AmountInvalid
    return checked_fen(amount_fen) * percent // 100
