"""Classes: filed, approved, held, verified (开班备案)."""
