"""Holds on vouchers: a reason beside the state that stops decisions until an officer lifts it (§二(二)7)."""
