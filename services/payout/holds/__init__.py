"""Holds beside a payout: each blocks every decision up to `sent`."""
