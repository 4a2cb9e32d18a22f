"""What the routes of presented vouchers take."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.training.presentations.domain import Mandate, Presented
from shared.http import Body, OrganisationCode
from shared.security import KeySet, read_presence_code


class EnrolHoldersRow(Body):
    """A voucher presented in person. Whom its holder mandates to be paid (D5) is in the code that they signed for."""

    presence_code: Annotated[str, Field(min_length=1, max_length=2_048)]
    employer: OrganisationCode | None = None
    school: OrganisationCode | None = None

    def presented(self, keys: KeySet, at: datetime) -> Presented:
        """What the code says at `at`, the database's own time, and what the institution adds.

        `PresenceCodeInvalid`, `PresenceCodeExpired`.
        """
        code = read_presence_code(self.presence_code, keys, at=at)
        return Presented(
            voucher_id=code.voucher_id,
            person_id=code.person_id,
            skill_code=code.skill_code,
            level=code.level,
            institution=code.institution,
            jti=code.jti,
            employer=self.employer,
            school=self.school,
            mandate=Mandate(code.mandate.id, code.mandate.payee_id) if code.mandate else None,
        )
