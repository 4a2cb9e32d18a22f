"""Data taken out in bulk: what kind, how much, by which account."""
