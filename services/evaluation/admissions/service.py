"""Deciding on applications: what is known of each, read set by set, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.evaluation.admissions import domain
from services.evaluation.admissions.domain import Applicant, Entry, Training
from services.evaluation.bodies.domain import CHANNELS
from services.evaluation.candidates.queries import attempts_of
from services.evaluation.certificates.queries import statuses_of_certificates
from services.evaluation.enrolment_facts.queries import CompletedEnrolment, completed_enrolments, trainings_of
from services.evaluation.person_facts.queries import known_people
from services.evaluation.rules.domain import RuleName
from services.evaluation.rules.queries import rules_on
from services.evaluation.sessions.domain import SessionFacts
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody whom a body would admit: by his completed enrolment, or as a person without one."""

    enrolment_id: UUID | None
    person_id: UUID | None
    entry: Entry | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """An application with what is known of it: the applicant, and the enrolment's facts where there is one."""

    application: Application
    applicant: Applicant
    series_id: UUID
    enrolment: CompletedEnrolment | None


async def draft_candidates(
    uow: UnitOfWork, session: SessionFacts, applications: Sequence[Application]
) -> list[dict[str, Any] | DomainError]:
    """The columns of each candidate who may sit, besides the session's own; otherwise the refusal."""
    named = await _applicants(uow, session, applications)
    resits = (await rules_on(uow, session.held_on))[RuleName.RESITS]
    return [_draft(session, one, resits) for one in named]


async def _applicants(
    uow: UnitOfWork, session: SessionFacts, applications: Sequence[Application]
) -> list[_Named | DomainError]:
    """What is known of each application, read set by set: enrolments, people, trainings, attempts, certificates."""
    enrolments = await completed_enrolments(uow, [one.enrolment_id for one in applications if one.enrolment_id])
    ids = [one.person_id for one in applications if one.person_id] + [one.person_id for one in enrolments.values()]
    people = await known_people(uow, ids)
    assessors = await known_people(uow, session.assessor_ids)
    records = {record for person in people.values() for record in person.records}
    trainings = await trainings_of(uow, records, session.skill_code)
    statuses = await statuses_of_certificates(uow, records, session.skill_code, session.level)
    series = {
        one: domain.series_of(one.enrolment_id, one.person_id, session.skill_code, session.level, session.act)
        for one in applications
    }
    attempts = await attempts_of(uow, series.values())

    def named(one: Application) -> _Named | DomainError:
        if (one.enrolment_id is None) == (one.person_id is None):
            return domain.CandidateNamedWrongly()
        enrolment = enrolments.get(one.enrolment_id) if one.enrolment_id else None
        if one.enrolment_id is not None and enrolment is None:
            return domain.CandidateEnrolmentUnknown()
        person = people.get(enrolment.person_id if enrolment else one.person_id)  # type: ignore[arg-type]  # one is there
        if person is None:
            return domain.CandidatePersonUnknown()
        own = [past for record in person.records for past in trainings.get(record, ())]
        trainers = {trainer for past in own for trainer in past.trainer_ids}
        taught = {one for one, assessor in assessors.items() if not trainers.isdisjoint(assessor.records)}
        training = None
        if enrolment is not None:
            training = Training(
                enrolment.employer,
                enrolment.school,
                enrolment.skill_code,
                enrolment.level,
                enrolment.act,
                enrolment.completed_on,
            )
        applicant = Applicant(
            person_id=person.person_id,
            training=training,
            trained_by=frozenset(past.institution for past in own),
            taught_by=frozenset(trainers | taught),
            attempts=tuple(attempts.get(series[one], ())),
            certificates=frozenset(status for record in person.records for status in statuses.get(record, ())),
            entry=one.entry,
            affiliation=one.affiliation,
            records=person.records,
        )
        return _Named(one, applicant, series[one], enrolment)

    return [named(one) for one in applications]


def _draft(session: SessionFacts, named: _Named | DomainError, resits: int) -> dict[str, Any] | DomainError:
    """The columns of a candidate who may sit, besides the session's; otherwise the refusal."""
    if isinstance(named, DomainError):
        return named
    applicant, enrolment = named.applicant, named.enrolment
    try:
        admission = domain.decide_admission(session, applicant, resits)
    except DomainError as refusal:
        return refusal
    return {
        "person_id": applicant.person_id,
        "enrolment_id": named.application.enrolment_id,
        "voucher_id": enrolment.voucher_id if enrolment else None,
        "channel": enrolment.channel if enrolment else CHANNELS[session.body_kind],
        "completed_on": enrolment.completed_on if enrolment else None,
        "affiliation": applicant.affiliation,
        "series_id": named.series_id,
        "attempt": admission.attempt,
        "entry_basis": admission.entry.basis.value,
        "entry_evidence": admission.entry.evidence,
    }
