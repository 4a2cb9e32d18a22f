"""Mergers of two records of one person, and their undoing."""
