"""The dated figures that this service lives by (DOMAIN §6)."""
