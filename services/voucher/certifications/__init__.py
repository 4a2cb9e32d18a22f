"""Certification 以证换券: the certificate is what makes a voucher payable, and none comes too late (A5, A6, D21)."""
