"""Where one thing of a case stands."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a voucher, enrolment, candidate, certificate or payout stands, why, and since when."""

    id: str
    status: str
    code: str | None
    at: datetime
