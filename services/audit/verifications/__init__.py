"""Verifying the log: its chain, its tree, and every head of it that was signed."""
