"""Certificates over HTTP: reading, the public verification, and the acts of officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.certificates import queries, service
from services.evaluation.certificates.domain import (
    CertificateNotFound,
    CertificateRevocationNotProposed,
    CertificateRevocationSameOfficer,
    PermitNumberNotPublic,
)
from services.evaluation.certificates.schemas import (
    CertificateReasonRequest,
    CertificateView,
    JsonLdResponse,
    KeySetView,
    VerificationView,
    VerifyCertificateRequest,
)
from shared.http import (
    Allow,
    AppDatabase,
    Caller,
    Page,
    PageQuery,
    Public,
    Refuses,
    Role,
    Uow,
    api_router,
    idempotent_by_nature,
    rate_limited,
)
from shared.kernel.lifecycle import WrongState
from shared.security import published
from shared.security.certificates import CONTEXT_FILE

router = api_router(
    "/v1",
    tag="certificates",
    description="Certificates (持证), signed and numbered: anybody verifies one that is shown; two officers revoke.",
)
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.AUDITOR)
CHANGE = Refuses(CertificateNotFound, WrongState)
TWO_OFFICERS = Refuses(CertificateRevocationNotProposed, CertificateRevocationSameOfficer)


@router.get("/certificate-keys", dependencies=[Public])
async def get_certificate_keys(database: AppDatabase) -> KeySetView:
    """Read the public keys of certificates, a JWK set.

    A certificate's `kid` is the URL of this document with the key's name behind `#`.
    """
    return KeySetView.model_validate(published(database.keys.certificates))


@router.get(
    "/certificate-context",
    dependencies=[Public],
    response_class=JsonLdResponse,
    responses={200: {"content": {JsonLdResponse.media_type: {"schema": {"type": "object"}}}}},
)
async def get_certificate_context() -> JsonLdResponse:
    """Read the JSON-LD context of certificates, which each names beside the W3C's."""
    return JsonLdResponse(CONTEXT_FILE.read_bytes())


@router.get("/certificates", dependencies=[READERS])
async def list_certificates(
    uow: Uow,
    page: PageQuery,
    caller: Caller,
    person_id: Annotated[UUID | None, Query()] = None,
    voucher_id: Annotated[UUID | None, Query()] = None,
    enrolment_id: Annotated[UUID | None, Query()] = None,
) -> Page[CertificateView]:
    """List the certificates that the caller may see, of one person, voucher or enrolment if it is named."""
    found = await queries.list_certificates(
        uow, page, caller, person_id=person_id, voucher_id=voucher_id, enrolment_id=enrolment_id
    )
    return Page.of(found, page, CertificateView.model_validate)


@router.get("/certificates/{certificate_id}", dependencies=[READERS, Refuses(CertificateNotFound)])
async def get_certificate(certificate_id: UUID, uow: Uow, caller: Caller) -> CertificateView:
    """Read one certificate with its signed text."""
    return CertificateView.model_validate(await queries.see_certificate(uow, certificate_id, caller))


@router.post(
    "/certificate-verifications",
    dependencies=[Public, rate_limited, idempotent_by_nature, Refuses(PermitNumberNotPublic)],
)
async def verify_certificate(body: VerifyCertificateRequest, uow: Uow) -> VerificationView:
    """Verify a certificate that somebody shows, by its signed text or its number.

    What is printed on it is answered to whoever shows that they have it: by its signed text, or by its number with the
    day of issue. A number alone, which can be guessed from another, answers its status only. The holder's name is
    masked. An outside register is a week or two behind: `not_found_yet` may be asked again.
    """
    if body.jws is not None:
        return VerificationView.model_validate(await service.verify_text(uow, body.jws))
    return VerificationView.model_validate(await service.verify_number(uow, body.number or "", body.issued_on))


@router.post("/certificates/{certificate_id}/suspensions", dependencies=[Allow(Role.OFFICER), CHANGE])
async def suspend_certificate(
    certificate_id: UUID, body: CertificateReasonRequest, uow: Uow, caller: Caller
) -> CertificateView:
    """Suspend a certificate while something is looked into."""
    row = await service.suspend_certificate(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post("/certificates/{certificate_id}/reinstatements", dependencies=[Allow(Role.OFFICER), CHANGE])
async def reinstate_certificate(
    certificate_id: UUID, body: CertificateReasonRequest, uow: Uow, caller: Caller
) -> CertificateView:
    """End a certificate's suspension."""
    row = await service.reinstate_certificate(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post("/certificates/{certificate_id}/revocations", dependencies=[Allow(Role.OFFICER), CHANGE])
async def propose_certificate_revocation(
    certificate_id: UUID, body: CertificateReasonRequest, uow: Uow, caller: Caller
) -> CertificateView:
    """Propose to revoke a certificate. Its status stays until another officer approves."""
    row = await service.propose_revocation(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post(
    "/certificates/{certificate_id}/revocation-approvals", dependencies=[Allow(Role.OFFICER), CHANGE, TWO_OFFICERS]
)
async def approve_certificate_revocation(certificate_id: UUID, uow: Uow, caller: Caller) -> CertificateView:
    """Approve a proposed revocation, as another officer. The certificate is revoked for good."""
    return CertificateView.model_validate(await service.approve_revocation(uow, certificate_id, caller))
