"""The payout itself: its life cycle, its row, its holds, and the one way to move it."""
