"""Tests of the payout service."""
