"""Reading certificates: a worker their own, a body and an institution theirs, officers and auditors their areas'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, text, true

from services.evaluation.certificates.domain import LIVE, NEVER_VALID, CertificateNotFound, HeldCertificate, Series
from services.evaluation.certificates.models import Certificate
from services.evaluation.enrolment_facts.queries import ids_of_institution
from shared.http import PageRequest
from shared.persistence import UnitOfWork
from shared.persons import records_of_person
from shared.security import Principal, Role

NEXT_SERIALS = text(
    """
    INSERT INTO certificate_serials AS serials (prefix, last, most) VALUES (:prefix, :count, :most)
    ON CONFLICT (prefix) DO UPDATE SET last = serials.last + :count RETURNING last
    """
)


def seen_by(caller: Principal) -> ColumnElement[bool]:
    """Which certificates the caller may see (DOMAIN §4, 15)."""
    if caller.role in (Role.OFFICER, Role.AUDITOR) and caller.covers_city:
        return true()
    if caller.role in (Role.OFFICER, Role.AUDITOR):
        return Certificate.area.in_(caller.areas)
    if caller.role is Role.BODY:
        return Certificate.body == caller.organisation
    if caller.role is Role.INSTITUTION:
        return Certificate.enrolment_id.in_(ids_of_institution(caller.organisation))
    return Certificate.person_id.in_(records_of_person(caller.person))


async def see_certificate(uow: UnitOfWork, certificate_id: UUID, caller: Principal) -> Certificate:
    """A certificate that the caller may see; `CertificateNotFound` otherwise."""
    statement = select(Certificate).where(Certificate.id == certificate_id, seen_by(caller))
    found = (await uow.session.scalars(statement)).one_or_none()
    if found is None:
        raise CertificateNotFound
    return found


async def lock_certificate(uow: UnitOfWork, certificate_id: UUID, caller: Principal, *, against: str) -> Certificate:
    """A certificate that the caller may see, locked; `CertificateNotFound` otherwise."""
    await see_certificate(uow, certificate_id, caller)
    return (await uow.lock_rows(Certificate, [certificate_id], against=against))[certificate_id]


async def list_certificates(
    uow: UnitOfWork,
    page: PageRequest,
    caller: Principal,
    *,
    person_id: UUID | None,
    voucher_id: UUID | None,
    enrolment_id: UUID | None,
) -> Sequence[Certificate]:
    """One page of the certificates that the caller may see, by id."""
    statement = select(Certificate).where(seen_by(caller)).order_by(Certificate.id).limit(page.fetch)
    if page.after_uuid is not None:
        statement = statement.where(Certificate.id > page.after_uuid)
    if person_id is not None:
        statement = statement.where(Certificate.person_id == person_id)
    if voucher_id is not None:
        statement = statement.where(Certificate.voucher_id == voucher_id)
    if enrolment_id is not None:
        statement = statement.where(Certificate.enrolment_id == enrolment_id)
    return list(await uow.session.scalars(statement))


async def held_certificates(
    uow: UnitOfWork, people: Iterable[UUID], skill_code: str, level: int
) -> Mapping[UUID, Sequence[HeldCertificate]]:
    """Per person all certificates of the skill and level, whatever has become of them."""
    found: dict[UUID, list[HeldCertificate]] = {}
    asked = [getattr(Certificate, field.name) for field in fields(HeldCertificate)]
    statement = select(Certificate.person_id, *asked).where(
        Certificate.person_id.in_(set(people)), Certificate.skill_code == skill_code, Certificate.level == level
    )
    for person_id, *said in await uow.session.execute(statement):
        found.setdefault(person_id, []).append(HeldCertificate(*said))
    return found


async def lock_live(
    uow: UnitOfWork, people: Iterable[UUID], skill_code: str, level: int, *, against: str
) -> Sequence[Certificate]:
    """The live certificates that these people have of the skill and level, locked."""
    statement = select(Certificate.id).where(
        Certificate.person_id.in_(set(people)),
        Certificate.skill_code == skill_code,
        Certificate.level == level,
        Certificate.status.in_([str(state) for state in LIVE]),
    )
    rows = await uow.lock_rows(Certificate, list(await uow.session.scalars(statement)), against=against)
    return [row for row in rows.values() if row.status in LIVE]


async def lock_reviewed(uow: UnitOfWork, people: Iterable[UUID], skill_code: str, level: int) -> Sequence[Certificate]:
    """The permits that these people have or had of the skill, locked; without those that were never valid."""
    statement = select(Certificate.id).where(
        Certificate.person_id.in_(set(people)), Certificate.skill_code == skill_code, Certificate.level == level
    )
    against = "a permit that is revoked while its review is confirmed"
    rows = await uow.lock_rows(Certificate, list(await uow.session.scalars(statement)), against=against)
    return [row for row in rows.values() if row.status not in NEVER_VALID]


async def next_serials(uow: UnitOfWork, series: Series, count: int) -> range:
    """`count` serials that nobody else gets; `CertificateNumbersExhausted` comes from the database."""
    given = {"prefix": series.prefix, "count": count, "most": series.most}
    last = (await uow.session.execute(NEXT_SERIALS, given)).scalar_one()
    return range(last - count + 1, last + 1)


async def find_certificate(uow: UnitOfWork, certificate_id: UUID) -> Certificate | None:
    """Any certificate, for its public verification."""
    return await uow.session.get(Certificate, certificate_id)


async def with_number(uow: UnitOfWork, number: str) -> Certificate | None:
    """The certificate with this public number, for its public verification."""
    return (await uow.session.scalars(select(Certificate).where(Certificate.number == number))).one_or_none()


async def lock_due_to_expire(uow: UnitOfWork, limit: int) -> Mapping[UUID, bool]:
    """Permits that were not reviewed by the day that is at most their last, locked against a revocation meanwhile.

    True where their validity is over as well.
    """
    over = func.coalesce(Certificate.valid_until < uow.today, false())
    statement = (
        select(Certificate.id, over.label("over"))
        .where(Certificate.status.in_([str(state) for state in LIVE]), Certificate.review_due_on < uow.today)
        .order_by(Certificate.id)
        .limit(limit)
        .with_for_update()
    )
    return {row.id: row.over for row in await uow.session.execute(statement)}
