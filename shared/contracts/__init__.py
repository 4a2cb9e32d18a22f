"""What the services publish to each other: event models by owning service, and their frozen schemas.

A consumer imports the owner's event classes from here and nothing else of the owner.
"""

from shared.contracts import audit, evaluation, payout, training, voucher
from shared.contracts.envelope import Event, EventTypes

EVENT_TYPES = EventTypes(
    found
    for module in (voucher, training, evaluation, payout, audit)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Event) and "name" in vars(found)
)
"""Every event of the system; a new event class is here as soon as it is written."""
