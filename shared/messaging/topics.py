"""Topics: one a service, twelve partitions each, keyed by the aggregate's id."""

from shared.persistence.plumbing import PARTITIONS

__all__ = ["CONSUMES", "PARTITIONS", "SERVICES", "TOPICS_BEGIN", "group_of", "owner_of", "topic_of"]

CONSUMES = {
    "voucher": ("training", "evaluation", "payout"),
    "training": ("voucher",),
    "evaluation": ("voucher", "training"),
    "payout": ("voucher", "training", "evaluation"),
    "audit": ("voucher", "training", "evaluation", "payout", "audit"),
}
"""Whose topics each service reads. The brokers let it read no others."""

SERVICES = tuple(CONSUMES)

TOPICS_BEGIN = "skill-voucher."
"""How the names of all our topics and groups begin."""


def topic_of(service: str) -> str:
    """The topic that carries every event of a service."""
    return f"{TOPICS_BEGIN}{service}"


def owner_of(topic: str) -> str:
    """The service whose events a topic carries; what stands behind a hyphen tells topics of one service apart."""
    return topic.removeprefix(TOPICS_BEGIN).partition("-")[0]


def group_of(service: str) -> str:
    """The consumer group in which a service reads the others' topics."""
    return f"{TOPICS_BEGIN}{service}"
