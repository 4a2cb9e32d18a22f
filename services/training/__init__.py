"""The training service 培训: where, when and how much was learned (§二(二)6,7)."""
