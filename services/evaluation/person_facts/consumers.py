"""Hearing of people."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.evaluation.person_facts.models import PersonFacts
from shared.contracts.voucher import PersonRegisteredV1, PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_person_registered(uow: UnitOfWork, events: Sequence[PersonRegisteredV1]) -> None:
    """Keep the person's digest, which goes into certificates, and area."""
    rows = [
        {
            "person_id": event.id,
            "subject_digest": event.subject_digest,
            "area": event.area,
            "source_version": event.version,
        }
        for event in sorted(events, key=lambda event: event.id)
    ]
    await uow.session.execute(insert(PersonFacts).values(rows).on_conflict_do_nothing())


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """Keep which record stands for this one, so that both count as one person. The survivor may be heard of later."""
    rows = [
        {"person_id": event.id, "survivor_id": event.survivor_id, "source_version": event.version}
        for event in sorted(events, key=lambda event: event.id)
    ]
    await uow.session.execute(update(PersonFacts), rows)


HANDLERS: Handlers = {PersonRegisteredV1: on_person_registered, PersonSupersededV1: on_person_superseded}
