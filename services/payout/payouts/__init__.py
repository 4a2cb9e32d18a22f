"""The payout itself: its life cycle, its row, and the one way to move it."""
