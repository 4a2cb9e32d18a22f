"""Reading completed enrolments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from services.evaluation.enrolment_facts.models import EnrolmentFacts
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class CompletedEnrolment:
    """A completed training: whose, of what, where, by whom taught, until when."""

    id: UUID
    voucher_id: UUID
    person_id: UUID
    channel: str
    institution: str
    trainer_ids: tuple[UUID, ...]
    employer: str | None
    school: str | None
    skill_code: str
    level: int
    act: str
    completed_on: date


def _completed(row: EnrolmentFacts) -> CompletedEnrolment:
    return CompletedEnrolment(
        row.id,
        row.voucher_id,
        row.person_id,
        row.channel,
        row.institution,
        tuple(row.trainer_ids),
        row.employer,
        row.school,
        row.skill_code,
        row.level,
        row.act,
        row.completed_on,
    )


async def completed_enrolments(uow: UnitOfWork, ids: Iterable[UUID]) -> Mapping[UUID, CompletedEnrolment]:
    """Those of `ids` whose completion was heard."""
    found = await uow.session.scalars(select(EnrolmentFacts).where(EnrolmentFacts.id.in_(set(ids))))
    return {row.id: _completed(row) for row in found}


async def trainings_of(
    uow: UnitOfWork, people: Iterable[UUID], skill_code: str
) -> Mapping[UUID, Sequence[CompletedEnrolment]]:
    """Per person every completed training in the skill, at whatever level."""
    found: dict[UUID, list[CompletedEnrolment]] = {}
    of_skill = EnrolmentFacts.person_id.in_(set(people)) & (EnrolmentFacts.skill_code == skill_code)
    for row in await uow.session.scalars(select(EnrolmentFacts).where(of_skill)):
        found.setdefault(row.person_id, []).append(_completed(row))
    return found


def ids_of_institution(institution: str) -> Select[UUID]:
    """Ids of the completed enrolments of a training institution, for the scope of other queries."""
    return select(EnrolmentFacts.id).where(EnrolmentFacts.institution == institution)
