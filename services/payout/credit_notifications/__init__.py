"""The bank's notification of credits on the account, as a message: returned and incoming money."""
