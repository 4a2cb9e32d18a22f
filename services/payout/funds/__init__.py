"""Budgets by source, area and year, and what they may pay."""
