"""Certificates over HTTP: reading, the public verification, and the acts of officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.evaluation.certificates import queries, service
from services.evaluation.certificates.schemas import (
    CertificateView,
    ReasonRequest,
    VerificationRequest,
    VerificationView,
)
from shared.http import Allow, Caller, Page, PageQuery, Public, Role, Uow, api_router, idempotent_by_nature

router = api_router("/v1", tag="certificates")
READERS = Allow(Role.WORKER, Role.INSTITUTION, Role.BODY, Role.OFFICER, Role.AUDITOR)


@router.get("/certificates", dependencies=[READERS])
async def list_certificates(
    uow: Uow,
    page: PageQuery,
    caller: Caller,
    person_id: Annotated[UUID | None, Query()] = None,
    voucher_id: Annotated[UUID | None, Query()] = None,
    enrolment_id: Annotated[UUID | None, Query()] = None,
) -> Page[CertificateView]:
    """The certificates that the caller may see."""
    found = await queries.list_certificates(
        uow, page, caller, person_id=person_id, voucher_id=voucher_id, enrolment_id=enrolment_id
    )
    return Page.of(found, page, CertificateView.model_validate)


@router.get("/certificates/{certificate_id}", dependencies=[READERS])
async def get_certificate(certificate_id: UUID, uow: Uow, caller: Caller) -> CertificateView:
    """One certificate."""
    return CertificateView.model_validate(await queries.get_certificate(uow, certificate_id, caller))


@router.post("/certificate-verifications", dependencies=[Public, idempotent_by_nature])
async def verify_certificate(body: VerificationRequest, uow: Uow) -> VerificationView:
    """Say whether a certificate that somebody shows is genuine, and whether it is valid now."""
    if body.jws is not None:
        return VerificationView.model_validate(await service.verify_text(uow, body.jws))
    return VerificationView.model_validate(await service.verify_number(uow, body.number or ""))


@router.post("/certificates/{certificate_id}/suspensions", dependencies=[Allow(Role.OFFICER)])
async def suspend_certificate(certificate_id: UUID, body: ReasonRequest, uow: Uow, caller: Caller) -> CertificateView:
    """Suspend a certificate."""
    row = await service.suspend_certificate(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post("/certificates/{certificate_id}/reinstatements", dependencies=[Allow(Role.OFFICER)])
async def reinstate_certificate(certificate_id: UUID, body: ReasonRequest, uow: Uow, caller: Caller) -> CertificateView:
    """End a suspension."""
    row = await service.reinstate_certificate(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post("/certificates/{certificate_id}/revocations", dependencies=[Allow(Role.OFFICER)])
async def propose_certificate_revocation(
    certificate_id: UUID, body: ReasonRequest, uow: Uow, caller: Caller
) -> CertificateView:
    """Propose to revoke a certificate; another officer approves."""
    row = await service.propose_revocation(uow, certificate_id, body.reason_code, caller)
    return CertificateView.model_validate(row)


@router.post("/certificates/{certificate_id}/revocation-approvals", dependencies=[Allow(Role.OFFICER)])
async def approve_certificate_revocation(certificate_id: UUID, uow: Uow, caller: Caller) -> CertificateView:
    """Approve a proposed revocation, as another officer."""
    return CertificateView.model_validate(await service.approve_revocation(uow, certificate_id, caller))
