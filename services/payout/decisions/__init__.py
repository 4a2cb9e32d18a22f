"""Deciding on a list of payouts: locked with their certificates, judged one by one, carried out together."""
