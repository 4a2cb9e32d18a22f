"""What a death is called where one service places a hold for it and another reads that (R10)."""

from typing import Final

HOLDER_DECEASED: Final = "holder_deceased"
"""Why a voucher is held whose holder the register of deaths names; no officer's hold says so."""
