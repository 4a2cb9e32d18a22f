"""Payees' bank accounts, in versions."""
