"""Reading what is recorded of people, under whichever of their records it was recorded."""

from uuid import UUID

from sqlalchemy import select

from services.voucher.evidence.domain import VitalStatus
from services.voucher.evidence.models import OutsideBenefit, RegisterExtract
from services.voucher.workers.queries import Owners, owners_of
from shared.persistence import UnitOfWork


async def deceased_records(uow: UnitOfWork) -> set[UUID]:
    """Every record of the people whom the register of deaths names, unless it has said since that they live."""
    named = select(RegisterExtract.person_id).where(RegisterExtract.vital_status == VitalStatus.DECEASED).distinct()
    owners = await owners_of(uow, await uow.session.scalars(named))
    deceased = await _deceased_among(uow, owners)
    return {record for record, people in owners.items() if not deceased.isdisjoint(people)}


async def _deceased_among(uow: UnitOfWork, owners: Owners) -> set[UUID]:
    statement = (
        select(RegisterExtract)
        .where(RegisterExtract.person_id.in_(owners), RegisterExtract.vital_status != VitalStatus.UNKNOWN)
        .order_by(RegisterExtract.as_of, RegisterExtract.id)
    )
    last: dict[UUID, str] = {}
    for extract in await uow.session.scalars(statement):
        last |= dict.fromkeys(owners[extract.person_id], extract.vital_status)
    return {person_id for person_id, said in last.items() if said == VitalStatus.DECEASED}


async def known_outside_benefits(uow: UnitOfWork, person_id: UUID) -> set[tuple[str, str, int]]:
    """Programme, skill and level of the benefits that are recorded under this very record."""
    rows = await uow.session.execute(
        select(OutsideBenefit.programme, OutsideBenefit.skill_code, OutsideBenefit.level).where(
            OutsideBenefit.person_id == person_id
        )
    )
    return {(row.programme, row.skill_code, row.level) for row in rows}
