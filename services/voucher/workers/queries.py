"""Reading people's records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from services.voucher.eligibility.domain import FiscalPayroll, Pension, PersonFacts, Training
from services.voucher.workers.domain import PersonNotFound, PersonStatus
from services.voucher.workers.models import GroupEvidence, OutsideBenefit, RegisterExtract, Worker
from shared.kernel.citizen_id import age_on
from shared.persistence import UnitOfWork

People: TypeAlias = Mapping[UUID, Worker]
"""Records by person."""

Owners: TypeAlias = Mapping[UUID, Sequence[UUID]]
"""By record, the people asked for whose record it is: one's own, and those of the same person under another record."""

RECORDS = text(
    """
    WITH RECURSIVE survivors (person_id, record_id) AS (
        SELECT id, id FROM unnest(:people) AS asked (id)
        UNION
        SELECT survivors.person_id, workers.superseded_by
        FROM survivors JOIN workers ON workers.id = survivors.record_id
        WHERE workers.superseded_by IS NOT NULL
    ), records (person_id, record_id) AS (
        SELECT person_id, record_id FROM survivors
        UNION
        SELECT records.person_id, superseded.id
        FROM records JOIN workers AS superseded ON superseded.superseded_by = records.record_id
    )
    SELECT person_id, record_id FROM records
    """
).bindparams(bindparam("people", type_=ARRAY(Uuid)))


async def person_by_id(uow: UnitOfWork, person_id: UUID) -> Worker:
    """One person's record; `PersonNotFound` if there is none."""
    found = await uow.session.get(Worker, person_id)
    if found is None:
        raise PersonNotFound
    return found


async def people_by_id(uow: UnitOfWork, person_ids: Iterable[UUID]) -> People:
    """Records by person; whoever is not registered is left out."""
    found = await uow.session.scalars(select(Worker).where(Worker.id.in_(set(person_ids))))
    return {person.id: person for person in found}


async def people_by_index(uow: UnitOfWork, indexes: Iterable[bytes]) -> dict[bytes, Worker]:
    """Records by the blind index of their ID number."""
    wanted = bindparam("indexes", list(set(indexes)), type_=ARRAY(LargeBinary))
    found = await uow.session.scalars(select(Worker).where(Worker.id_number_index == wanted.any_()))
    return {person.id_number_index: person for person in found}


async def lock_people(uow: UnitOfWork, person_ids: Iterable[UUID], *, against: str) -> dict[UUID, Worker]:
    """Lock people's records, ascending: what is decided of one person is decided one at a time."""
    return await uow.lock_rows(Worker, person_ids, against=against)


async def owners_of(uow: UnitOfWork, person_ids: Iterable[UUID]) -> Owners:
    """Every record of these people, superseded and surviving ones too: two records of one person are one person."""
    owners: dict[UUID, list[UUID]] = {}
    for row in await uow.session.execute(RECORDS, {"people": list(set(person_ids))}):
        owners.setdefault(row.record_id, []).append(row.person_id)
    return owners


async def natural_persons(uow: UnitOfWork, person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """By record, which person it is: the same answer for every record of one person, and for nobody else's."""
    natural: dict[UUID, UUID] = {}
    for record_id, people in sorted((await owners_of(uow, person_ids)).items()):
        natural |= {person_id: record_id for person_id in people if person_id not in natural}
    return natural


async def offerable(uow: UnitOfWork, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Area by person, of those whose records stand."""
    rows = await uow.session.execute(
        select(Worker.id, Worker.area).where(Worker.id.in_(set(person_ids)), Worker.status == PersonStatus.REGISTERED)
    )
    return {row.id: row.area for row in rows}


async def known_facts(uow: UnitOfWork, people: People, owners: Owners, today: date) -> dict[UUID, PersonFacts]:
    """What the registers and officers have said of `people`, as of the business date `today`.

    What was recorded under another record of the same person counts for him.
    """
    extracts = await _latest_extracts(uow, owners)
    groups = await _groups(uow, owners, today)
    benefits = await _outside_benefits(uow, owners)
    facts = {}
    for person_id, person in people.items():
        extract = extracts.get(person_id)
        evidence = groups.get(person_id, [])
        facts[person_id] = PersonFacts(
            person_id=person_id,
            age_years=age_on(person.reveal("id_number", uow.keys.fields), today),
            area=person.area,
            superseded=person.status == PersonStatus.SUPERSEDED,
            pension=Pension(extract.pension) if extract else Pension.UNKNOWN,
            fiscal_payroll=FiscalPayroll(extract.fiscal_payroll) if extract else FiscalPayroll.UNKNOWN,
            outside_benefits_known=extract.outside_benefits_known if extract else False,
            extract_id=extract.id if extract else None,
            extract_as_of=extract.as_of if extract else None,
            groups=frozenset(row.group_code for row in evidence),
            group_evidence=tuple(row.id for row in evidence),
            trainings=tuple(benefits.get(person_id, ())),
        )
    return facts


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
