"""Packages of the log: entries with all that proves them, for whoever verifies them offline and without us."""
