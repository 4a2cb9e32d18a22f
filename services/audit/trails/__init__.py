"""A voucher's case in the five links: where it stands and where it broke (§二(二)7)."""
