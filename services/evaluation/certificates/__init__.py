"""Certificates, signed and numbered, and their life after the issue."""
