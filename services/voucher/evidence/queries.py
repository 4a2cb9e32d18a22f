"""Reading what is recorded of people, under whichever of their records it was recorded."""

from uuid import UUID

from sqlalchemy import delete, select

from services.voucher.evidence.domain import VitalStatus
from services.voucher.evidence.models import OutsideBenefit, RegisterExtract, VitalChange
from services.voucher.workers.queries import Owners
from shared.persistence import UnitOfWork


async def lock_vital_changes(uow: UnitOfWork, limit: int) -> list[UUID]:
    """People whom the clock has to look at: the register of deaths spoke, or whose record is whose changed."""
    # Locked against another worker process that looks at the same people.
    due = select(VitalChange.person_id).order_by(VitalChange.person_id).limit(limit).with_for_update(skip_locked=True)
    taken = delete(VitalChange).where(VitalChange.person_id.in_(due)).returning(VitalChange.person_id)
    return sorted(await uow.session.scalars(taken))


async def deceased_among(uow: UnitOfWork, owners: Owners) -> set[UUID]:
    """Those of whom the register of deaths said last that they died, under whichever record."""
    statement = (
        select(RegisterExtract.person_id, RegisterExtract.vital_status)
        .where(RegisterExtract.person_id.in_(owners), RegisterExtract.vital_status != VitalStatus.UNKNOWN)
        .order_by(RegisterExtract.as_of, RegisterExtract.id)
    )
    last: dict[UUID, str] = {}
    for row in await uow.session.execute(statement):
        last |= dict.fromkeys(owners[row.person_id], row.vital_status)
    return {person_id for person_id, said in last.items() if said == VitalStatus.DECEASED}


async def known_outside_benefits(uow: UnitOfWork, person_id: UUID) -> set[tuple[str, str, int]]:
    """Programme, skill and level of the benefits that are recorded under this very record."""
    rows = await uow.session.execute(
        select(OutsideBenefit.programme, OutsideBenefit.skill_code, OutsideBenefit.level).where(
            OutsideBenefit.person_id == person_id
        )
    )
    return {(row.programme, row.skill_code, row.level) for row in rows}
