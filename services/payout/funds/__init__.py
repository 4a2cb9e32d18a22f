"""Budgets by source, area and year, what they may pay, and the double-entry ledger in which their money moves."""
