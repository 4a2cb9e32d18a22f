"""Topics: one a service, twelve partitions each, keyed by the aggregate's id."""

from shared.persistence.plumbing import PARTITIONS

__all__ = ["CONSUMES", "PARTITIONS", "SERVICES", "group_of", "topic_of"]

CONSUMES = {
    "voucher": ("training", "evaluation", "payout"),
    "training": ("voucher",),
    "evaluation": ("voucher", "training"),
    "payout": ("voucher", "training", "evaluation"),
    "audit": ("voucher", "training", "evaluation", "payout", "audit"),
}
"""Whose topics each service hears."""

SERVICES = tuple(CONSUMES)


def topic_of(service: str) -> str:
    """The topic that carries every event of a service."""
    return f"skill-voucher.{service}"


def group_of(service: str) -> str:
    """The consumer group in which a service hears the others."""
    return f"skill-voucher.{service}"
