"""Admissions: who may sit an assessment, and why not (§二(二)5, DOMAIN §3)."""
