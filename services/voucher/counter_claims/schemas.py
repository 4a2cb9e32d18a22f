"""What a claim at a counter takes."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from shared.contracts.fields import Digest, Level, SkillCode
from shared.http import Body


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
