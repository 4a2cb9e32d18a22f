"""What the attacks are made on: payout's database with the people and services around it."""

from tests.payout.conftest import payout, scenario

__all__ = ["payout", "scenario"]
