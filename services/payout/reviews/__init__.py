"""The decisions of HR officers on payouts."""
