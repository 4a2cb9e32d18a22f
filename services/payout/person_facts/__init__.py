"""What voucher says about persons."""
