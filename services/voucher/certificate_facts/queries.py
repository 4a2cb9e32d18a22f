"""Reading what evaluation said."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

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


async def reviews_due(uow: UnitOfWork, owners: Owners) -> dict[UUID, dict[str, date]]:
    """By person and skill the day by which the permit is reviewed next: the last of those that were not revoked."""
    last = func.max(CertificateFact.review_due_on).label("due_on")
    rows = await uow.session.execute(
        select(CertificateFact.person_id, CertificateFact.skill_code, last)
        .where(
            CertificateFact.person_id.in_(owners),
            CertificateFact.review_due_on.is_not(None),
            CertificateFact.revoked.is_(False),
        )
        .group_by(CertificateFact.person_id, CertificateFact.skill_code)
    )
    due: dict[UUID, dict[str, date]] = {}
    for row in rows:
        for person_id in owners[row.person_id]:
            of_person = due.setdefault(person_id, {})
            of_person[row.skill_code] = max(row.due_on, of_person.get(row.skill_code, row.due_on))
    return due


async def revoked_among(uow: UnitOfWork, certificate_ids: Iterable[UUID | None]) -> set[UUID]:
    """Those of these certificates that are revoked."""
    revoked = select(CertificateFact.certificate_id).where(
        CertificateFact.certificate_id.in_(set(certificate_ids) - {None}), CertificateFact.revoked
    )
    return set(await uow.session.scalars(revoked))
