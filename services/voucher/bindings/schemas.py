"""What presenting a voucher takes and shows."""

from uuid import UUID

from pydantic import AwareDatetime, model_validator

from shared.http import Body, OrganisationCode, View

"""A credit code as people type it."""


class PresentVoucherRequest(Body):
    """Where the holder stands, and who is to be paid."""

    institution: OrganisationCode
    """Where the holder stands: the training institution, by its credit code."""
    mandate: bool = False
    """Whether an organisation is to be paid in the holder's place (委托代领, D5)."""
    payee: OrganisationCode | None = None
    """Under a mandate, the enterprise that is to be paid, by its credit code; null for the institution."""

    @model_validator(mode="after")
    def _payee_under_mandate(self) -> "PresentVoucherRequest":
        if self.payee is not None and not self.mandate:
            raise ValueError("a payee is named under a mandate only")
        return self

    @property
    def mandated(self) -> str | None:
        """Who is to be paid in the holder's place, if anybody."""
        return (self.payee or self.institution) if self.mandate else None


class PresenceCodeView(View):
    """A code to show within 60 seconds, once."""

    code: str
    """Signed text for the institution to read and to send with the enrolment."""
    expires_at: AwareDatetime
    """Until when it is taken: 60 seconds after it was made, by real time."""
    mandate_id: UUID | None
    """The mandate that travels in the code; null if the holder is paid."""
