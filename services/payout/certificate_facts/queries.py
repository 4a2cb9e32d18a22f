"""Reading certificates with their status under lock, the stored signature verified anew each time."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.payout.certificate_facts.domain import Certificate, CertificateState
from services.payout.certificate_facts.models import CertificateCopy, CertificateStatusFact
from shared.persistence import UnitOfWork
from shared.security import CertificateFacts, CertificateSignatureInvalid, KeySet, verify_certificate


async def lock_certificates(uow: UnitOfWork, ids: Collection[UUID], *, against: str) -> dict[UUID, Certificate]:
    """The copies of these certificates, their statuses locked; the first in the order of locks.

    A copy without a status row, the event that issues it not having arrived, answers status None.
    """
    if not against:
        raise ValueError("a lock says which race it stops")
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(CertificateStatusFact.certificate_id, CertificateStatusFact.status)
    query = query.where(CertificateStatusFact.certificate_id.in_(wanted)).order_by(CertificateStatusFact.certificate_id)
    rows = await uow.session.execute(query.with_for_update())
    statuses = {row.certificate_id: CertificateState(row.status) for row in rows}
    copies = await uow.session.scalars(select(CertificateCopy).where(CertificateCopy.certificate_id.in_(wanted)))
    keys = uow.keys.certificates
    return {copy.certificate_id: _certificate(copy, statuses.get(copy.certificate_id), keys) for copy in copies}


def _certificate(copy: CertificateCopy, status: CertificateState | None, keys: KeySet) -> Certificate:
    return Certificate(
        id=copy.certificate_id,
        person_id=copy.person_id,
        skill_code=copy.skill_code,
        level=copy.level,
        kind=copy.kind,
        act=copy.act,
        occasion=copy.occasion,
        priced_on=copy.priced_on,
        status=status,
        verified=says(copy, keys),
    )


def says(copy: CertificateCopy, keys: KeySet) -> bool:
    """Whether the stored text is signed by a pinned key and says what the row says."""
    try:
        signed = verify_certificate(copy.jws, keys)
    except CertificateSignatureInvalid:
        return False
    return columns_of(signed) == {name: getattr(copy, name) for name in columns_of(signed)}


def columns_of(signed: CertificateFacts) -> dict[str, object]:
    """What of a signed certificate a copy stores in columns."""
    return {
        "certificate_id": signed.certificate_id,
        "person_id": signed.person_id,
        "skill_code": signed.skill_code,
        "level": signed.level,
        "kind": signed.kind,
        "act": signed.act,
        "occasion": signed.occasion,
        "assessed_on": signed.assessed_on,
        "issued_on": signed.issued_on,
        "priced_on": signed.assessed_on or signed.issued_on,
    }
