"""The bank's instruction interface."""
