"""Reading what evaluation said."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from services.voucher.certificate_facts.models import CertificateFact
from shared.persistence import UnitOfWork


async def revoked_among(uow: UnitOfWork, certificate_ids: Iterable[UUID | None]) -> set[UUID]:
    """Those of these certificates that are revoked."""
    revoked = select(CertificateFact.certificate_id).where(
        CertificateFact.certificate_id.in_(set(certificate_ids) - {None}), CertificateFact.revoked
    )
    return set(await uow.session.scalars(revoked))
