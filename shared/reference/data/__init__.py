"""The city's catalogues as CSV files, each row with its source."""
