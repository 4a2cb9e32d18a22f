"""Which certificates are used."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from services.voucher.certifications.models import VoucherCertificate
from shared.persistence import UnitOfWork


async def certificates_of(uow: UnitOfWork, voucher_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which certificate each of these vouchers was certified by."""
    rows = await uow.session.execute(
        select(VoucherCertificate.voucher_id, VoucherCertificate.certificate_id).where(
            VoucherCertificate.voucher_id.in_(set(voucher_ids))
        )
    )
    return {row.voucher_id: row.certificate_id for row in rows}
