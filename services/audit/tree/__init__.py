"""The Merkle tree of RFC 9162 over the log's envelopes: arithmetic alone, without a table."""
