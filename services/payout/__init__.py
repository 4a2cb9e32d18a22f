"""Payout 兑现: what is owed for a certificate, approved by whom, and paid."""
