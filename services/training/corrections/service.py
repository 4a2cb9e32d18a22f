"""Correcting a closed session's attendance, and approving make-ups (D4)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.training.attendance.queries import (
    attended,
    call_roll,
    lock_attendees,
    lock_class_and_session,
    recorded_in,
    standing_in,
)
from services.training.attendance.service import append_records, recount, stay_columns
from services.training.class_sessions.domain import ClassSessionFacts
from services.training.class_sessions.queries import session_facts
from services.training.classes.queries import ClassRow
from services.training.corrections.domain import Correction, CorrectionRow, Corrections, check_correctable
from services.training.rules.domain import Rules
from shared.kernel.errors import DomainError
from shared.persistence import UnitOfWork
from shared.persistence.dated import rules_on
from shared.security import Principal


async def correct_attendance(
    uow: UnitOfWork, session_id: UUID, rows: Sequence[CorrectionRow], officer: Principal
) -> list[Correction | DomainError]:
    """An officer supersedes records of a closed session, or adds make-ups within their part of the hours (D4).

    Possible until the class is verified, for enrolments that have not ended.
    """
    training_class, row = await lock_class_and_session(uow, session_id, officer)
    session = session_facts(row)
    check_correctable(session, training_class.status)
    corrections = await _begin(uow, session, training_class, [line.enrolment_id for line in rows])
    verdicts = [_decide(corrections, line) for line in rows]
    accepted = [verdict for verdict in verdicts if isinstance(verdict, Correction)]
    if accepted:
        await append_records(uow, session_id, [_record(correction) for correction in accepted])
        await recount(uow, session_id)
    return verdicts


async def _begin(
    uow: UnitOfWork, session: ClassSessionFacts, training_class: ClassRow, enrolment_ids: Sequence[UUID]
) -> Corrections:
    rules = await rules_on(uow, Rules, training_class.starts_on)
    roll = await call_roll(uow, session, await lock_attendees(uow, enrolment_ids), rules)
    made_up = await attended(uow, enrolment_ids, rules)
    return Corrections(
        roll=roll,
        standing={record.enrolment_id: record for record in await standing_in(uow, [session.id])},
        last=await recorded_in(uow, session.id),
        make_up_minutes={enrolment_id: made_up[enrolment_id].make_up_minutes for enrolment_id in enrolment_ids},
        planned_minutes=training_class.planned_minutes,
        rules=rules,
    )


def _decide(corrections: Corrections, line: CorrectionRow) -> Correction | DomainError:
    try:
        return corrections.decide(line)
    except DomainError as refusal:
        return refusal


def _record(correction: Correction) -> dict[str, Any]:
    return {
        **stay_columns(correction.attendee, correction.stay),
        "kind": str(correction.kind),
        "supersedes": correction.supersedes,
        "reason_code": correction.reason_code,
    }
