"""The whole payout against a model of it."""
