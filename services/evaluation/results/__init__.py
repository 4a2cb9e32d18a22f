"""Results: what the supervisor confirms, who passes, what an appeal changes."""
