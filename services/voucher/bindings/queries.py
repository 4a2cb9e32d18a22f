"""Reading mandates."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.voucher.bindings.domain import MandateFacts
from services.voucher.bindings.models import Mandate
from shared.persistence import UnitOfWork


async def mandate_facts(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, MandateFacts]:
    """What is kept under these ids; an id that nobody gave is missing."""
    if not ids:
        return {}
    found = await uow.session.scalars(select(Mandate).where(Mandate.id.in_(ids)))
    return {row.id: MandateFacts(row.voucher_id, row.person_id, row.institution, row.payee_id) for row in found}
