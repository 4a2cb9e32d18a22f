"""The catalogue of training institutions (§二(二)5,6)."""
