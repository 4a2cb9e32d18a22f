"""Files that carry released batches to the bank."""
