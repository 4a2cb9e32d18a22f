"""What was heard from payout: how far each payout of a voucher has come."""
