"""Topics: one a service, twelve partitions each, keyed by the aggregate's id."""

from shared.persistence.plumbing import PARTITIONS

__all__ = ["PARTITIONS", "group_of", "topic_of"]

SERVICES = ("voucher", "training", "evaluation", "payout", "audit")


def topic_of(service: str) -> str:
    """The topic that carries every event of a service."""
    return f"skill-voucher.{service}"


def group_of(service: str) -> str:
    """The consumer group in which a service hears the others."""
    return f"skill-voucher.{service}"
