"""Proofs out of the log's Merkle tree (RFC 9162): that an entry is in it, and that the log was only added to."""
