"""Acts on people's records: register, state facts, supersede, unmask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.voucher.eligibility.domain import FiscalPayroll, Pension
from services.voucher.workers import domain, queries
from services.voucher.workers.domain import Group, NameContradicts, PersonAction, RealNameMethod, UnmaskingAction
from services.voucher.workers.models import (
    GroupEvidence,
    OutsideBenefit,
    PersonalField,
    RegisterExtract,
    Unmasking,
    Worker,
)
from shared.kernel.citizen_id import canonical_citizen_id
from shared.kernel.errors import DomainError
from shared.kernel.ids import uuid7
from shared.kernel.text import canonical_name, shown_name
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


@dataclass(frozen=True, slots=True)
class OtherBenefit:
    """A training benefit that another office paid."""

    programme: str
    skill_code: str
    level: int
    taken_on: date


async def register_people(uow: UnitOfWork, registrations: Sequence[Registration]) -> list[Worker | DomainError]:
    """Register people under their real names, one record each (A3, §二(二)6): the only place that mints a person_id.

    Whoever is registered already is answered as he is; another name for the same ID number is refused.
    """
    cipher = uow.keys.fields
    asked: list[tuple[Registration, bytes] | DomainError] = []
    for registration in registrations:
        try:
            number = canonical_citizen_id(registration.id_number)
            domain.canonical_phone(registration.phone)
            canonical_name(registration.name)
        except DomainError as refused:
            asked.append(refused)
        else:
            asked.append((registration, cipher.blind_index(number, purpose=ID_NUMBER_INDEX)))
    by_index = {one[1]: one[0] for one in reversed(asked) if not isinstance(one, DomainError)}
    people = await queries.people_by_index(uow, by_index)
    rows = [_new_record(cipher, one, index) for index, one in by_index.items() if index not in people]
    born = await uow.create_all(Worker, PersonAction.REGISTER, rows, skip_conflicts=True)
    people |= {person.id_number_index: person for person in born}
    if raced := by_index.keys() - people.keys():
        people |= await queries.people_by_index(uow, raced)
    return [one if isinstance(one, DomainError) else _same_person(cipher, people[one[1]], one[0]) for one in asked]


def _new_record(cipher: FieldCipher, registration: Registration, index: bytes) -> dict[str, object]:
    person_id, salt = uuid7(), new_salt()
    name, number = canonical_name(registration.name), canonical_citizen_id(registration.id_number)
    personal: dict[PersonalField, str] = {
        "name": shown_name(registration.name),
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


async def record_group(
    uow: UnitOfWork, person_id: UUID, group: Group, *, evidence: str, source: str, as_of: date, until: date | None,
    by: str
) -> Worker:  # fmt: skip
    """Record evidence that a person belongs to a priority group (A17). What was recorded stays; nothing travels."""
    person = await _lock_person(uow, person_id)
    row_id = uuid7()
    uow.session.add(
        GroupEvidence(
            id=row_id,
            person_id=person_id,
            group_code=group,
            evidence_encrypted=uow.keys.fields.encrypt(
                evidence, table="group_evidence", column="evidence_encrypted", row=row_id
            ),
            source=source,
            as_of=as_of,
            until=until,
            recorded_by=by,
            recorded_at=uow.recorded_at,
        )
    )
    return _facts_recorded(uow, person, "groups")


async def record_extract(
    uow: UnitOfWork, person_id: UUID, pension: Pension, fiscal_payroll: FiscalPayroll, *,
    other_benefits: Sequence[OtherBenefit] | None, source: str, as_of: date, by: str
) -> Worker:  # fmt: skip
    """Record what the registers say of a person (D16, A13). `other_benefits` is None where nobody was asked."""
    person = await _lock_person(uow, person_id)
    extract = RegisterExtract(
        id=uuid7(),
        person_id=person_id,
        pension=pension,
        fiscal_payroll=fiscal_payroll,
        outside_benefits_known=other_benefits is not None,
        source=source,
        as_of=as_of,
        recorded_by=by,
        recorded_at=uow.recorded_at,
    )
    uow.session.add(extract)
    await uow.session.flush()
    known = await queries.known_outside_benefits(uow, person_id)
    for benefit in other_benefits or ():
        if (benefit.programme, benefit.skill_code, benefit.level) not in known:
            row = {"programme": benefit.programme, "skill_code": benefit.skill_code, "level": benefit.level}
            uow.session.add(
                OutsideBenefit(person_id=person_id, extract_id=extract.id, taken_on=benefit.taken_on, **row)
            )
    return _facts_recorded(uow, person, "pension", "fiscal_payroll")


async def supersede(uow: UnitOfWork, person_id: UUID, survivor_id: UUID) -> Worker:
    """State that two records are of one person, and which of them stands (§二(二)6). Nothing is merged."""
    people = await queries.lock_people(uow, [person_id, survivor_id], against="superseding in both directions at once")
    if person_id not in people or survivor_id not in people:
        raise domain.PersonNotFound
    person = people[person_id]
    domain.check_supersede(person.record_facts(), people[survivor_id].record_facts())
    person.superseded_by = survivor_id
    uow.move(person, PersonAction.SUPERSEDE, survivor_id=survivor_id)
    return person


async def unmask(
    uow: UnitOfWork, person: Worker, caller: Principal, reason_code: str, fields: Sequence[PersonalField]
) -> dict[PersonalField, str]:
    """Show personal data unmasked, and record who looked at what and why (DOMAIN §4, 14)."""
    record = Unmasking(person_id=person.id, account=caller.account, reason_code=reason_code, fields=list(fields))
    uow.create(record, UnmaskingAction.RECORD)
    return {field: person.reveal(field, uow.keys.fields) for field in fields}


async def see_person(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Worker:
    """One person's record, for himself, an officer of his area, or the portal; others find none (invariant 15)."""
    person = await queries.person_by_id(uow, person_id)
    allowed = {
        Role.WORKER: caller.person_id == person_id,
        Role.OFFICER: caller.covers(person.area),
        Role.PORTAL: True,
    }
    if not allowed.get(caller.role, False):
        raise domain.PersonNotFound
    return person


async def see_somebody_else(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Worker:
    """`see_person`, but `OwnRecord` for any record of the caller himself (DOMAIN §5, self-approval)."""
    person = await see_person(uow, caller, person_id)
    if caller.person_id is not None:
        natural = await queries.natural_persons(uow, {caller.person_id, person_id})
        if natural[caller.person_id] == natural[person_id]:
            raise domain.OwnRecord
    return person


async def _lock_person(uow: UnitOfWork, person_id: UUID) -> Worker:
    people = await queries.lock_people(uow, [person_id], against="two statements about one person at once")
    if person_id not in people:
        raise domain.PersonNotFound
    return people[person_id]


def _facts_recorded(uow: UnitOfWork, person: Worker, *names: str) -> Worker:
    uow.move(person, PersonAction.RECORD_FACTS, facts=names)
    return person
