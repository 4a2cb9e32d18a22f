"""Mergers: two records are found to be of one person, which two officers say, and two may undo (R16)."""
