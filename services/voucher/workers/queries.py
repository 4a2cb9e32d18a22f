"""Reading people's records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam, select, text

from services.voucher.workers.domain import PersonNotFound, PersonState
from services.voucher.workers.models import NameProposal, Worker, WorkerChange
from shared.persistence import UnitOfWork
from shared.security import PersonNotRegistered, Principal

People: TypeAlias = Mapping[UUID, Worker]
"""Records by person."""

Owners: TypeAlias = Mapping[UUID, Sequence[UUID]]
"""By record, the people asked for whose record it is: one's own, and those of the same person under another record."""

RECORDS_OF = """
    WITH RECURSIVE survivors (person_id, record_id) AS (
        SELECT id, id FROM unnest(:people) AS asked (id)
        UNION
        SELECT survivors.person_id, workers.survivor_id
        FROM survivors JOIN workers ON workers.id = survivors.record_id
        WHERE workers.survivor_id IS NOT NULL
    ), records (person_id, record_id) AS (
        SELECT person_id, record_id FROM survivors
        UNION
        SELECT records.person_id, superseded.id
        FROM records JOIN workers AS superseded ON superseded.survivor_id = records.record_id
    )
"""
"""What `records` are in a statement: by each of `:people` every record of theirs."""

RECORDS = text(f"{RECORDS_OF} SELECT person_id, record_id FROM records").bindparams(  # noqa: S608  # our own constant
    bindparam("people", type_=ARRAY(Uuid))
)


async def get_person(uow: UnitOfWork, person_id: UUID) -> Worker:
    """One person's record; `PersonNotFound` if there is none."""
    found = await uow.session.get(Worker, person_id)
    if found is None:
        raise PersonNotFound
    return found


async def find_name_proposal(uow: UnitOfWork, person_id: UUID, proposal_id: UUID) -> NameProposal | None:
    """The person's latest proposal of a name, if it is this one and has not been approved."""
    approved = select(WorkerChange.proposal_id).where(WorkerChange.proposal_id == proposal_id)
    latest = select(NameProposal).where(NameProposal.person_id == person_id).order_by(NameProposal.id.desc()).limit(1)
    found = await uow.session.scalar(latest)
    if found is None or found.id != proposal_id or await uow.session.scalar(approved) is not None:
        return None
    return found


async def changes_of(uow: UnitOfWork, person_id: UUID) -> Sequence[WorkerChange]:
    """What a person's record said before each change, in their order."""
    found = select(WorkerChange).where(WorkerChange.person_id == person_id).order_by(WorkerChange.version)
    return (await uow.session.scalars(found)).all()


async def is_registered(uow: UnitOfWork, person_id: UUID) -> bool:
    """Whether there is a record of the person."""
    return await uow.session.scalar(select(Worker.id).where(Worker.id == person_id)) is not None


async def find_people(uow: UnitOfWork, person_ids: Iterable[UUID]) -> People:
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


async def is_record_of(uow: UnitOfWork, person_id: UUID, caller: Principal) -> bool:
    """Whether the record is the caller's own, or of the same person as theirs: the survivor acts for both (R16)."""
    if caller.person_id in (None, person_id):
        return caller.person_id == person_id
    return person_id in await owners_of(uow, [caller.person])


async def registered_person(uow: UnitOfWork, person_id: UUID) -> UUID:
    """Which person it is, the same for every record of theirs; `PersonNotRegistered` if there is none."""
    if not await is_registered(uow, person_id):
        raise PersonNotRegistered
    return (await natural_persons(uow, [person_id]))[person_id]


async def standing_people(uow: UnitOfWork, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Area by person, of those whose records stand."""
    rows = await uow.session.execute(
        select(Worker.id, Worker.area).where(Worker.id.in_(set(person_ids)), Worker.status == PersonState.REGISTERED)
    )
    return {row.id: row.area for row in rows}
