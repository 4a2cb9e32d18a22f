"""The bank's answers to files: read, confirmed by a second officer, and applied row by row."""
