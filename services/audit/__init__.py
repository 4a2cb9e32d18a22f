"""Audit 审计: what happened. It hears every event, keeps a tamper-evident log and read models, and commands nothing."""
