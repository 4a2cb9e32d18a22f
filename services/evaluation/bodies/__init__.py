"""Assessing bodies of the catalogue (§二(二)5)."""
