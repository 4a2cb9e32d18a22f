"""Audit 审计: what happened. Consumes every event, keeps a tamper-evident log and read models, commands nothing."""
