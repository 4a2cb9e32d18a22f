"""Certificates that rest on a recorded basis instead of an assessment here: imports and direct recognition."""
