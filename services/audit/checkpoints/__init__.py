"""Signed heads of the log's tree (C2SP checkpoints): every five minutes, kept outside too, cosigned by others."""
