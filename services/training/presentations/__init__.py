"""Vouchers presented in person at a class (登记验证): what must hold, and who would be paid."""
