"""Reading what is recorded of people, under whichever of their records it was recorded."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from services.voucher.evidence.domain import Evidence, FiscalPayroll, Pension, Training, VitalStatus
from services.voucher.evidence.models import GroupEvidence, OutsideBenefit, RegisterExtract
from services.voucher.workers.queries import Owners, owners_of
from shared.persistence import UnitOfWork


async def evidence_of(uow: UnitOfWork, people: Iterable[UUID], owners: Owners, today: date) -> dict[UUID, Evidence]:
    """What registers and officers have said of each of `people` up to the business date `today`."""
    extracts = await _latest_extracts(uow, owners)
    groups = await _groups(uow, owners, today)
    benefits = await _outside_benefits(uow, owners)
    deceased = await _deceased_among(uow, owners)
    found = {}
    for person_id in people:
        extract, of_groups = extracts.get(person_id), groups.get(person_id, [])
        found[person_id] = Evidence(
            pension=Pension(extract.pension) if extract else Pension.UNKNOWN,
            fiscal_payroll=FiscalPayroll(extract.fiscal_payroll) if extract else FiscalPayroll.UNKNOWN,
            outside_benefits_known=extract.outside_benefits_known if extract else False,
            extract_id=extract.id if extract else None,
            extract_as_of=extract.as_of if extract else None,
            groups=frozenset(row.group_code for row in of_groups),
            group_evidence=tuple(row.id for row in of_groups),
            outside_benefits=tuple(benefits.get(person_id, ())),
            deceased=person_id in deceased,
        )
    return found


async def _latest_extracts(uow: UnitOfWork, owners: Owners) -> dict[UUID, RegisterExtract]:
    statement = (
        select(RegisterExtract)
        .ext(distinct_on(RegisterExtract.person_id))
        .where(RegisterExtract.person_id.in_(owners))
        .order_by(RegisterExtract.person_id, RegisterExtract.as_of.desc(), RegisterExtract.id.desc())
    )
    latest: dict[UUID, RegisterExtract] = {}
    for extract in await uow.session.scalars(statement):
        for person_id in owners[extract.person_id]:
            known = latest.get(person_id)
            if known is None or (known.as_of, known.id) < (extract.as_of, extract.id):
                latest[person_id] = extract
    return latest


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


async def _groups(uow: UnitOfWork, owners: Owners, today: date) -> dict[UUID, list[GroupEvidence]]:
    statement = (
        select(GroupEvidence)
        .where(
            GroupEvidence.person_id.in_(owners),
            GroupEvidence.as_of <= today,
            GroupEvidence.until.is_(None) | (GroupEvidence.until >= today),
        )
        .order_by(GroupEvidence.id)
    )
    found: dict[UUID, list[GroupEvidence]] = {}
    for evidence in await uow.session.scalars(statement):
        for person_id in owners[evidence.person_id]:
            found.setdefault(person_id, []).append(evidence)
    return found


async def _outside_benefits(uow: UnitOfWork, owners: Owners) -> dict[UUID, list[Training]]:
    statement = select(OutsideBenefit).where(OutsideBenefit.person_id.in_(owners)).order_by(OutsideBenefit.id)
    found: dict[UUID, list[Training]] = {}
    for benefit in await uow.session.scalars(statement):
        training = Training(benefit.skill_code, benefit.level, benefit.taken_on.year)
        for person_id in owners[benefit.person_id]:
            found.setdefault(person_id, []).append(training)
    return found


async def known_outside_benefits(uow: UnitOfWork, person_id: UUID) -> set[tuple[str, str, int]]:
    """Programme, skill and level of the benefits that are recorded under this very record."""
    rows = await uow.session.execute(
        select(OutsideBenefit.programme, OutsideBenefit.skill_code, OutsideBenefit.level).where(
            OutsideBenefit.person_id == person_id
        )
    )
    return {(row.programme, row.skill_code, row.level) for row in rows}
