"""Cancellations: two officers, a reason, and only before the voucher is certified (DOMAIN §3)."""
