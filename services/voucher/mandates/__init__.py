"""Mandates (委托代领): the worker has an organisation paid in his place (D5)."""
