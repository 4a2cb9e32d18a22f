"""What voucher says about vouchers."""
