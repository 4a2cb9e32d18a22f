"""What is known of a completed enrolment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CompletedEnrolment:
    """A completed training: whose, of what, where, by whom taught (考培分离 needs the trainers), until when."""

    id: UUID
    voucher_id: UUID
    person_id: UUID
    channel: str
    institution: str
    trainer_ids: Sequence[UUID]
    employer: str | None
    school: str | None
    skill_code: str
    level: int
    act: str
    completed_on: date
