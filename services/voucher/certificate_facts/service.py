"""Keep which certificates people hold."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.voucher.certificate_facts.models import CertificateFact
from shared.contracts.evaluation import CertificateFields
from shared.persistence import UnitOfWork


async def keep_certificates(uow: UnitOfWork, events: Sequence[CertificateFields]) -> None:
    """Certificates that are valid from now on, by whatever way they came."""
    rows = [
        {
            "certificate_id": event.id,
            "person_id": event.person_id,
            "skill_code": event.skill_code,
            "level": event.level,
            "review_due_on": event.review_due_on,
            "revoked": False,
        }
        for event in sorted(events, key=lambda event: event.id)
    ]
    await uow.session.execute(insert(CertificateFact).on_conflict_do_nothing(), rows)


async def forget_certificates(uow: UnitOfWork, certificate_ids: Sequence[UUID]) -> None:
    """Certificates that are revoked: they count no more (D7)."""
    statement = update(CertificateFact).where(CertificateFact.certificate_id.in_(certificate_ids)).values(revoked=True)
    await uow.session.execute(statement, execution_options={"synchronize_session": False})
