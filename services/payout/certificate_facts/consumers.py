"""Keeps copies of certificates, which payout verifies itself, and statuses, which only evaluation states."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.payout.certificate_facts.domain import CertificateState
from services.payout.certificate_facts.models import CertificateCopy, CertificateStatusFact
from services.payout.certificate_facts.queries import columns_of
from shared.contracts.evaluation import (
    CertificateExpiredV1,
    CertificateFields,
    CertificateImportedV1,
    CertificateIssuedV1,
    CertificateReinstatedV1,
    CertificateRevokedV1,
    CertificateStatusFields,
    CertificateSupersededV1,
    CertificateSuspendedV1,
    CertificateVerifiedV1,
)
from shared.contracts.voucher import VoucherCertifiedV1
from shared.messaging import Handler, Handlers
from shared.observability import logger
from shared.persistence import UnitOfWork
from shared.security import CertificateSignatureInvalid, verify_certificate

log = logger("payout.certificate_facts")


async def keep_verified_copies(uow: UnitOfWork, offered: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Store each (certificate, person, signed text) whose signature is a pinned key's and that says the same ids.

    Payout trusts the signature, not the topic: what does not verify is logged and stored nowhere, so that
    nothing can be paid on it. The first verified copy stays.
    """
    keys = uow.keys.certificates
    copies = []
    for certificate_id, person_id, jws in offered:
        try:
            signed = verify_certificate(jws, keys)
        except CertificateSignatureInvalid as refusal:
            log.error("certificate_not_kept", certificate_id=str(certificate_id), code=refusal.code)
            continue
        if (signed.certificate_id, signed.person_id) != (certificate_id, person_id):
            log.error("certificate_not_kept", certificate_id=str(certificate_id), code="certificate_contradicts_event")
            continue
        copies.append({**columns_of(signed), "jws": jws, "copied_at": uow.now})
    if copies:
        await uow.session.execute(insert(CertificateCopy).on_conflict_do_nothing(), copies)


async def _keep_status(uow: UnitOfWork, status: CertificateState, versions: Sequence[tuple[UUID, int]]) -> None:
    """Keep the status that the newest event states; an older one changes nothing."""
    statement = insert(CertificateStatusFact)
    known = {"status": statement.excluded.status, "version": statement.excluded.version}
    newer = CertificateStatusFact.version < statement.excluded.version
    await uow.session.execute(
        statement.on_conflict_do_update(index_elements=[CertificateStatusFact.certificate_id], set_=known, where=newer),
        [{"certificate_id": id_, "version": version, "status": status} for id_, version in sorted(versions)],
    )


def _keeps_copy(status: CertificateState) -> Handler:
    async def keep(uow: UnitOfWork, events: Sequence[CertificateFields]) -> None:
        await _keep_status(uow, status, [(event.id, event.version) for event in events])
        await keep_verified_copies(uow, [(event.id, event.person_id, event.jws) for event in events])

    return keep


def _keeps_status(status: CertificateState) -> Handler:
    async def keep(uow: UnitOfWork, events: Sequence[CertificateStatusFields]) -> None:
        await _keep_status(uow, status, [(event.id, event.version) for event in events])

    return keep


async def on_voucher_certified(uow: UnitOfWork, events: Sequence[VoucherCertifiedV1]) -> None:
    """The same certificate, sent by voucher: whichever event comes first brings the copy."""
    await keep_verified_copies(uow, [(event.certificate_id, event.person_id, event.jws) for event in events])


HANDLERS: Handlers = {
    CertificateIssuedV1: _keeps_copy(CertificateState.VALID),
    CertificateImportedV1: _keeps_copy(CertificateState.IMPORTED),
    CertificateVerifiedV1: _keeps_copy(CertificateState.VALID),
    CertificateSuspendedV1: _keeps_status(CertificateState.SUSPENDED),
    CertificateReinstatedV1: _keeps_status(CertificateState.VALID),
    CertificateRevokedV1: _keeps_status(CertificateState.REVOKED),
    CertificateExpiredV1: _keeps_status(CertificateState.EXPIRED),
    CertificateSupersededV1: _keeps_status(CertificateState.SUPERSEDED),
    VoucherCertifiedV1: on_voucher_certified,
}
