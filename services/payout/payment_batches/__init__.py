"""Lists of payouts that finance builds and releases."""
