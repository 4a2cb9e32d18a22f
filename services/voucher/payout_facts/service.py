"""Keep what payout says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.voucher.payout_facts.domain import PayoutStage
from services.voucher.payout_facts.models import PayoutFact
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class PayoutNews:
    """What one payout event says of its voucher. `version` is the payout's own."""

    voucher_id: UUID
    payout_id: UUID
    stage: PayoutStage
    version: int
    moved_at: datetime
    code: str | None = None
    final: bool = False


async def keep_payouts(uow: UnitOfWork, news: Sequence[PayoutNews]) -> None:
    """Keep the newest of each payout."""
    if not news:
        return
    rows = {
        said.payout_id: {
            "payout_id": said.payout_id,
            "voucher_id": said.voucher_id,
            "stage": said.stage,
            "code": said.code,
            "final": said.final,
            "version": said.version,
            "moved_at": said.moved_at,
        }
        for said in sorted(news, key=lambda said: said.version)
    }
    statement = insert(PayoutFact)
    newest = {name: statement.excluded[name] for name in ("stage", "code", "final", "version", "moved_at")}
    newer = statement.excluded.version > PayoutFact.version
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[PayoutFact.payout_id], set_=newest, where=newer),
        [rows[payout_id] for payout_id in sorted(rows)],
    )
