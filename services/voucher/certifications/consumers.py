"""What evaluation says of certificates that name a voucher."""

from collections.abc import Sequence
from uuid import UUID

from services.voucher.certifications.domain import CertifyRequest
from services.voucher.certifications.service import certify_vouchers, uncertify_revoked
from shared.contracts.evaluation import (
    CertificateFields,
    CertificateIssuedV1,
    CertificateRevokedV1,
    CertificateVerifiedV1,
)
from shared.messaging import Handlers
from shared.persistence import UnitOfWork


async def on_certificate_validated(uow: UnitOfWork, events: Sequence[CertificateFields]) -> None:
    """A certificate is valid: the voucher it names certifies or says why not. One without a voucher is no concern."""
    await certify_vouchers(uow, [_request(event, event.voucher_id) for event in events if event.voucher_id is not None])


async def on_certificate_revoked(uow: UnitOfWork, events: Sequence[CertificateRevokedV1]) -> None:
    """No certificate stands for the voucher any more: another one may (R3)."""
    await uncertify_revoked(uow, [event.id for event in events])


def _request(event: CertificateFields, voucher_id: UUID) -> CertifyRequest:
    return CertifyRequest(
        voucher_id=voucher_id,
        certificate_id=event.id,
        person_id=event.person_id,
        skill_code=event.skill_code,
        level=event.level,
        act=event.act,
        occasion=event.occasion,
        enrolment_id=event.enrolment_id,
        assessed_on=event.assessed_on,
        completed_on=event.completed_on,
        issued_on=event.issued_on,
        jws=event.jws,
    )


HANDLERS: Handlers = {
    CertificateIssuedV1: on_certificate_validated,
    CertificateVerifiedV1: on_certificate_validated,
    CertificateRevokedV1: on_certificate_revoked,
}
"""An imported certificate is not valid until the outside register confirms it, so its import alone moves nothing."""
