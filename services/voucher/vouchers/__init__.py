"""Vouchers 职业培训券: claimed, bound to a class, certified, redeemed. The example room of the house."""
