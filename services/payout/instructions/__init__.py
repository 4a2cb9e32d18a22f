"""What the bank is told, and what it answers."""
