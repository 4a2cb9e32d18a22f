"""Classes (开班): drafted, filed, approved, amended, started, cancelled or stopped."""
