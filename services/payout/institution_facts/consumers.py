"""What training says about institutions; this room is written here and nowhere else."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.payout.institution_facts.models import InstitutionFact
from shared.contracts.training import (
    InstitutionAppliedV1,
    InstitutionEvent,
    InstitutionListedV1,
    InstitutionReinstatedV1,
    InstitutionRemovedV1,
    InstitutionSuspendedV1,
    InstitutionWarnedV1,
)
from shared.messaging import Handler, Handlers
from shared.persistence import UnitOfWork


def _keeps(status: str) -> Handler:
    """A handler that keeps `status` as the standing of its events' institutions."""

    async def keep(uow: UnitOfWork, events: Sequence[InstitutionEvent]) -> None:
        rows = [
            {"credit_code": event.id, "version": event.version, "status": status}
            for event in sorted(events, key=lambda event: str(event.id))
        ]
        statement = insert(InstitutionFact)
        known = {"version": statement.excluded.version, "status": statement.excluded.status}
        newer = InstitutionFact.version < statement.excluded.version
        upsert = statement.on_conflict_do_update(index_elements=[InstitutionFact.credit_code], set_=known, where=newer)
        await uow.session.execute(upsert, rows)

    return keep


HANDLERS: Handlers = {
    InstitutionAppliedV1: _keeps("applied"),
    InstitutionListedV1: _keeps("listed"),
    InstitutionWarnedV1: _keeps("warned"),
    InstitutionSuspendedV1: _keeps("suspended"),
    InstitutionReinstatedV1: _keeps("listed"),
    InstitutionRemovedV1: _keeps("removed"),
}
