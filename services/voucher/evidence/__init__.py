"""Evidence about people: what registers say, which priority groups they are of, what other offices paid (A13, A17)."""
