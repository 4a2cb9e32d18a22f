"""Since when two records counted as one person here."""
