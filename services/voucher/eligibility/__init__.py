"""Eligibility: who may have a voucher, decided by dated rules from recorded facts, with reasons (§二(二)7)."""
