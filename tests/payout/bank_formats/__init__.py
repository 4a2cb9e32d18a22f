"""Files for the bank."""
