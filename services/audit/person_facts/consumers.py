"""Hearing of people from the voucher service, which alone knows who they are."""

from collections.abc import Sequence

from services.audit.person_facts import service
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_person_registered(uow: UnitOfWork, events: Sequence[PersonRegisteredV1]) -> None:
    """Keep the people."""
    await service.keep_people(uow, events)


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Count two records as one person from now on, backwards too."""
    await service.join_records(uow, events)


HANDLERS: Handlers = {
    PersonRegisteredV1: on_person_registered,
    PersonSupersededV1: on_person_superseded,
}
