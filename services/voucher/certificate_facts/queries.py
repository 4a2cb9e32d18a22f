"""Reading what evaluation said."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from services.voucher.certificate_facts.models import CertificateFact
from services.voucher.workers.queries import Owners
from shared.persistence import UnitOfWork


async def levels_held(uow: UnitOfWork, owners: Owners) -> dict[UUID, set[tuple[str, int]]]:
    """Skill and level of the certificates of people, by person, under whichever record."""
    rows = await uow.session.execute(
        select(CertificateFact.person_id, CertificateFact.skill_code, CertificateFact.level).where(
            CertificateFact.person_id.in_(owners), CertificateFact.revoked.is_(False)
        )
    )
    held: dict[UUID, set[tuple[str, int]]] = {}
    for row in rows:
        for person_id in owners[row.person_id]:
            held.setdefault(person_id, set()).add((row.skill_code, row.level))
    return held


async def revoked_among(uow: UnitOfWork, certificate_ids: Iterable[UUID | None]) -> set[UUID]:
    """Those of these certificates that are revoked."""
    revoked = select(CertificateFact.certificate_id).where(
        CertificateFact.certificate_id.in_(set(certificate_ids) - {None}), CertificateFact.revoked
    )
    return set(await uow.session.scalars(revoked))
