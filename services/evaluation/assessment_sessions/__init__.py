"""Assessment sessions: when, where and before whom a skill is assessed."""
