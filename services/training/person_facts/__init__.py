"""What training has heard about people from the voucher service."""
