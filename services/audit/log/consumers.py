"""Every event goes into the log before anything else is made of it."""

from collections.abc import Sequence

from services.audit.log.service import append_envelopes
from shared.messaging import Received
from shared.persistence import UnitOfWork


async def on_every(uow: UnitOfWork, received: Sequence[Received]) -> None:
    """Append the envelopes to the chain, whatever events they carry."""
    await append_envelopes(uow, received)
