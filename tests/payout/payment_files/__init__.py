"""Released batches as files."""
