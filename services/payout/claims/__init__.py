"""From a certified voucher to an opened and reserved payout."""
