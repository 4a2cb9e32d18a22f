"""Reading completed enrolments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from services.evaluation.enrolment_facts.models import EnrolmentFact
from shared.persistence import UnitOfWork

_COLUMNS = [getattr(EnrolmentFact, field.name) for field in fields(CompletedEnrolment)]


async def _completed(uow: UnitOfWork, condition: ColumnElement[bool]) -> list[CompletedEnrolment]:
    return [CompletedEnrolment(*row) for row in await uow.session.execute(select(*_COLUMNS).where(condition))]


async def completed_enrolments(uow: UnitOfWork, ids: Iterable[UUID]) -> Mapping[UUID, CompletedEnrolment]:
    """Those of `ids` whose completion was received."""
    return {enrolment.id: enrolment for enrolment in await _completed(uow, EnrolmentFact.id.in_(set(ids)))}


async def trainings_of(
    uow: UnitOfWork, people: Iterable[UUID], skill_code: str
) -> Mapping[UUID, Sequence[CompletedEnrolment]]:
    """Per person every completed training in the skill, at whatever level."""
    found: dict[UUID, list[CompletedEnrolment]] = {}
    of_skill = EnrolmentFact.person_id.in_(set(people)) & (EnrolmentFact.skill_code == skill_code)
    for enrolment in await _completed(uow, of_skill):
        found.setdefault(enrolment.person_id, []).append(enrolment)
    return found


def ids_of_institution(institution: str) -> Select[UUID]:
    """Ids of the completed enrolments of a training institution, for the scope of other queries."""
    return select(EnrolmentFact.id).where(EnrolmentFact.institution == institution)
