"""People, as heard from the voucher service."""
