"""Types of the events' fields. None of them can hold personal data (DOMAIN §4, 14)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.envelope import Event
from shared.kernel.citizen_id import contains_citizen_id, is_citizen_id
from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.errors import Invalid


def _not_an_id_number(number: str) -> str:
    """Refuse permit numbers, which are ID numbers in disguise (DOMAIN §2): only their public surrogate travels."""
    if is_citizen_id(number.removeprefix("T")):
        raise ValueError("a permit's own number does not travel")
    return number


def _a_credit_code(text: str) -> str:
    """Refuse what has the form of a credit code but is none, or is not in its canonical spelling."""
    try:
        if canonical_credit_code(text) == text:
            return text
    except Invalid:
        pass
    raise ValueError("not a credit code")


def _an_owner(text: str) -> str:
    """Refuse a text that is neither a UUID nor a credit code; an ID number may look like the latter."""
    return text if "-" in text else _a_credit_code(text)


def _without_id_number(text: str) -> str:
    """Refuse a text that names a person by number; the error does not quote it."""
    if contains_citizen_id(text):
        raise ValueError("no ID number is written here")
    return text


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A refusal's code, a reason's code, or a key of a data file: snake_case."""
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
CreditCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"),
    AfterValidator(_a_credit_code),
]
SkillCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,4}(-[0-9A-Z]{1,4}){1,4}$")]
"""A canonical code: `6-31-01-03`, `ZX-4104-001`, `SO-01-01`, `SE-N1`."""
Level = Annotated[int, Field(ge=0, le=5)]
"""5 初级工 … 1 高级技师, smaller is higher; 0 = a kind of certificate without levels."""
Fen = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_without_id_number)]
"""A line in the clear: the name of a record, a place. Never one with an ID number in it."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""
RulesVersion = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
CompactJws = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+){2}$", max_length=8192)]
PublicCertificateNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z-]{0,39}$"), AfterValidator(_not_an_id_number)
]
ACCOUNT = r"^[!-~]{1,128}$"
Account = Annotated[str, StringConstraints(pattern=ACCOUNT)]
"""The `sub` of a token: the account that acted, never a name."""

BatchKind = Literal["general", "targeted"]
Channel = Literal["enterprise", "school", "social"]
Act = Literal["first", "review"]
"""A first certificate, or the review (复审) of a permit."""
Occasion = Annotated[str, StringConstraints(pattern=r"^(first|review:[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
"""What a benefit is taken for: the first certificate, or the review of a permit that is due on a day (R7)."""
OwnerKind = Literal["institution", "enterprise", "worker"]
OwnerId = Annotated[
    str,
    StringConstraints(
        pattern=r"^([0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
    ),
    AfterValidator(_an_owner),
]
"""A worker's person_id or an organisation's credit code, as text."""
MaskedName = Annotated[str, StringConstraints(pattern=r"^(\*|[^\s*]\*{1,99})$")]
"""A name as a public notice shows it (D19): its first character and stars. A whole name is no such text."""
BodyKind = Literal["employer", "school", "social", "government"]
Eligibility = Literal["eligible", "ineligible", "unknown"]
CertificateKind = Literal[
    "vocational_qualification", "skill_level", "special_operation", "special_equipment", "specific_competence"
]
"""The five kinds of skill certificate (§一)."""
RealNameLevel = Annotated[int, Field(ge=1, le=3)]
FactName = Literal["real_name", "contact", "groups", "pension", "fiscal_payroll"]
"""What was learned about a person, never its content: membership of a group does not travel."""
UnmaskedField = Literal["name", "id_number", "phone"]


class ScopeItem(BaseModel):
    """One line of a catalogue entry: a skill and level with the dates on which it is listed."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)

    skill_code: SkillCode
    level: Level
    valid_from: date
    valid_to: date | None


class AggregateEvent(Event):
    """An event of an aggregate that has a UUID."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id: UUID


class OrganisationEvent(Event):
    """An event of an organisation, whose id is its unified social credit code."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id: CreditCode
