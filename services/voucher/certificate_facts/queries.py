"""Reading what evaluation said."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from services.voucher.certificate_facts.models import CertificateFact
from shared.persistence import UnitOfWork


async def levels_held(uow: UnitOfWork, records: Mapping[UUID, UUID]) -> dict[UUID, set[tuple[str, int]]]:
    """Skill and level of the certificates of people, by person; `records` says whose each record is."""
    rows = await uow.session.execute(
        select(CertificateFact.person_id, CertificateFact.skill_code, CertificateFact.level).where(
            CertificateFact.person_id.in_(records), CertificateFact.revoked.is_(False)
        )
    )
    held: dict[UUID, set[tuple[str, int]]] = {}
    for row in rows:
        held.setdefault(records[row.person_id], set()).add((row.skill_code, row.level))
    return held
