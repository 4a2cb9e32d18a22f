"""Codes and names of areas, organisations and people in requests: refused or made canonical as soon as they are read.

A request that has one says `KnownArea`, `ReportingArea`, `OrganisationCode` or `RegisteredName`, never a plain text, so
that no route forgets the check; `tests/test_codes.py` walks all fields. What they refuse with, the route lists.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.kernel.credit_code import canonical_credit_code
from shared.kernel.text import registered_name
from shared.reference.areas import area, reporting_area

_Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]

KnownArea = Annotated[_Digits, AfterValidator(lambda code: area(code).code)]
"""An area of the city, or the whole city; `AreaUnknown`."""
ReportingArea = Annotated[_Digits, AfterValidator(lambda code: reporting_area(code).code)]
"""One of the twelve areas: where somebody lives, where a class is held (R15); `AreaUnknown`, `WholeCityNoArea`."""
OrganisationCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40),
    AfterValidator(canonical_credit_code),
    Field(examples=["91110108551385082Q"]),
]
"""An organisation's credit code as people type it, canonical once read; `CreditCodeInvalid`."""
RegisteredName = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(registered_name)]
"""The name of a person or an organisation as it was registered (R27); `NameInvalid`, `NamePrivateUse`."""
