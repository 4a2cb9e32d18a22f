"""What the bank is instructed to pay, and what it answers."""
