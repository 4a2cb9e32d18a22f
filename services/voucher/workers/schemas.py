"""What people's routes take and show. Names, ID numbers and phones are shown masked (DOMAIN §4, 14)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.voucher.eligibility.domain import FiscalPayroll, Pension
from services.voucher.workers.domain import Group, RealNameMethod
from services.voucher.workers.models import Worker
from shared.contracts.fields import AreaCode, Code, Level, RealNameLevel, SkillCode, UnmaskedField
from shared.http import Body, View
from shared.security import FieldCipher, mask_citizen_id, mask_name, mask_phone

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RealName(Body):
    """Who matched name and ID number, how surely, and when (A3)."""

    method: RealNameMethod
    level: RealNameLevel
    verified_at: AwareDatetime


class RegisterBody(Body):
    """A verified person."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    id_number: Annotated[str, StringConstraints(min_length=15, max_length=40)]
    phone: Annotated[str, StringConstraints(min_length=5, max_length=40)]
    area: AreaCode
    real_name: RealName


class RegisteredView(View):
    """A person as registered: the same for every registration of the same person."""

    person_id: UUID
    subject_digest: str
    area: str
    name: str
    id_number: str

    @classmethod
    def of(cls, person: Worker, cipher: FieldCipher) -> "RegisteredView":
        """The masked view."""
        return cls(
            person_id=person.id,
            subject_digest=person.subject_digest,
            area=person.area,
            name=mask_name(person.reveal("name", cipher)),
            id_number=mask_citizen_id(person.reveal("id_number", cipher)),
        )


class PersonView(RegisteredView):
    """A person's record."""

    status: str
    version: int
    phone: str
    real_name_method: str
    real_name_level: int
    superseded_by: UUID | None

    @classmethod
    def of(cls, person: Worker, cipher: FieldCipher) -> "PersonView":
        """The masked view."""
        registered = RegisteredView.of(person, cipher)
        return cls(
            **registered.model_dump(),
            status=person.status,
            version=person.version,
            phone=mask_phone(person.reveal("phone", cipher)),
            real_name_method=person.real_name_method,
            real_name_level=person.real_name_level,
            superseded_by=person.superseded_by,
        )


class UnmaskBody(Body):
    """Why somebody looks, and at what."""

    reason_code: Code
    fields: Annotated[list[UnmaskedField], Field(min_length=1, max_length=3)]


class UnmaskedView(View):
    """The fields that were asked for, in the clear. The reading is recorded."""

    person_id: UUID
    name: str | None = None
    id_number: str | None = None
    phone: str | None = None


class GroupBody(Body):
    """Evidence that a person belongs to a priority group (A17)."""

    group: Group
    evidence: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    source: Text
    as_of: date
    until: date | None = None


class OtherBenefitBody(Body):
    """A training benefit that another office paid."""

    programme: Code
    skill_code: SkillCode
    level: Level
    taken_on: date


class ExtractBody(Body):
    """What the registers say. `other_benefits` left out means that nobody was asked (A13)."""

    pension: Pension
    fiscal_payroll: FiscalPayroll
    source: Text
    as_of: date
    other_benefits: Annotated[list[OtherBenefitBody], Field(max_length=100)] | None = None


class SupersedeBody(Body):
    """Which record of the same person stands."""

    survivor_id: UUID


class FactsView(View):
    """That a statement was recorded; what it says is not repeated."""

    person_id: UUID
    version: int
