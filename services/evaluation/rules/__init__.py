"""Dated settings of this service: pass marks and limits that the policy leaves open (DOMAIN §6)."""
