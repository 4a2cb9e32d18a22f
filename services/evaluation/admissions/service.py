"""Admitting people to a session: what is known of each is read set by set, then each is decided alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.evaluation.admissions import domain
from services.evaluation.admissions.domain import Applicant, Application
from services.evaluation.assessment_sessions.domain import (
    AssessmentSessionAction,
    AssessmentSessionFacts,
    AssessmentSessionState,
    Panel,
)
from services.evaluation.assessment_sessions.queries import lock_own_session
from services.evaluation.assessment_sessions.service import SessionRow, check_panel, mark_panel_replaced
from services.evaluation.bodies.domain import CHANNELS
from services.evaluation.candidates.domain import Attempt
from services.evaluation.candidates.queries import attempts_of, list_admitted
from services.evaluation.candidates.service import Outcome, create_candidates
from services.evaluation.certificates.domain import HeldCertificate
from services.evaluation.certificates.queries import held_certificates
from services.evaluation.enrolment_facts.domain import CompletedEnrolment
from services.evaluation.enrolment_facts.queries import completed_enrolments, trainings_of
from services.evaluation.rules.domain import Rules
from shared.kernel.errors import DomainError, NotReceivedYet
from shared.persistence import UnitOfWork, rules_on
from shared.persons import Person, keep_merges_out, known_persons


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all who apply; trainings and certificates by record."""

    enrolments: Mapping[UUID, CompletedEnrolment]
    people: Mapping[UUID, Person]
    assessors: Mapping[UUID, Person]
    trainings: Mapping[UUID, Sequence[CompletedEnrolment]]
    certificates: Mapping[UUID, Sequence[HeldCertificate]]


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who applies, and for what: the occasion, and the ground on which their attempts are counted."""

    application: Application
    applicant: Applicant
    occasion: str
    series_id: UUID


async def admit_candidates(
    uow: UnitOfWork, session_id: UUID, body_id: str, applications: Sequence[Application]
) -> list[Outcome]:
    """Admit people to a scheduled session (§二(二)5): training over and equal in skill, level and act; independent as
    the kind of body demands; entitled to the level; not certified yet; a resit once in a series (R8)."""
    session = await lock_own_session(uow, session_id, body_id, against="the opening of the session")
    if session.status != AssessmentSessionState.SCHEDULED:
        raise domain.SessionClosedToCandidates
    plan = session.facts()
    known = await _known(uow, plan, applications)
    rules = await rules_on(uow, Rules, plan.held_on)
    entrants = [_entrant(plan, application, known, rules) for application in applications]
    attempts = await attempts_of(uow, {entrant.series_id for entrant in entrants if isinstance(entrant, Entrant)})
    drafts = [entrant if isinstance(entrant, DomainError) else _draft(plan, entrant, attempts, rules)
              for entrant in entrants]  # fmt: skip
    return await create_candidates(uow, plan, drafts)


async def replace_panel(uow: UnitOfWork, session_id: UUID, body_id: str, panel: Panel, reason_code: str) -> SessionRow:
    """Others assess and supervise a scheduled session (R17), as independent of those admitted as the first were."""
    session = await lock_own_session(uow, session_id, body_id, against="an admission, or the opening of the session")
    session.lifecycle.edge(session.status, AssessmentSessionAction.REPLACE_PANEL)
    await check_panel(uow, session, panel)
    first, second = panel.assessor_ids
    plan = replace(session.facts(), assessor_1_id=first, assessor_2_id=second, supervisor_id=panel.supervisor_id)
    applications = [
        Application(row.enrolment_id, None if row.enrolment_id else row.person_id)
        for row in await list_admitted(uow, session_id)
    ]
    known = await _known(uow, plan, applications)
    for application in applications:
        domain.check_panel(plan, _applicant(application, known))
    mark_panel_replaced(uow, session, panel, reason_code)
    return session


async def _known(uow: UnitOfWork, session: AssessmentSessionFacts, applications: Sequence[Application]) -> _Known:
    """Read enrolments, people, trainings and certificates, one query each."""
    await keep_merges_out(uow)
    enrolments = await completed_enrolments(uow, {row.enrolment_id for row in applications if row.enrolment_id})
    named = {row.person_id for row in applications if row.person_id}
    people = await known_persons(uow, named | {enrolment.person_id for enrolment in enrolments.values()})
    records = {record for person in people.values() for record in person.records}
    return _Known(
        enrolments=enrolments,
        people=people,
        assessors=await known_persons(uow, session.panel.assessor_ids),
        trainings=await trainings_of(uow, records, session.skill_code),
        certificates=await held_certificates(uow, records, session.skill_code, session.level),
    )


def _entrant(
    session: AssessmentSessionFacts, application: Application, known: _Known, rules: Rules
) -> Entrant | DomainError:
    try:
        applicant = _applicant(application, known)
        occasion = domain.decide_occasion(session, applicant, rules.review_window_days)
    except DomainError as refusal:
        return refusal
    return Entrant(application, applicant, occasion, domain.series_of(application, session, occasion))


def _draft(
    session: AssessmentSessionFacts, entrant: Entrant, attempts: Mapping[UUID, Sequence[Attempt]], rules: Rules
) -> dict[str, Any] | DomainError:
    """The columns of a candidate who may sit, besides the session's own; otherwise the refusal."""
    application, applicant = entrant.application, entrant.applicant
    earlier = attempts.get(entrant.series_id, ())
    try:
        admission = domain.decide_admission(session, applicant, entrant.occasion, earlier, rules)
    except DomainError as refusal:
        return refusal
    training = applicant.training
    return {
        "person_id": applicant.person_id,
        "occasion": entrant.occasion,
        "enrolment_id": application.enrolment_id,
        "voucher_id": training.voucher_id if training else None,
        "channel": training.channel if training else CHANNELS[session.body_kind],
        "completed_on": training.completed_on if training else None,
        "affiliation": application.affiliation,
        "series_id": entrant.series_id,
        "series_number": admission.series,
        "attempt": admission.attempt,
        "entry_basis": admission.entry.basis.value,
        "entry_evidence": admission.entry.evidence,
    }


def _applicant(application: Application, known: _Known) -> Applicant:
    """Who applies; `CandidateNamedWrongly`, or `NotReceivedYet` for an enrolment or a person that is not known here."""
    enrolment_id, person_id = application.enrolment_id, application.person_id
    if (enrolment_id is None) == (person_id is None):
        raise domain.CandidateNamedWrongly
    training = known.enrolments.get(enrolment_id) if enrolment_id else None
    if enrolment_id is not None and training is None:
        raise NotReceivedYet(noun="enrolment")
    person = known.people.get(training.person_id if training else person_id)  # type: ignore[arg-type]  # one is there
    if person is None:
        raise NotReceivedYet(noun="person")
    courses = [course for record in person.records for course in known.trainings.get(record, ())]
    trainers = {trainer for course in courses for trainer in course.trainer_ids}
    return Applicant(
        person_id=person.id,
        records=person.records,
        training=training,
        trained_by=frozenset(course.institution for course in courses),
        taught_by=frozenset(trainers | _who_is_one_of(trainers, known.assessors)),
        certificates=tuple(held for record in person.records for held in known.certificates.get(record, ())),
        entry=application.entry,
        affiliation=application.affiliation,
    )


def _who_is_one_of(trainers: set[UUID], assessors: Mapping[UUID, Person]) -> set[UUID]:
    """The assessors of whom any record is among `trainers`."""
    return {record for record, assessor in assessors.items() if not trainers.isdisjoint(assessor.records)}
