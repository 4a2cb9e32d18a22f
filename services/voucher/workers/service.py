"""Acts on people's records: register, supersede, unmask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.voucher.workers import domain, queries
from services.voucher.workers.domain import NameContradicts, PersonAction, RealNameMethod, UnmaskingAction
from services.voucher.workers.models import PersonalField, Unmasking, Worker
from shared.kernel.citizen_id import canonical_citizen_id
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.text import canonical_name
from shared.persistence import UnitOfWork
from shared.security import FieldCipher, Principal, Role, new_salt, subject_digest

ID_NUMBER_INDEX = "workers.id_number"
"""Purpose of the blind index: it matches no other index of the house."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A person whom the portal has verified (A3). `area` is a checked code of `areas.csv`."""

    name: str
    id_number: str
    phone: str
    area: str
    method: RealNameMethod
    level: int
    verified_at: datetime


async def register_people(uow: UnitOfWork, registrations: Sequence[Registration]) -> list[Worker | DomainError]:
    """Register people under their real names, one record each (A3, §二(二)6): the only place that mints a person_id.

    Whoever is registered already is answered as they are; another name for the same ID number is refused.
    """
    cipher = uow.keys.fields
    asked: list[tuple[Registration, bytes] | DomainError] = []
    for registration in registrations:
        try:
            number = canonical_citizen_id(registration.id_number)
            domain.canonical_phone(registration.phone)
        except DomainError as refusal:
            asked.append(refusal)
        else:
            asked.append((registration, cipher.blind_index(number, purpose=ID_NUMBER_INDEX)))
    by_index = {row[1]: row[0] for row in reversed(asked) if not isinstance(row, DomainError)}
    people = await queries.people_by_index(uow, by_index)
    new = [_new_record(cipher, person, index) for index, person in by_index.items() if index not in people]
    created = await uow.create_all(Worker, PersonAction.REGISTER, new, skip_conflicts=True)
    people |= {person.id_number_index: person for person in created}
    if raced := by_index.keys() - people.keys():
        people |= await queries.people_by_index(uow, raced)
    return [row if isinstance(row, DomainError) else _same_person(cipher, people[row[1]], row[0]) for row in asked]


def _new_record(cipher: FieldCipher, registration: Registration, index: bytes) -> dict[str, object]:
    person_id, salt = uuid7(), new_salt()
    name, number = canonical_name(registration.name), canonical_citizen_id(registration.id_number)
    personal: dict[PersonalField, str] = {
        "name": registration.name,
        "id_number": number,
        "phone": domain.canonical_phone(registration.phone),
        "salt": salt.hex(),
    }
    encrypted = {
        f"{field}_encrypted": cipher.encrypt(plain, table="workers", column=f"{field}_encrypted", row=person_id)
        for field, plain in personal.items()
    }
    return encrypted | {
        "id": person_id,
        "id_number_index": index,
        "subject_digest": subject_digest(salt, name, number),
        "area": registration.area,
        "real_name_method": registration.method,
        "real_name_level": registration.level,
        "real_name_verified_at": registration.verified_at,
    }


def _same_person(cipher: FieldCipher, person: Worker, registration: Registration) -> Worker | DomainError:
    same = canonical_name(person.reveal("name", cipher)) == canonical_name(registration.name)
    return person if same else NameContradicts()


async def supersede(uow: UnitOfWork, person_id: UUID, survivor_id: UUID) -> Worker:
    """State that two records are of one person, and which of them stands (§二(二)6). Nothing is merged."""
    people = await queries.lock_people(uow, [person_id, survivor_id], against="superseding in both directions at once")
    if person_id not in people or survivor_id not in people:
        raise domain.PersonNotFound
    person = people[person_id]
    domain.check_supersede(person.record_facts(), people[survivor_id].record_facts())
    person.survivor_id = survivor_id
    uow.move(person, PersonAction.SUPERSEDE)
    return person


async def unmask(
    uow: UnitOfWork, person: Worker, caller: Principal, reason_code: str, fields: Sequence[PersonalField]
) -> dict[PersonalField, str]:
    """Show personal data unmasked, and record who looked at what and why (DOMAIN §4, 14)."""
    record = Unmasking(person_id=person.id, account=caller.account, reason_code=reason_code, fields=list(fields))
    uow.create(record, UnmaskingAction.RECORD)
    return {field: person.reveal(field, uow.keys.fields) for field in fields}


async def see_person(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Worker:
    """One person's record, for that person, an officer of the area, or the portal; others find none (invariant 15)."""
    person = await queries.get_person(uow, person_id)
    allowed = {
        Role.WORKER: caller.person_id == person_id,
        Role.OFFICER: caller.covers(person.area),
        Role.PORTAL: True,
    }
    if not allowed.get(caller.role, False):
        raise domain.PersonNotFound
    return person


async def see_somebody_else(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Worker:
    """`see_person`, but `OwnRecord` for any record of the caller's own (DOMAIN §5, self-approval)."""
    person = await see_person(uow, caller, person_id)
    if caller.person_id is not None:
        natural = await queries.natural_persons(uow, {caller.person_id, person_id})
        if natural[caller.person_id] == natural[person_id]:
            raise domain.OwnRecord
    return person
