"""Accounts that call audit's routes."""

from tests.api_client import Account

CITY = "410400"
AUDITOR = Account("auditor", areas=(CITY,))
OFFICER = Account("officer", areas=(CITY,))
OPERATOR = Account("operator")
