"""Objections against what a public notice shows (异议)."""
