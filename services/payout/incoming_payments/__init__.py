"""Money that came to the account, as the bank lists it."""
