"""Holds beside a payout: who placed them, and who may lift them (DESIGN §4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

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


LIFTED_BY_OFFICERS = frozenset(
    {
        HoldSource.OFFICER,
        HoldSource.ELIGIBILITY,
        HoldSource.SIGNATURE,
        HoldSource.DUPLICATE_PERSON,
        HoldSource.BANK,
        HoldSource.SENDING,
    }
)
"""The others are lifted by what placed them: the voucher's, the institution's or the certificate's own event."""


class HoldOfAnotherSource(Conflict):
    """This hold is lifted by the event of the fact that placed it, not by an officer here."""

    code = "hold_of_another_source"
    policy = "§二(二)7"
    zh, en = "该冻结由{source}状态产生,须在来源处解除", "This hold follows the {source}; it is lifted there."


@dataclass(frozen=True, slots=True)
class Placement:
    """One hold to place, or to lift, on a payout: `source_id` names the thing that it is about."""

    payout_id: UUID
    source: HoldSource
    source_id: str
    reason_code: str = ""

    @property
    def key(self) -> tuple[UUID, str, str]:
        """What makes two placements the same hold."""
        return self.payout_id, str(self.source), self.source_id


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands, or stood."""

    id: UUID
    payout_id: UUID
    source: HoldSource
    source_id: str
    reason_code: str
    placed_at: datetime
    lifted_at: datetime | None
