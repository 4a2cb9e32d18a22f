"""Keeps since when two records count as one person; this room is written here and nowhere else."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from services.payout.merger_facts.models import MergerFact
from shared.contracts.voucher import PersonSupersededV1
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_person_superseded(uow: UnitOfWork, events: Sequence[PersonSupersededV1]) -> None:
    """From now on the survivor acts for both (R16); voucher decided it earlier, but here each stood alone until now."""
    merged = insert(MergerFact)
    newest = merged.on_conflict_do_update(
        index_elements=[MergerFact.record_id], set_={"merged_at": merged.excluded.merged_at}
    )
    records = sorted({event.id for event in events})
    await uow.session.execute(newest, [{"record_id": record, "merged_at": uow.now} for record in records])


HANDLERS: Handlers = {PersonSupersededV1: on_person_superseded}
