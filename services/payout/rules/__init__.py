"""Dated rules where the policy is silent (DOMAIN §6)."""
