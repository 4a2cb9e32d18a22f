"""What evaluation says of certificates, with a voucher or without."""

from collections.abc import Sequence

from services.voucher.certificate_facts.service import forget_certificates, keep_certificates
from shared.contracts.evaluation import (
    CertificateFields,
    CertificateIssuedV1,
    CertificateRevokedV1,
    CertificateVerifiedV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_certificate_validated(uow: UnitOfWork, events: Sequence[CertificateFields]) -> None:
    """Somebody holds a certificate of this skill and level: a lower one is not paid for any more (D7)."""
    await keep_certificates(uow, events)


async def on_certificate_revoked(uow: UnitOfWork, events: Sequence[CertificateRevokedV1]) -> None:
    """It never counted."""
    await forget_certificates(uow, [event.id for event in events])


HANDLERS: Handlers = {
    CertificateIssuedV1: on_certificate_validated,
    CertificateVerifiedV1: on_certificate_validated,
    CertificateRevokedV1: on_certificate_revoked,
}
