"""Reading what eligibility asks of people by one statement, under whichever of their records it was recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text

from services.voucher.evidence.domain import Evidence, FiscalPayroll, Pension, Training, VitalStatus
from services.voucher.workers.queries import RECORDS_OF, Owners
from shared.persistence import UnitOfWork

RECORDED = text(
    f"""
    {RECORDS_OF}
    SELECT records.person_id, records.record_id, latest.*, vital.*, groups.*, benefits.*, certificates.*
    FROM records
    LEFT JOIN LATERAL (
        SELECT id AS extract_id, as_of, pension, fiscal_payroll, outside_benefits_known
        FROM register_extracts WHERE person_id = record_id ORDER BY as_of DESC, id DESC LIMIT 1
    ) AS latest ON TRUE
    LEFT JOIN LATERAL (
        SELECT id AS vital_id, as_of AS vital_as_of, vital_status
        FROM register_extracts WHERE person_id = record_id AND vital_status <> 'unknown'
        ORDER BY as_of DESC, id DESC LIMIT 1
    ) AS vital ON TRUE
    CROSS JOIN LATERAL (
        SELECT array_agg(id) AS group_ids, array_agg(group_code) AS group_codes
        FROM group_evidence WHERE person_id = record_id AND as_of <= :today AND (until IS NULL OR until >= :today)
    ) AS groups
    CROSS JOIN LATERAL (
        SELECT array_agg(id) AS benefit_ids, array_agg(skill_code) AS benefit_skills,
            array_agg(level) AS benefit_levels, array_agg(taken_on) AS benefits_taken_on
        FROM outside_benefits WHERE person_id = record_id
    ) AS benefits
    CROSS JOIN LATERAL (
        SELECT array_agg(skill_code) AS skills, array_agg(level) AS levels, array_agg(review_due_on) AS reviews_due_on
        FROM certificate_facts WHERE person_id = record_id AND NOT revoked
    ) AS certificates
    """  # noqa: S608  # made of our own constants
).bindparams(bindparam("people", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of one person, under all records of theirs."""

    evidence: Evidence
    levels_held: frozenset[tuple[str, int]]
    """Skill and level of every certificate that was not revoked."""
    reviews_due: Mapping[str, date]
    """By skill the day by which the permit is reviewed next: the last of those that were not revoked."""


async def recorded_of(uow: UnitOfWork, people: Iterable[UUID]) -> tuple[Owners, dict[UUID, Recorded]]:
    """Whose record is whose, and what is recorded of each of `people` up to the business date."""
    owners: dict[UUID, list[UUID]] = {}
    rows: dict[UUID, list[Any]] = {person_id: [] for person_id in people}
    for row in await uow.session.execute(RECORDED, {"people": list(rows), "today": uow.today}):
        owners.setdefault(row.record_id, []).append(row.person_id)
        rows[row.person_id].append(row)
    return owners, {person_id: _recorded(of_person) for person_id, of_person in rows.items()}


def _recorded(rows: Sequence[Any]) -> Recorded:
    """All records of one person together; of two extracts the later counts."""
    latest = max((row for row in rows if row.extract_id), key=lambda row: (row.as_of, row.extract_id), default=None)
    vital = max((row for row in rows if row.vital_id), key=lambda row: (row.vital_as_of, row.vital_id), default=None)
    groups = sorted(group for row in rows for group in _together(row.group_ids, row.group_codes))
    benefits = sorted(
        benefit
        for row in rows
        for benefit in _together(row.benefit_ids, row.benefit_skills, row.benefit_levels, row.benefits_taken_on)
    )
    held = [held for row in rows for held in _together(row.skills, row.levels, row.reviews_due_on)]
    evidence = Evidence(
        pension=Pension(latest.pension) if latest else Pension.UNKNOWN,
        fiscal_payroll=FiscalPayroll(latest.fiscal_payroll) if latest else FiscalPayroll.UNKNOWN,
        outside_benefits_known=latest.outside_benefits_known if latest else False,
        extract_id=latest.extract_id if latest else None,
        extract_as_of=latest.as_of if latest else None,
        groups=frozenset(code for _, code in groups),
        group_evidence=tuple(group_id for group_id, _ in groups),
        outside_benefits=tuple(Training(skill, level, taken_on.year) for _, skill, level, taken_on in benefits),
        deceased=vital is not None and vital.vital_status == VitalStatus.DECEASED,
    )
    reviews: dict[str, date] = {}
    for skill, _, due_on in held:
        if due_on is not None:
            reviews[skill] = max(due_on, reviews.get(skill, due_on))
    return Recorded(evidence, frozenset((skill, level) for skill, level, _ in held), reviews)


def _together(*columns: Sequence[Any] | None) -> Iterable[tuple[Any, ...]]:
    """The rows of aggregated columns, which are None where there was no row."""
    return zip(*(column or () for column in columns), strict=True)
