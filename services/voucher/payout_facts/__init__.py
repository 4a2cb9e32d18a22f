"""What was received from payout: how far each payout of a voucher has come."""
