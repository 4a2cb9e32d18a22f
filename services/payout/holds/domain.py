"""Holds: where they come from, and who lifts them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.deaths import HOLDER_DECEASED
from shared.kernel.errors import Conflict


class HoldSource(StrEnum):
    """Where a hold comes from. One source places one hold at a time for the same thing."""

    OFFICER = "officer"
    ELIGIBILITY = "eligibility"
    VOUCHER = "voucher"
    INSTITUTION = "institution"
    CERTIFICATE = "certificate"
    REVOCATION = "revocation"
    SIGNATURE = "signature"
    DUPLICATE_PERSON = "duplicate_person"
    BANK = "bank"
    SENDING = "sending"
    OBJECTION = "objection"
    TAKEN_OVER = "taken_over"
    """One officer answers for what a register or the catalogue stopped, until another officer lifts it (R10)."""


LIFTED_BY_OFFICERS = frozenset(
    {
        HoldSource.OFFICER,
        HoldSource.TAKEN_OVER,
        HoldSource.SIGNATURE,
        HoldSource.DUPLICATE_PERSON,
        HoldSource.BANK,
        HoldSource.SENDING,
    }
)
"""The others are lifted by what placed them: the voucher's, the institution's or the certificate's own event."""

ABOUT_THE_PERSON = frozenset({HoldSource.ELIGIBILITY, HoldSource.VOUCHER, HoldSource.TAKEN_OVER})
"""What registers say of the holder, a death among it, and how an officer answers for that (DOMAIN §4, 15)."""

INELIGIBLE = "ineligible"
"""A register says no: another answer of it lifts the hold, and no officer does."""


class HoldNeedsTwo(Conflict):
    """One officer takes the hold over with a reason, another lifts it."""

    code = "hold_needs_two"
    policy = "R10"
    zh, en = (
        "该冻结须由两名工作人员办理:一名说明理由接管,另一名解除",
        "Two officers lift this hold: one takes it over with a reason, another lifts it.",
    )


class HoldOfAnotherSource(Conflict):
    """This hold is lifted by the event of the fact that placed it, not by an officer here."""

    code = "hold_of_another_source"
    policy = "§二(二)7"
    zh, en = "该冻结由{source}状态产生,须在来源处解除", "This hold follows the {source}; it is lifted there."


@dataclass(frozen=True, slots=True)
class Placement:
    """One hold to place on a payout: `source_id` names the thing that it is about."""

    payout_id: UUID
    source: HoldSource
    source_id: str
    reason_code: str

    @property
    def key(self) -> tuple[UUID, HoldSource, str]:
        """Two of one key are the same hold: it is placed once."""
        return self.payout_id, self.source, self.source_id


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands, or stood."""

    id: UUID
    payout_id: UUID
    source: HoldSource
    source_id: str
    reason_code: str
    placed_by: UUID | None
    placed_at: datetime
    lifted_at: datetime | None

    @property
    def key(self) -> tuple[UUID, HoldSource, str]:
        """The key of the `Placement` that placed it."""
        return self.payout_id, self.source, self.source_id

    def needs_two(self, *, institution_removed: bool) -> bool:
        """Whether two officers lift it (R10).

        What a register has not answered, an institution that is gone, and the heirs' case.
        """
        if self.source is HoldSource.ELIGIBILITY:
            return self.reason_code != INELIGIBLE
        if self.source is HoldSource.VOUCHER:
            return self.reason_code == HOLDER_DECEASED
        return self.source is HoldSource.INSTITUTION and institution_removed

    def check_lift(self, *, institution_removed: bool) -> None:
        """`HoldNeedsTwo` or `HoldOfAnotherSource` unless an officer may lift it."""
        if self.needs_two(institution_removed=institution_removed):
            raise HoldNeedsTwo
        if self.source not in LIFTED_BY_OFFICERS:
            raise HoldOfAnotherSource(source=self.source)

    def check_take_over(self, *, institution_removed: bool) -> None:
        """`HoldOfAnotherSource` where an event, or one officer, lifts it."""
        if not self.needs_two(institution_removed=institution_removed):
            raise HoldOfAnotherSource(source=self.source)
