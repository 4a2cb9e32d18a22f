"""Programs for those outside: they need Python and `cryptography`, and nothing of ours beside them."""
