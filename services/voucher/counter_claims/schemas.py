"""What a claim at a counter takes and shows."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from shared.contracts.fields import Digest, Level, SkillCode
from shared.http import Body, View


class CounterClaimBody(Body):
    """The worker who stands there, what he chooses, and what was shown."""

    person_id: UUID
    batch_id: UUID
    skill_code: SkillCode
    level: Level
    second_officer_id: UUID
    card_read_at: AwareDatetime
    photo_digest: Digest
    site: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CounterClaimView(View):
    """The voucher that was claimed, as its holder sees it too."""

    id: UUID
    number: str
    status: str
    version: int
    person_id: UUID
    batch_id: UUID
    area: str
    skill_code: str
    level: int
    valid_until: AwareDatetime


class CounterEvidenceView(View):
    """What was shown at the counter for one voucher, and whether it was drawn for a second look."""

    voucher_id: UUID
    officer_id: UUID
    second_officer_id: UUID
    card_read_at: AwareDatetime
    photo_digest: str
    site: str
    area: str
    sampled: bool
    claimed_at: AwareDatetime
