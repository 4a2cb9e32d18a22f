"""The log: every event of the system as it was sent, each entry chained to the one before by SHA-256."""
