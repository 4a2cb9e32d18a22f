"""Acts on people's records: register, change, supersede, separate, unmask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.voucher.workers import domain, queries
from services.voucher.workers.domain import NameContradicts, PersonAction, RealNameMethod, UnmaskingAction
from services.voucher.workers.models import NameProposal, PersonalField, Unmasking, Worker, WorkerChange
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
    created = await uow.create_all(
        Worker,
        PersonAction.REGISTER,
        new,
        skip_conflicts=True,
        details=lambda person: {"masked_name": person.masked_name(cipher)},
    )
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
    """Write that two officers found two records to be of one person, and which of them stands (R16)."""
    people = await queries.lock_people(uow, [person_id, survivor_id], against="superseding in both directions at once")
    if person_id not in people or survivor_id not in people:
        raise domain.PersonNotFound
    person = people[person_id]
    domain.check_supersede(person.record_facts(), people[survivor_id].record_facts())
    person.survivor_id = survivor_id
    uow.move(person, PersonAction.SUPERSEDE)
    return person


async def separate(uow: UnitOfWork, person_id: UUID) -> Worker:
    """Write that two officers found a superseded record to be of another person than its survivor (R16)."""
    person = await _lock(uow, person_id, against="a claim or another merger while the records part")
    survivor_id, person.survivor_id = person.survivor_id, None
    uow.move(person, PersonAction.SEPARATE, survivor_id=survivor_id)
    return person


async def change_phone(uow: UnitOfWork, person_id: UUID, phone: str, changed_by: UUID) -> Worker:
    """The person has another telephone number: said by themselves, or at the counter."""
    number = domain.canonical_phone(phone)
    person = await _lock(uow, person_id, against="two changes of one record at once")
    _keep_history(uow, person, "phone", changed_by)
    person.phone_encrypted = _encrypted(uow.keys.fields, person, "phone", number)
    uow.move(person, PersonAction.CHANGE_PHONE)
    return person


async def move_person(uow: UnitOfWork, person_id: UUID, area: str, officer: UUID) -> Worker:
    """The person lives in another of the twelve areas (R15), as an officer has seen. Vouchers keep the area of then."""
    person = await _lock(uow, person_id, against="two changes of one record at once")
    _keep_history(uow, person, "area", officer)
    person.area = area
    uow.move(person, PersonAction.MOVE)
    return person


async def propose_name(
    uow: UnitOfWork, person_id: UUID, name: str, reason_code: str, evidence: str, officer: UUID
) -> NameProposal:
    """An officer proposes the name that the person has by law now (R27), in place of an earlier proposal."""
    person = await _lock(uow, person_id, against="an approval of the earlier proposal")
    cipher, proposal_id = uow.keys.fields, uuid7()
    proposal = NameProposal(
        id=proposal_id,
        person_id=person_id,
        name_encrypted=cipher.encrypt(name, table="name_proposals", column="name_encrypted", row=proposal_id),
        reason_code=reason_code,
        evidence_encrypted=cipher.encrypt(
            evidence, table="name_proposals", column="evidence_encrypted", row=proposal_id
        ),
        proposed_by=officer,
        proposed_at=uow.now,
    )
    uow.session.add(proposal)
    uow.move(person, PersonAction.PROPOSE_NAME, proposal_id=proposal_id, reason_code=reason_code)
    return proposal


async def approve_name(uow: UnitOfWork, person_id: UUID, proposal_id: UUID, officer: UUID) -> Worker:
    """A second officer changes the name (R27). Certificates of before keep the digest of the name of their time."""
    person = await _lock(uow, person_id, against="a later proposal, or another approval")
    proposal = await queries.find_name_proposal(uow, person_id, proposal_id)
    if proposal is None:
        raise domain.NameProposalNotFound
    natural = await queries.natural_persons(uow, {proposal.proposed_by, officer})
    domain.check_name_approval(natural[proposal.proposed_by], natural[officer])
    cipher = uow.keys.fields
    name = cipher.decrypt(proposal.name_encrypted, table="name_proposals", column="name_encrypted", row=proposal_id)
    _keep_history(uow, person, "name", officer, proposal)
    person.name_encrypted = _encrypted(cipher, person, "name", name)
    salt, number = bytes.fromhex(person.reveal("salt", cipher)), person.reveal("id_number", cipher)
    person.subject_digest = subject_digest(salt, canonical_name(name), number)
    uow.move(person, PersonAction.RENAME, proposal_id=proposal_id, masked_name=person.masked_name(cipher))
    return person


async def _lock(uow: UnitOfWork, person_id: UUID, *, against: str) -> Worker:
    people = await queries.lock_people(uow, [person_id], against=against)
    if person_id not in people:
        raise domain.PersonNotFound
    return people[person_id]


def _encrypted(cipher: FieldCipher, person: Worker, field: PersonalField, plain: str) -> bytes:
    return cipher.encrypt(plain, table="workers", column=f"{field}_encrypted", row=person.id)


def _keep_history(
    uow: UnitOfWork,
    person: Worker,
    field: Literal["name", "phone", "area"],
    changed_by: UUID,
    proposal: NameProposal | None = None,
) -> None:
    previous = None
    if field != "area":
        cipher, row = uow.keys.fields, f"{person.id}:{person.version + 1}"
        plain = person.reveal(field, cipher)
        previous = cipher.encrypt(plain, table="worker_changes", column="previous_encrypted", row=row)
    change = WorkerChange(
        person_id=person.id,
        version=person.version + 1,
        field=field,
        previous_encrypted=previous,
        previous_area=person.area if field == "area" else None,
        previous_digest=person.subject_digest,
        proposal_id=proposal.id if proposal else None,
        proposed_by=proposal.proposed_by if proposal else None,
        changed_by=changed_by,
        changed_at=uow.now,
    )
    uow.session.add(change)


async def unmask(
    uow: UnitOfWork, person: Worker, caller: Principal, reason_code: str, fields: Sequence[PersonalField]
) -> dict[PersonalField, str]:
    """Show personal data unmasked, and record who looked at what and why (DOMAIN §4, 14)."""
    record = Unmasking(person_id=person.id, account=caller.account, reason_code=reason_code, fields=list(fields))
    uow.create(record, UnmaskingAction.RECORD)
    return {field: person.reveal(field, uow.keys.fields) for field in fields}


async def see_person(uow: UnitOfWork, caller: Principal, person_id: UUID) -> Worker:
    """One person's record, for that person under any record of theirs, an officer of the area, or the portal.

    Others find none (invariant 15).
    """
    person = await queries.get_person(uow, person_id)
    if caller.role is Role.WORKER:
        allowed = await queries.is_record_of(uow, person_id, caller)
    else:
        allowed = caller.role is Role.PORTAL or (caller.role is Role.OFFICER and caller.covers(person.area))
    if not allowed:
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
