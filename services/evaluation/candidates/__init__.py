"""Candidates: people in an assessment session."""
