"""What the bank reports by files: read, confirmed by a second officer, and applied row by row."""
