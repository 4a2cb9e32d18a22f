"""What people's routes take and show. Names, ID numbers and phones are shown masked (DOMAIN §4, 14)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.voucher.workers.domain import RealNameMethod
from services.voucher.workers.models import NameProposal, Worker, WorkerChange
from services.voucher.workers.service import Registration
from shared.contracts.fields import Code, RealNameLevel, UnmaskedField
from shared.http import Body, RegisteredName, ReportingArea, View
from shared.security import FieldCipher, mask_citizen_id, mask_name, mask_phone


class RealName(Body):
    """Who matched name and ID number, how surely, and when (A3)."""

    method: RealNameMethod
    level: RealNameLevel
    """How surely, 1 to 3; higher is stronger."""
    verified_at: AwareDatetime


class RegisterWorkerRequest(Body):
    """A verified person."""

    name: RegisteredName
    id_number: Annotated[str, StringConstraints(min_length=15, max_length=40)]
    phone: Annotated[str, StringConstraints(min_length=5, max_length=40)]
    """Telephone number: digits, with `+` before and `-` between them."""
    area: ReportingArea
    real_name: RealName

    def registration(self) -> Registration:
        """The same for the command."""
        return Registration(
            name=self.name,
            id_number=self.id_number,
            phone=self.phone,
            area=self.area,
            method=self.real_name.method,
            level=self.real_name.level,
            verified_at=self.real_name.verified_at,
        )


class RegisteredPersonView(View):
    """A person as registered: the same for every registration of the same person."""

    person_id: UUID
    subject_digest: str
    area: str
    name: str
    id_number: str

    @classmethod
    def of(cls, person: Worker, cipher: FieldCipher) -> "RegisteredPersonView":
        """The masked view."""
        return cls(
            person_id=person.id,
            subject_digest=person.subject_digest,
            area=person.area,
            name=person.masked_name(cipher),
            id_number=mask_citizen_id(person.reveal("id_number", cipher)),
        )


class PersonView(RegisteredPersonView):
    """A person's record."""

    status: str
    version: int
    phone: str
    """Telephone number, masked."""
    real_name_method: str
    real_name_level: int
    survivor_id: UUID | None
    """The record that stands for the person in its place; null if this one stands."""

    @classmethod
    def of(cls, person: Worker, cipher: FieldCipher) -> "PersonView":
        """The masked view."""
        registered = RegisteredPersonView.of(person, cipher)
        return cls(
            **registered.model_dump(),
            status=person.status,
            version=person.version,
            phone=mask_phone(person.reveal("phone", cipher)),
            real_name_method=person.real_name_method,
            real_name_level=person.real_name_level,
            survivor_id=person.survivor_id,
        )


class UnmaskWorkerRequest(Body):
    """Why somebody looks, and at what."""

    reason_code: Code
    fields: Annotated[list[UnmaskedField], Field(min_length=1, max_length=3)]


class UnmaskedPersonView(View):
    """The fields that were asked for, in the clear. The reading is recorded."""

    person_id: UUID
    name: str | None = None
    """The name as registered; null if it was not asked for."""
    id_number: str | None = None
    """The citizen ID number; null if it was not asked for."""
    phone: str | None = None
    """The telephone number; null if it was not asked for."""


class ChangePhoneRequest(Body):
    """The person's telephone number from now on."""

    phone: Annotated[str, StringConstraints(min_length=5, max_length=40)]
    """Telephone number: digits, with `+` before and `-` between them."""


class MoveWorkerRequest(Body):
    """Where the person lives from now on."""

    area: ReportingArea


class ProposeNameRequest(Body):
    """The name that the person has by law from now on, and what shows it."""

    name: RegisteredName
    reason_code: Code
    evidence: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    """What the officer saw: the decision of the police and its number."""


class NameProposalView(View):
    """A proposed change of name, which another officer may approve."""

    id: UUID
    person_id: UUID
    name: str
    """The proposed name, masked."""
    reason_code: str
    """Why the name changes."""

    @classmethod
    def of(cls, proposal: NameProposal, name: str) -> "NameProposalView":
        """The masked view."""
        return cls(id=proposal.id, person_id=proposal.person_id, name=mask_name(name), reason_code=proposal.reason_code)


class PersonChangeView(View):
    """A change of name, telephone number or area: what the record said until then, and who changed it."""

    version: int
    """Of the person's record after the change."""
    field: Literal["name", "phone", "area"]
    """What changed."""
    previous: str
    """What the record said until then: an area's code, or a name or telephone number, masked."""
    proposed_by: UUID | None
    """The officer who proposed the name; null for the changes that one person makes."""
    changed_by: UUID
    """Who changed it, or approved the change: the person, or an officer."""
    changed_at: AwareDatetime

    @classmethod
    def of(cls, change: WorkerChange, cipher: FieldCipher) -> "PersonChangeView":
        """The masked view."""
        given = {name: getattr(change, name) for name in cls.model_fields if name != "previous"}
        return cls(previous=change.masked_previous(cipher), **given)


class PersonChangeListView(View):
    """All changes of a person's record, in their order."""

    data: list[PersonChangeView]
    """The changes; none for a record that says what it said at the registration."""
