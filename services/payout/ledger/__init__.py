"""The double-entry ledger: every movement of public money, append-only."""
