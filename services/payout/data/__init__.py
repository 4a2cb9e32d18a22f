"""Rates and fund rules as CSV files, each row with its source; rows marked *confirm* await the bureau."""
