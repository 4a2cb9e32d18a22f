"""Figures that the policy leaves open, each with the dates on which it is in force (DOMAIN §6)."""
